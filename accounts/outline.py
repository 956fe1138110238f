"""The accounts that somebody sees, as a tree to look around in: what stands in what, how much of it, and where."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from accounts.queries import AccountNode
from accounts.values import AccountKind


class Outline:
    """Made of the flat tree, where whatever follows an account further to the right stands below it."""

    def __init__(self, nodes: Sequence[AccountNode]) -> None:
        self._nodes = nodes
        self._above: dict[UUID, AccountNode | None] = {}
        self._children: dict[UUID | None, list[AccountNode]] = defaultdict(list)
        self._inside: dict[UUID, Counter[AccountKind]] = defaultdict(Counter)
        line: list[AccountNode] = []
        for node in nodes:
            del line[node.depth :]
            self._above[node.id] = line[-1] if line else None
            self._children[line[-1].id if line else None].append(node)
            for above in line:
                self._inside[above.id][node.kind] += 1
            line.append(node)

    def parent(self, account_id: UUID) -> AccountNode | None:
        """The account right above it, if it is seen."""
        return self._above[account_id]

    def path(self, account_id: UUID) -> list[AccountNode]:
        """The accounts above it, from the top down."""
        parent = self._above[account_id]
        return [] if parent is None else [*self.path(parent.id), parent]

    def children(self, account_id: UUID | None = None) -> list[AccountNode]:
        """What stands right below an account, or on top; masters first, each kind by name."""
        return sorted(self._children.get(account_id, ()), key=lambda node: node.kind is AccountKind.PROPERTY)

    def below(self, account_id: UUID | None = None) -> Iterator[AccountNode]:
        """Everything below an account, or everything there is, in the order of the tree."""
        for node in self._children.get(account_id, ()):
            yield node
            yield from self.below(node.id)

    def inside(self, account_id: UUID, kind: AccountKind) -> int:
        """How many accounts of a kind stand below it, at any depth."""
        return self._inside[account_id][kind] if account_id in self._inside else 0

    def size(self, account_id: UUID | None = None) -> int:
        """How many accounts stand below it, or how many there are."""
        return len(self._nodes) if account_id is None else sum(self._inside.get(account_id, Counter()).values())

    def found(self, text: str, account_id: UUID | None = None) -> list[AccountNode]:
        """What has all these words in its name or town, below an account or anywhere."""
        words = text.casefold().split()
        return [
            node
            for node in self.below(account_id)
            if all(word in f"{node.name} {node.city}".casefold() for word in words)
        ]

"""What the tables say about opening doors: `roles.txt`, and a row for each door in `portal.txt`, `graphql.txt`,
`ocpp.txt`.

    POST /tags/<uuid:tag_id>  station:manage + session:view
    POST /accounts/<uuid:account_id>/sign-in/company  people:manage; administrator=forbidden

After the door stands what it takes: rights, in the order in which they are asked for; or `everybody`, `signed in`,
`staff`, `oneself` (this one is somebody else's), `nothing` (there is nothing at this address now), `sign in` (whoever
comes is led to the login). `programs`: a key opens it, too. `own`: whatever its ids, it is about the account of whoever
comes. `empty`: those who may find nothing there. `refused`: those who may are told what is wrong with what the test
sends, or that it is not possible now. Behind a semicolon, who is answered otherwise. In a foreign account
nothing is found.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.house.cast import Somebody

FOLDER = Path(__file__).parent
FOR_ALL = {"everybody": "allowed", "nothing": "not found", "sign in": "sign in"}


@dataclass(frozen=True)
class Row:
    """One door."""

    need: str
    flags: frozenset[str]
    others: dict[str, str] = field(default_factory=dict)

    def outcome(self, who: Somebody, *, ids: bool, programs: bool) -> str:
        """What happens when somebody opens it. `ids`: it names a thing of the account; `programs`: keys open it."""
        found = self._answer(who, ids=ids, programs=programs)
        return "refused" if found == "allowed" and "refused" in self.flags else found

    def _answer(self, who: Somebody, *, ids: bool, programs: bool) -> str:
        if who.name in self.others:
            return self.others[who.name]
        if self.need in FOR_ALL:
            return FOR_ALL[self.need]
        if who.name == "visitor" or (who.is_program and not (programs or "programs" in self.flags)):
            return "sign in"
        if self.need in ("signed in", "staff", "oneself"):
            return "allowed" if self.need in ("signed in", who.name) else "not found"
        if who.foreign and ids and "own" not in self.flags:
            return "not found"
        lacking = [right for right in self.need.split(" + ") if right not in roles()[who.holds]]
        if lacking:
            return f"forbidden {lacking[0]}"
        return "not found" if "empty" in self.flags else "allowed"


def table(name: str) -> dict[str, Row]:
    """The rows of a table, by door."""
    return dict(_row(line) for line in lines(name))


@cache
def roles() -> dict[str, set[str]]:
    """What everybody may do where they belong."""
    return {name: set(rights) for name, *rights in map(str.split, lines("roles.txt"))}


def lines(name: str) -> list[str]:
    """What a table says, without its explanations."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _row(line: str) -> tuple[str, Row]:
    door, _, told = line.partition("  ")
    first, *others = (part.strip() for part in told.split(";"))
    need, *flags = (part.strip() for part in first.split(","))
    return door, Row(need, frozenset(flags), dict(part.split("=", 1) for part in others))

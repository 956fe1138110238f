"""The only gate. To fetch is to ask permission; what an actor may not see does not exist for it.

Grants count for the account they were given on and for every account below it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from accounts.models import Account, AccountLineage
from accounts.rights import ROLE_RIGHTS, Right, Role
from kit import db, use_case
from kit.errors import Forbidden, NotFound


class ActorKind(Enum):
    """Who can walk through a door."""

    USER = "user"
    TOKEN = "token"  # noqa: S105  # a kind, not a secret
    STATION = "station"
    PAYER = "payer"
    ANYONE = "anyone"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Somebody who wants something. `grants`: roles by the account they were given on."""

    kind: ActorKind
    id: UUID | None = None
    grants: Mapping[UUID, frozenset[Role]] = field(default_factory=dict)
    staff: bool = False

    @property
    def reference(self) -> str:
        """A stable text for audit lines, for example `user:018f…`."""
        return self.kind.value if self.id is None else f"{self.kind.value}:{self.id}"

    @classmethod
    def station(cls, station_id: UUID) -> "Actor":
        """A charger that proved its identity at connect; it reaches only its own rows."""
        return cls(ActorKind.STATION, station_id)

    @classmethod
    def payer(cls, payment_id: UUID) -> "Actor":
        """Whoever holds the cookie or the mailed link of one payment; reaches that payment and its session."""
        return cls(ActorKind.PAYER, payment_id)


ANYONE = Actor(ActorKind.ANYONE)
SYSTEM = Actor(ActorKind.SYSTEM)


T = TypeVar("T")
Columns = TypeVarTuple("Columns")


def allowed(actor: Actor, right: Right, model: type[T], row_id: UUID, *, lock: bool = False) -> T:
    """Fetch a row and ask for the right in one step.

    Raises NotFound when the row is in no account the actor sees, Forbidden when the right is missing there.
    `lock` takes the row `FOR UPDATE` (SQLite's writers are one after another anyway).
    """
    row = db.session().get(model, row_id, with_for_update=lock or None)
    if row is None:
        raise NotFound()
    account_id = row.id if isinstance(row, Account) else row.account_id  # type: ignore[attr-defined]
    _ask(actor, right, account_id)
    return row


def allowed_in(actor: Actor, right: Right, account_id: UUID) -> None:
    """Ask for the right in an account without fetching a row of it."""
    _ask(actor, right, account_id)


def visible(actor: Actor, right: Right, statement: Select[*Columns], model: Any) -> Select[*Columns]:
    """Narrow a SELECT to the rows of accounts where the actor holds the right."""
    use_case.checked()
    if actor.kind is ActorKind.SYSTEM:
        return statement
    holding = [account for account, roles in actor.grants.items() if _holds(roles, right)]
    column = model.id if model is Account else model.account_id
    below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id.in_(holding))
    return statement.where(column.in_(below))


def within(model: Any, account_id: UUID) -> ColumnElement[bool]:
    """For a WHERE: the row belongs to this account or to one below it. No gate: `visible` still decides."""
    column = model.id if model is Account else model.account_id
    below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
    return cast("ColumnElement[bool]", column.in_(below))


def can(actor: Actor, right: Right, account_id: UUID) -> bool:
    """Whether to show a thing. The door decides again."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    return right in _rights(actor, account_id)


def public(why: str) -> None:
    """This door is open to everybody; `why` says so to the reader."""
    assert why
    use_case.checked()


def system(actor: Actor) -> None:
    """Only the program itself (reactions, jobs, the writer) may do this."""
    if actor.kind is not ActorKind.SYSTEM:
        raise Forbidden("system")
    use_case.checked()


def staff(actor: Actor) -> None:
    """Only people who run the platform may do this; for others it does not exist."""
    if not actor.staff:
        raise NotFound()
    use_case.checked()


def oneself(actor: Actor, kind: ActorKind, row_id: UUID, account_id: UUID | None = None) -> None:
    """The actor is exactly this thing: the station, the payer, the signed-in user."""
    if actor.kind is not ActorKind.SYSTEM and (actor.kind is not kind or actor.id != row_id):
        raise NotFound()
    use_case.checked(account_id)


def _ask(actor: Actor, right: Right, account_id: UUID) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        rights = _rights(actor, account_id)
        if not rights:
            raise NotFound()
        if right not in rights:
            raise Forbidden(right.value)
    use_case.checked(account_id)


def _rights(actor: Actor, account_id: UUID) -> frozenset[Right]:
    if not actor.grants:
        return frozenset()
    above = db.session().scalars(select(AccountLineage.ancestor_id).where(AccountLineage.account_id == account_id))
    roles = (role for ancestor in above for role in actor.grants.get(ancestor, ()))
    return frozenset().union(*(ROLE_RIGHTS[role] for role in roles))


def _holds(roles: frozenset[Role], right: Right) -> bool:
    return any(right in ROLE_RIGHTS[role] for role in roles)

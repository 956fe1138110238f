"""The only gate. To fetch is to ask permission; what an actor may not see does not exist for it.

A grant counts for the account it was given on, and for the accounts that gave that one a role (see `accounts.shares`):
an account further up sees and acts through what it was given, never by standing above.
"""

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, TypeVarTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, true

from accounts import shares, uses
from accounts.entitlements import covers, entitled
from accounts.errors import LicenceNeeded
from accounts.functions import Function
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from accounts.shares import (
    EVERYTHING,
    NOTHING,
    Held,
    Share,
    limited,
    mandated,
    mandates,
    rights_of,
    share,
    within_shares,
)
from kit import db, held, use_case
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
    """Somebody who wants something. `grants`: what was given, by the account it was given on.

    `on_behalf_of`: the account that somebody of the platform visits to look at it, and to do nothing there. `closed`:
    accounts that demand more of whoever comes than this login shows, whatever the way there.
    """

    kind: ActorKind
    id: UUID | None = None
    grants: Mapping[UUID, frozenset[Held]] = field(default_factory=dict)
    staff: bool = False
    on_behalf_of: UUID | None = None
    closed: frozenset[UUID] = frozenset()

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

    def limited(self, rights: Collection[Right]) -> "Actor":
        """The same actor with no more than these rights: somebody's key that may do less than himself."""
        kept = {account: frozenset(limited(held, rights) for held in helds) for account, helds in self.grants.items()}
        return replace(self, grants=kept, staff=False)


ANYONE = Actor(ActorKind.ANYONE)
SYSTEM = Actor(ActorKind.SYSTEM)


T = TypeVar("T")
Columns = TypeVarTuple("Columns")


def allowed(actor: Actor, right: Right, model: type[T], row_id: UUID, *, lock: bool = False) -> T:
    """Fetch a row and ask for the right in one step.

    Raises NotFound when the actor may do nothing with the row, Forbidden when the right is missing there.
    `lock` takes the row `FOR UPDATE`, unless the transaction holds it already.
    """
    row = held.row(model, row_id, lock=lock)
    if row is None:
        raise NotFound()
    account_id = row.id if isinstance(row, Account) else row.account_id  # type: ignore[attr-defined]
    _ask(actor, right, account_id, row)
    return row


def allowed_in(actor: Actor, right: Right, account_id: UUID) -> None:
    """Ask for the right in a whole account without fetching a row of it."""
    _ask(actor, right, account_id)


def licensed(actor: Actor, function: Function, account_id: UUID, station_id: UUID | None = None) -> None:
    """Ask for a function, after the right: of a station, or of the account. Raises LicenceNeeded."""
    if actor.kind is not ActorKind.SYSTEM and not entitled(function, account_id, station_id):
        raise LicenceNeeded(function, account_id, station_id)


def covered(actor: Actor, function: Function, station_id: Any, account_id: Any) -> ColumnElement[bool]:
    """For a WHERE, of two columns: the station has the function. No gate: `visible` still decides."""
    return true() if actor.kind is ActorKind.SYSTEM else covers(function, station_id, account_id)


def visible(actor: Actor, right: Right, statement: Select[*Columns], model: Any) -> Select[*Columns]:
    """Narrow a SELECT to the rows where the actor holds the right: whole accounts, and single stations of others."""
    use_case.checked()
    if actor.kind is ActorKind.SYSTEM:
        return statement
    column = model.id if model is Account else model.account_id
    entire = _used(actor, right)
    lent = [account for account in entire if right not in _whole(_own(actor.grants[account]))]
    reach = _reach(set(entire).difference(lent), right, lent)
    found = statement.where(or_(column.in_(reach), *_scoped_ways(actor, right, model, column)))
    return found.where(column.not_in(actor.closed)) if actor.closed else found


def prepared(actor: Actor, right: Right, build: Callable[..., Select[*Columns]], *shape: Hashable) -> Select[*Columns]:
    """The SELECT that `build(actor, *shape)` makes with `visible`, made once for everybody who holds the same.

    To make one and to find how it was compiled takes longer than to run it. What differs from one time to the next is
    a bind parameter of it, and the present is `db.present()`.
    """
    use_case.checked()
    held = None if actor.kind is ActorKind.SYSTEM else (frozenset(actor.grants.items()), actor.closed)
    if held is not None:
        _used(actor, right)
    built: Select[*Columns] = _built(build, held, shape)
    return built


@lru_cache(maxsize=1000)
def _built(build: Callable[..., Any], held: tuple[frozenset[Any], frozenset[UUID]] | None, shape: Any) -> Any:
    known = SYSTEM if held is None else Actor(ActorKind.ANYONE, grants=dict(held[0]), closed=held[1])
    return build(known, *shape)


def _used(actor: Actor, right: Right) -> list[UUID]:
    """Where the actor holds the right on the whole; of a person it is noted, on single stations, too."""
    if actor.kind is ActorKind.USER and actor.id is not None:
        for account_id, helds in actor.grants.items():
            if any(right in rights_of(held) for held in helds):
                uses.used(actor.id, account_id)
    return [account for account, helds in actor.grants.items() if right in _whole(helds)]


def _reach(holders: Collection[UUID], right: Right, lent: Collection[UUID] = ()) -> Any:
    """Accounts and those that gave them the right; of what is only `lent` to the actor, nothing beyond."""
    return select(Account.id).where(Account.id.in_([*holders, *lent])).union_all(mandated(holders, right))


def _scoped_ways(actor: Actor, right: Right, model: Any, column: Any) -> list[ColumnElement[bool]]:
    """What stations and groups add to the accounts that the actor sees as a whole."""
    ways = []
    for account_id, helds in actor.grants.items():
        shares = [held for held in helds if isinstance(held, Share) and not held.whole and right in held.rights]
        if not shares:
            continue
        if model is Account:
            ways += [column == account_id] if right in _SEEN_BY_ALL else []
        elif (station := _station_column(model)) is not None:
            ways.append(_in_accounts(column, account_id, shares, right) & within_shares(shares, station))
    return ways


def _in_accounts(column: Any, account_id: UUID, shares: Collection[Share], right: Right) -> ColumnElement[bool]:
    """A person's share counts as far as the account's mandates go; what came through another account stays here."""
    if all(one.via for one in shares):
        return cast("ColumnElement[bool]", column == account_id)
    return cast("ColumnElement[bool]", column.in_(_reach([account_id], right)))


def within(model: Any, account_id: UUID) -> ColumnElement[bool]:
    """For a WHERE: the row belongs to this account or to one below it. No gate: `visible` still decides."""
    column = model.id if model is Account else model.account_id
    below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
    return cast("ColumnElement[bool]", column.in_(below))


def can(actor: Actor, right: Right, account_id: UUID) -> bool:
    """Whether to show a thing of the whole account. The door decides again."""
    return actor.kind is ActorKind.SYSTEM or right in _rights(actor, account_id)


def rights_in(actor: Actor, account_id: UUID) -> frozenset[Right]:
    """Everything that the actor may do in the whole account."""
    return EVERYTHING if actor.kind is ActorKind.SYSTEM else _rights(actor, account_id)


def rights_everywhere(actor: Actor) -> dict[UUID, frozenset[Right]]:
    """The same for every account in which the actor may do something. One statement."""
    found = {account_id: _rights_told(helds, None) for account_id, helds in actor.grants.items()}
    for account_id, holder_id, given in shares.mandates_of(actor.grants):
        found[account_id] = found.get(account_id, NOTHING) | given & _handed_on(actor, holder_id, None)
    return {account_id: rights for account_id, rights in found.items() if account_id not in actor.closed}


def anywhere_in(actor: Actor, account_id: UUID) -> frozenset[Right]:
    """What was given to the actor on this account, be it on a single station."""
    helds = () if account_id in actor.closed else actor.grants.get(account_id, ())
    return NOTHING.union(*map(rights_of, helds))


def public(why: str) -> None:
    """This door is open to everybody; `why` says so to the reader."""
    assert why
    use_case.checked()


def system(actor: Actor) -> None:
    """Only the program itself (reactions, jobs, the writer) may do this."""
    if actor.kind is not ActorKind.SYSTEM:
        raise Forbidden("system")
    use_case.checked()


def staff(actor: Actor, account_id: UUID | None = None) -> None:
    """Only people who run the platform may do this; for others it does not exist. `account_id`: whose log tells it."""
    if not actor.staff:
        raise NotFound()
    use_case.as_staff(account_id)


def visiting(actor: Actor) -> UUID:
    """Only somebody of the platform who visits an account may do this; that account."""
    if actor.on_behalf_of is None:
        raise NotFound()
    use_case.as_staff(actor.on_behalf_of)
    return actor.on_behalf_of


def oneself(actor: Actor, kind: ActorKind, row_id: UUID, account_id: UUID | None = None) -> None:
    """The actor is exactly this thing: the station, the payer, the signed-in user."""
    if actor.kind is not ActorKind.SYSTEM and (actor.kind is not kind or actor.id != row_id):
        raise NotFound()
    use_case.checked(account_id)


def _ask(actor: Actor, right: Right, account_id: UUID, row: object = None) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        rights = _rights(actor, account_id, row)
        if not rights:
            raise NotFound()
        if right not in rights:
            raise Forbidden(right.value)
        if actor.kind is ActorKind.USER and actor.id is not None:
            uses.used(actor.id, account_id)
        if account_id not in actor.grants:
            _tell_through(actor, right, account_id, row)
    use_case.checked(account_id, row)


def _tell_through(actor: Actor, right: Right, account_id: UUID, row: object) -> None:
    """A master at work on a property: the line says so."""
    for holder_id, given in mandates(account_id):
        if right in given & _handed_on(actor, holder_id, row):
            use_case.through(holder_id)


_SEEN_BY_ALL = frozenset({Right.VIEW_ACCOUNT})  # whoever works on a single station sees whose it is


def _rights(actor: Actor, account_id: UUID, row: object = None) -> frozenset[Right]:
    """What the actor may do with this row; without one, or with the account's own, in the whole account."""
    if account_id in actor.closed:
        return NOTHING
    rights = _rights_told(actor.grants.get(account_id, ()), row)
    if len(actor.grants) > (account_id in actor.grants):
        for holder_id, given in mandates(account_id):
            rights |= given & _handed_on(actor, holder_id, row)
    return rights


def _rights_told(helds: Collection[Held], row: object) -> frozenset[Right]:
    if row is None or isinstance(row, Account):
        return _whole(helds) | _SEEN_BY_ALL & NOTHING.union(*map(rights_of, helds))
    return _on_row(helds, row)


def _handed_on(actor: Actor, holder_id: UUID, row: object) -> frozenset[Right]:
    """What the actor holds in an account and may use where that account was given something: one step, no further."""
    return _on_row(_own(actor.grants.get(holder_id, ())), row)


def _own(helds: Collection[Held]) -> list[Held]:
    """What somebody holds himself, and not through another account or for a visit."""
    return [held for held in helds if share(held).via is None]


def _on_row(helds: Collection[Held], row: object) -> frozenset[Right]:
    if row is None or isinstance(row, Account):
        return _whole(helds)
    return NOTHING.union(*(rights_of(held) for held in helds if _covers(held, row)))


def _whole(helds: Collection[Held]) -> frozenset[Right]:
    return NOTHING.union(*(rights_of(held) for held in helds if share(held).whole))


def _covers(held: Held, row: object) -> bool:
    known = share(held)
    return known.whole or known.covers(_station_of(row))


def _station_column(model: Any) -> Any:
    """The column by which rows hang on a station; tables that reach it in more steps say so themselves."""
    told = getattr(model, "station_scope", None)
    return told() if told is not None else getattr(model, "station_id", None)


def _station_of(row: Any) -> UUID | None:
    found = _station_column(type(row))
    if found is None:
        return None
    if getattr(found, "key", None) in ("id", "station_id"):
        return cast("UUID", getattr(row, found.key))
    return db.session().scalar(select(found).where(type(row).id == row.id))

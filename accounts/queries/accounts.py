"""Accounts as the portal and the other rooms see them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from accounts import access
from accounts.access import Actor, ActorKind, allowed, visible
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from accounts.shares import EVERYTHING
from accounts.values import AccountId, AccountKind
from kit import db
from kit.errors import Invalid, NotFound
from kit.paging import Page
from kit.use_case import query


@dataclass(frozen=True)
class AccountNode:
    """An account in the tree: `depth` 0 stands on the left. `rights`: what the actor may do in all of it; `reach`: also
    what they may do with some of its stations.
    """

    id: AccountId
    name: str
    city: str
    kind: AccountKind
    depth: int
    time_zone: str
    suspended_at: datetime | None
    rights: frozenset[Right]
    reach: frozenset[Right]


@dataclass(frozen=True)
class Choice:
    """An account to change to; `depth` 0 stands on the left."""

    id: AccountId
    name: str
    depth: int


@dataclass(frozen=True)
class AccountMenu:
    """What to choose an account from: the whole tree or, where that is too long, the first `masters` in it."""

    tree: list[AccountNode] | None
    masters: Sequence[Choice] = ()


@query
def account_tree(actor: Actor) -> list[AccountNode]:
    """Every account the actor sees, masters by name with what is below them. Two statements."""
    return _nodes(actor, list(db.session().scalars(_seen(actor))))


@query
def account_node(actor: Actor, account_id: AccountId) -> AccountNode | None:
    """One account by itself; None where the actor does not see it."""
    row = db.session().scalar(_seen(actor).where(Account.id == account_id))
    return None if row is None else _node(actor, row, 0, access.rights_in(actor, account_id))


@query
def account_menu(actor: Actor, most: int) -> AccountMenu:
    """What the actor can choose an account from. Two statements, one where there are more than `most`."""
    first = _seen(actor).order_by(Account.kind != AccountKind.MASTER, func.lower(Account.name)).limit(most + 1)
    rows = list(db.session().scalars(first))
    if len(rows) <= most:
        return AccountMenu(_nodes(actor, rows))
    masters = [row for row in rows[:most] if row.kind is AccountKind.MASTER]
    return AccountMenu(None, [Choice(AccountId(row.id), row.name, depth) for row, depth in _as_tree(masters)])


def _seen(actor: Actor) -> Select[Account]:
    facts = db.facts(Account, "id", "parent_id", "name", "city", "kind", "time_zone", "suspended_at")
    found: Select[Account] = visible(actor, Right.VIEW_ACCOUNT, select(facts), Account)
    return found


def _nodes(actor: Actor, rows: list[Account]) -> list[AccountNode]:
    rights = access.rights_everywhere(actor)
    return [_node(actor, row, depth, rights.get(row.id, frozenset())) for row, depth in _as_tree(rows)]


def _as_tree(rows: list[Account]) -> Iterator[tuple[Account, int]]:
    """By name, what is below an account behind it; what is below none of these stands on the left."""
    seen = {row.id for row in rows}
    below: dict[UUID | None, list[Account]] = {}
    for row in sorted(rows, key=lambda row: row.name.casefold()):
        below.setdefault(row.parent_id if row.parent_id in seen else None, []).append(row)
    return _flatten(below, None, 0)


def _flatten(below: dict[UUID | None, list[Account]], parent: UUID | None, depth: int) -> Iterator[tuple[Account, int]]:
    for row in below.get(parent, []):
        yield row, depth
        yield from _flatten(below, row.id, depth + 1)


def _node(actor: Actor, row: Account, depth: int, rights: frozenset[Right]) -> AccountNode:
    return AccountNode(
        id=AccountId(row.id),
        name=row.name,
        city=row.city,
        kind=row.kind,
        depth=depth,
        time_zone=row.time_zone,
        suspended_at=row.suspended_at,
        rights=EVERYTHING if actor.kind is ActorKind.SYSTEM else rights,
        reach=rights | access.anywhere_in(actor, row.id),
    )


@query
def account(actor: Actor, account_id: AccountId) -> Account:
    """One account. Raises NotFound."""
    return allowed(actor, Right.VIEW_ACCOUNT, Account, account_id)


@query
def account_code(actor: Actor, account_id: AccountId) -> str:
    """The account's part of its chargers' addresses, for who adds chargers. Raises NotFound, Forbidden."""
    return allowed(actor, Right.MANAGE_STATIONS, Account, account_id).code


@dataclass(frozen=True)
class Seller:
    """The operator as drivers see it. `uid` is empty unless registered for VAT."""

    account_id: UUID
    name: str
    street: str
    postcode: str
    city: str
    country: str
    email: str
    phone: str
    uid: str
    vat_registered: bool
    language: str
    time_zone: str
    currency: str
    suspended: bool

    @property
    def address_lines(self) -> Sequence[str]:
        """Street and place as on an envelope."""
        place = f"{self.country}-{self.postcode} {self.city}" if self.postcode else self.city
        return [line for line in (self.street, place.strip()) if line]


@query
def seller(actor: Actor, account_id: AccountId) -> Seller:
    """The public facts of an operator: name, address, contact. Raises NotFound."""
    access.public("a driver must know who sells")
    row = db.session().get(Account, account_id)
    if row is None:
        raise NotFound()
    legal = seller_of(account_id)
    return Seller(
        account_id=row.id,
        name=legal.name,
        street=legal.street,
        postcode=legal.postcode,
        city=legal.city,
        country=legal.country,
        email=legal.contact_email,
        phone=legal.contact_phone,
        uid=legal.uid if legal.vat_registered else "",
        vat_registered=legal.vat_registered,
        language=row.language,
        time_zone=row.time_zone,
        currency=row.currency,
        suspended=row.suspended_at is not None,
    )


@query
def tenants(
    actor: Actor, *, search: str = "", to_review: bool = False, number: int = 1, size: int = 25
) -> Page[Account]:
    """All accounts of the platform by name, for its staff. `to_review`: complete seller data nobody looked at yet."""
    access.staff(actor)
    found = select(Account)
    if search.strip():
        pattern = f"%{search.strip().lower().replace('%', '').replace('_', '')}%"
        fields = (Account.name, Account.legal_name, Account.city, Account.contact_email, Account.uid)
        found = found.where(or_(*(func.lower(field).like(pattern) for field in fields)))
    if to_review:
        complete = (Account.legal_name != "", Account.street != "", Account.city != "")
        found = found.where(Account.reviewed_at.is_(None), *complete)
    total = db.session().scalar(select(func.count()).select_from(found.subquery())) or 0
    number = max(1, number)
    ordered = found.order_by(func.lower(Account.name), Account.id).limit(size).offset((number - 1) * size)
    return Page(tuple(db.session().scalars(ordered)), number, size, total)


@query
def tenant(actor: Actor, account_id: AccountId) -> Account:
    """Any account of the platform, for its staff. Raises NotFound."""
    access.staff(actor)
    row = db.session().get(Account, account_id)
    if row is None:
        raise NotFound()
    return row


@query
def tenants_named(actor: Actor, names: Sequence[str]) -> list[Account]:
    """The accounts with exactly these names (or codes), for the staff. Raises Invalid(accounts=) where one of them is
    nobody's, or several accounts'.
    """
    access.staff(actor)
    wanted = {name.strip().casefold() for name in names if name.strip()}
    found = list(
        db.session().scalars(
            select(Account)
            .where(or_(func.lower(Account.name).in_(wanted), Account.code.in_([name.upper() for name in wanted])))
            .order_by(Account.name)
        )
    )
    told = [{row.name.casefold(), row.code.casefold()} & wanted for row in found]
    if wanted - set().union(*told):
        raise Invalid(accounts="unknown_account")
    if len(found) > len(wanted):
        raise Invalid(accounts="ambiguous_account")
    return found

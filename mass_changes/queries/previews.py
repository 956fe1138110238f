"""What a mass change would come to, connector by connector, before anything is changed. A page takes as many
statements for twenty thousand connectors as for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, Uuid, func, literal, select, tuple_

from accounts.access import Actor, allowed, visible
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from accounts.values import AccountId
from billing import payees
from billing.models import Tariff
from billing.payees import Place
from billing.price_rules import judged_prices, judged_vat, kept_vat
from billing.queries import prices_of
from billing.values import BLOCKED, Earning, VerificationState
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.errors import Invalid
from kit.use_case import query
from mass_changes.results import Facts, new_prices
from mass_changes.rights import NEEDED
from mass_changes.scopes import judged_scope, meant
from mass_changes.values import ConnectorPlace, Scope, Subject, Wish
from mass_changes.wishes import judged_wish
from stations.models import Connector, Station

Columns = TypeVarTuple("Columns")


@dataclass(frozen=True)
class PreviewRow:
    """A connector before and after. `before` and `after` are as the rows of a run keep them; None: no price. `problem`:
    why nothing is changed here, with what it is about. `charging`: a session runs there, and keeps its price.
    """

    place: ConnectorPlace
    account_id: UUID
    station_id: UUID
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    problem: str | None
    field: str | None
    charging: bool


@dataclass(frozen=True)
class Preview:
    """One page, and how many connectors there are in all; of these, for how many the right is missing."""

    rows: tuple[PreviewRow, ...]
    connectors: int
    forbidden: int


@dataclass(frozen=True)
class _Known:
    """What the rows of a page have in common."""

    prices: dict[UUID, Tariff]
    lines: dict[UUID, list[Place]]
    mine: set[UUID]
    charging: set[UUID]


@query
def preview_mass_change(
    actor: Actor,
    account_id: AccountId,
    wish: Wish,
    scope: Scope,
    *,
    after: ConnectorPlace | None = None,
    limit: int = 25,
) -> Preview:
    """What `start_mass_change` would do now; it refuses with the same words."""
    right = NEEDED[wish.subject]
    allowed(actor, right, Account, account_id)
    judged_wish(wish)
    judged_scope(scope)
    seen = visible(actor, Right.VIEW_STATIONS, meant(select(Connector.id), account_id, scope), Connector)
    total = _count(seen)
    mine = _count(visible(actor, right, seen, Connector))
    return Preview(_rows(actor, wish, _page(seen, after, limit)), total, total - mine)


def _count(seen: Select[UUID]) -> int:
    return db.session().scalar(seen.with_only_columns(func.count())) or 0


def _page(seen: Select[UUID], after: ConnectorPlace | None, limit: int) -> list[tuple[Any, ...]]:
    """The next connectors with the names of where they stand. Sorted by their ids alone, whole rows are too wide."""
    key = func.lower(Account.name), func.lower(Station.name), Connector.number, Connector.id
    sought = _placed(seen)
    if after is not None:
        last = (func.lower(literal(after.account)), func.lower(literal(after.station)), literal(after.number))
        sought = sought.where(tuple_(*key) > tuple_(*last, literal(after.connector_id, Uuid())))
    page = sought.order_by(*key).limit(limit).subquery()
    named = _placed(select(Connector, db.facts(Account, "id", "name"), db.facts(Station, "id", "name")))
    return [tuple(row) for row in db.session().execute(named.where(Connector.id.in_(select(page.c.id))).order_by(*key))]


def _placed(of_connectors: Select[*Columns]) -> Select[*Columns]:
    joined = of_connectors.join(Station, Station.id == Connector.station_id)
    return joined.join(Account, Account.id == Connector.account_id)


def _rows(actor: Actor, wish: Wish, found: Sequence[tuple[Any, ...]]) -> tuple[PreviewRow, ...]:
    connectors = [row[0] for row in found]
    known = _known(actor, wish, connectors)
    return tuple(_row(wish, known, *row) for row in found)


def _known(actor: Actor, wish: Wish, connectors: Sequence[Connector]) -> _Known:
    ids = [one.id for one in connectors]
    of_them = select(Connector.id).where(Connector.id.in_(ids))
    running = select(ChargingSession.connector_id).where(
        ChargingSession.connector_id.in_(ids), ChargingSession.state == SessionState.ACTIVE
    )
    session, prices = db.session(), wish.subject is not Subject.OPENING_HOURS
    return _Known(
        prices=prices_of(actor, ids) if prices else {},
        lines=payees.lines_of({one.account_id for one in connectors}) if prices else {},
        mine=set(session.scalars(visible(actor, NEEDED[wish.subject], of_them, Connector))),
        charging=set(session.scalars(running)) if prices else set(),
    )


def _row(wish: Wish, known: _Known, connector: Connector, account: Any, station: Any) -> PreviewRow:
    facts = Facts(connector, known.prices.get(connector.id))
    before = facts.present(wish.subject)
    after, problem, field = None, None, None
    if connector.id not in known.mine:
        problem, field = "forbidden", NEEDED[wish.subject].value
    elif wish.subject is Subject.OPENING_HOURS:
        after = wish.plain()
    else:
        after, problem, field = _priced(wish, facts, known.lines[connector.account_id])
    return PreviewRow(
        place=ConnectorPlace(account.name, station.name, connector.number, connector.id),
        account_id=connector.account_id,
        station_id=connector.station_id,
        name=connector.name,
        before=before,
        after=after,
        problem=problem,
        field=field,
        charging=connector.id in known.charging,
    )


def _priced(wish: Wish, facts: Facts, line: Sequence[Place]) -> tuple[dict[str, Any] | None, str | None, str | None]:
    """The price that would stand there, or what the door would say against it, and about what."""
    account = line[0][0]
    try:
        prices = new_prices(wish, facts.tariff)
    except Invalid as refusal:
        field, code = next(iter(refusal.fields.items()))
        return None, code, field
    seller, vat_percent = seller_of(account.id), wish.vat_percent
    if wish.subject is Subject.PRICES:
        vat_percent = kept_vat(seller, facts.vat_percent, account.time_zone)
    percent, vat_problem = judged_vat(seller, vat_percent, account.time_zone)
    problems = judged_prices(prices) | ({"vat_percent": vat_problem} if vat_problem else {})
    for field, code in problems.items():
        return None, code, field
    in_charge = payees.in_charge(line)
    state = payees.state_of(in_charge[1] if in_charge else None)
    if any(prices.values()) and Earning.PRICES in BLOCKED[state]:
        restricted = state is VerificationState.RESTRICTED
        return None, "verification_restricted" if restricted else "not_verified", None
    amounts = {part: str(amount) for part, amount in prices.items()}
    rate = None if percent is None else str(percent)
    return {"currency": account.currency, "vat_percent": rate} | amounts, None, None

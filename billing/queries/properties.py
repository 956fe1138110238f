"""All properties of a master side by side, as far as each of them lets the reader know. A page takes three statements
and the sums two, however many there are.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, func, literal, or_, select, tuple_, union_all

from accounts.access import Actor, allowed, visible
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from accounts.values import AccountId, AccountKind
from billing import measures
from billing.measures import Months, Narrow
from billing.values import Attention, PropertyPlace, PropertySort
from kit import db
from kit.use_case import query
from stations.models import Station
from stations.queries.states import state_of
from stations.values import ConnectorStatus, ShownState


@dataclass(frozen=True)
class Earned:
    """Sales with VAT in minor units, refunds taken off: of this month, and of last month until the same point."""

    gross_minor: int
    before_minor: int


@dataclass
class Figures:
    """What is known of one property, or of all. `seen`: what the reader may know of the whole of it.

    `troubled` counts stations that are faulted or out of service. Sessions and energy are of this month,
    `energy_before_wh` of last month until the same point. `tasks` count what somebody should look at: `doubts`, `ends`
    without a session, and `waiting` chargers.
    """

    seen: set[Right] = field(default_factory=set)
    stations: int = 0
    troubled: int = 0
    states: dict[ShownState, int] = field(default_factory=lambda: dict.fromkeys(ShownState, 0))
    running: int = 0
    sessions: int = 0
    energy_wh: int = 0
    energy_before_wh: int = 0
    incomes: dict[str, Earned] = field(default_factory=dict)
    tasks: dict[str, int] = field(default_factory=dict)

    @property
    def open_tasks(self) -> int:
        """How much somebody should look at."""
        return sum(self.tasks.values())

    def learn(self, source: str, key: str, first: int, second: int, third: int) -> None:
        """Take one measure in."""
        match source:
            case "seen":
                self.seen.add(Right(key))
            case "stations":
                self.troubled, self.stations = first, second
            case "connectors":
                self.states[state_of(ConnectorStatus(key), heard=True)] += first
                self.states[state_of(ConnectorStatus(key), heard=False)] += second
            case "running":
                self.running = first
            case "charged":
                self.energy_wh, self.energy_before_wh, self.sessions = first, second, third
            case "sales":
                self.incomes[key] = Earned(first, second)
            case "tasks":
                self.tasks[key] = first


@dataclass(frozen=True)
class PropertyRow:
    """An account in the overview, and its place in the order."""

    id: AccountId
    name: str
    kind: AccountKind
    city: str
    currency: str
    parent_id: UUID | None
    figures: Figures
    place: PropertyPlace


@query
def properties(
    actor: Actor,
    account_id: AccountId,
    *,
    text: str = "",
    attention: Attention | None = None,
    chosen: Collection[UUID] = (),
    sort: PropertySort = PropertySort.NAME,
    after: PropertyPlace | None = None,
    limit: int = 25,
) -> list[PropertyRow]:
    """The properties below a master that follow `after`; of `chosen` only these. Raises NotFound, Forbidden.

    Ordered by income, amounts are compared as they are, whatever their currency.
    """
    months = Months.now(allowed(actor, Right.VIEW_ACCOUNT, Account, account_id).time_zone)
    below = _below(account_id)
    value, found = _ordered(actor, below, sort, months)
    found = found.where(*_wanted(actor, below, text, attention, chosen))
    key = -value, func.lower(Account.name), Account.id
    if after is not None:
        last = literal(-after.value), func.lower(literal(after.name)), literal(after.id, Uuid())
        found = found.where(tuple_(*key) > tuple_(*last))
    rows = db.session().execute(found.order_by(*key).limit(limit)).all()
    ids = [row.id for row in rows]
    told = _told(measures.all_of(actor, lambda column: column.in_(ids), months)) if ids else {}
    return [_row(row, told.get(row.id, Figures())) for row in rows]


@query
def property_totals(actor: Actor, account_id: AccountId) -> Figures:
    """The same figures of all properties below a master together. Raises NotFound, Forbidden."""
    months = Months.now(allowed(actor, Right.VIEW_ACCOUNT, Account, account_id).time_zone)
    each = measures.all_of(actor, _below(account_id), months).subquery()
    sums = [func.sum(each.c[name]) for name in measures.NUMBERS]
    nobody = literal(None, Uuid())
    return _told(select(nobody, each.c.source, each.c.key, *sums).group_by(each.c.source, each.c.key)).get(
        None, Figures()
    )


def _below(account_id: UUID) -> Narrow:
    rows = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
    below = rows.where(AccountLineage.account_id != account_id)
    return lambda column: column.in_(below)


def _ordered(actor: Actor, below: Narrow, sort: PropertySort, months: Months) -> tuple[Any, Select[Any]]:
    """What the order begins with, the largest first, and the accounts with it."""
    told = (Account.id, Account.name, Account.kind, Account.city, Account.currency, Account.parent_id)
    value: Any = literal(0)
    found: Select[Any] = select(*told, value.label("value"))
    if sort is not PropertySort.NAME:
        by_trouble = sort is PropertySort.TROUBLE
        each = (measures.trouble(actor, below) if by_trouble else measures.sales(actor, below, months)).subquery()
        sums = select(each.c.account_id, func.sum(each.c.first).label("first")).group_by(each.c.account_id).subquery()
        value = func.coalesce(sums.c.first, 0)
        found = select(*told, value.label("value")).outerjoin(sums, sums.c.account_id == Account.id)
    return value, visible(actor, Right.VIEW_ACCOUNT, found.where(below(Account.id)), Account)


def _wanted(
    actor: Actor, below: Narrow, text: str, attention: Attention | None, chosen: Collection[UUID]
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if words := text.strip():
        wanted.append(or_(*(one.icontains(words, autoescape=True) for one in (Account.name, Account.city))))
    if chosen:
        wanted.append(Account.id.in_(chosen))
    if attention is Attention.TROUBLE:
        each = measures.trouble(actor, below).subquery()
        wanted.append(Account.id.in_(select(each.c.account_id).where(each.c.first > 0)))
    if attention is Attention.TASKS:
        some = union_all(*measures.tasks(actor, below)).subquery()
        wanted.append(Account.id.in_(select(some.c.account_id)))
    if attention is Attention.EMPTY:
        standing = visible(actor, Right.VIEW_STATIONS, select(Station.account_id), Station)
        known = visible(actor, Right.VIEW_STATIONS, select(Account.id), Account)
        wanted += [Account.id.not_in(standing), Account.id.in_(known)]
    return wanted


def _told(measured: Any) -> dict[UUID | None, Figures]:
    """Figures by account."""
    found: dict[UUID | None, Figures] = {}
    for account_id, source, key, *numbers in db.session().execute(measured):
        first, second, third = (int(one or 0) for one in numbers)
        found.setdefault(account_id, Figures()).learn(source, key, first, second, third)
    return found


def _row(row: Any, figures: Figures) -> PropertyRow:
    facts = {name: getattr(row, name) for name in ("id", "name", "kind", "city", "currency", "parent_id")}
    return PropertyRow(**facts, figures=figures, place=PropertyPlace(int(row.value), row.name, row.id))

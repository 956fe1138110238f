"""What is counted of accounts: stations, sessions, sales, tasks.

Every measure is a SELECT with the same columns (account, source, key, three numbers), narrowed to what the actor may
see, so that all of them go to the database together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from accounts.access import Actor, visible
from accounts.models import Account
from accounts.rights import Right
from billing.models import LedgerEntry, LedgerPosting
from billing.values import LedgerAccount
from charging.models import ChargingSession, DoubtfulFact, OrphanStop
from charging.values import OrphanState, SessionKind, SessionState
from kit import clock
from stations.models import Connector, Station, WaitingStation
from stations.queries.states import heard_since, shows
from stations.values import ShownState, WaitingState

_SALES = (LedgerAccount.REVENUE, LedgerAccount.VAT)
NUMBERS = ("first", "second", "third")
Narrow = Callable[[Any], ColumnElement[bool]]  # for a WHERE: the accounts that are meant, by their column


@dataclass(frozen=True)
class Months:
    """When this month and the one before began, and the point of that one where this one is now."""

    begin: datetime
    before: datetime
    before_until: datetime

    @classmethod
    def now(cls, time_zone: str) -> "Months":
        """Those of today in this time zone."""
        now = clock.now().astimezone(ZoneInfo(time_zone))
        begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        before = (begin - timedelta(days=1)).replace(day=1)
        return cls(begin, before, min(before + (now - begin), begin))

    def split(self, instant: Any, value: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Sums of a column: of this month, and of last month until the same point."""
        this_month = func.sum(case((instant >= self.begin, value), else_=0))
        return this_month, func.sum(case((instant < self.before_until, value), else_=0))


def all_of(actor: Actor, these: Narrow, months: Months) -> CompoundSelect[Any]:
    """Every measure of these accounts."""
    stations = (connectors(actor, these), trouble(actor, these), *tasks(actor, these))
    sessions = (running(actor, these), charged(actor, these, months))
    return union_all(*stations, *sessions, sales(actor, these, months), *seen(actor, these))


def seen(actor: Actor, these: Narrow) -> Iterator[Select[Any]]:
    """Which of these accounts the actor may know the figures of, by right."""
    for right in (Right.VIEW_STATIONS, Right.VIEW_SESSIONS, Right.VIEW_INCOME):
        yield visible(actor, right, _row(Account.id, "seen", right.value, 1).where(these(Account.id)), Account)


def connectors(actor: Actor, these: Narrow) -> Select[Any]:
    """Connectors by what they reported: of stations that were heard lately, and of others."""
    heard = case((heard_since(clock.now()), 1), else_=0)
    status = type_coerce(Connector.status, String)
    counted = _row(Station.account_id, "connectors", status, func.sum(heard), func.sum(1 - heard))
    joined = counted.join_from(Station, Connector, Connector.station_id == Station.id)
    narrowed = joined.where(these(Station.account_id), Connector.number > 0)
    return visible(actor, Right.VIEW_STATIONS, narrowed.group_by(Station.account_id, Connector.status), Station)


def trouble(actor: Actor, these: Narrow) -> Select[Any]:
    """Stations, and how many of them are faulted or out of service."""
    now = clock.now()
    troubled = or_(shows(ShownState.OUT_OF_SERVICE, now), shows(ShownState.FAULTED, now))
    counted = _row(Station.account_id, "stations", "", func.sum(case((troubled, 1), else_=0)), func.count())
    narrowed = counted.where(these(Station.account_id)).group_by(Station.account_id)
    return visible(actor, Right.VIEW_STATIONS, narrowed, Station)


def running(actor: Actor, these: Narrow) -> Select[Any]:
    """Sessions that go on now."""
    counted = _row(ChargingSession.account_id, "running", "", func.count())
    active = ChargingSession.state == SessionState.ACTIVE
    narrowed = counted.where(these(ChargingSession.account_id), active).group_by(ChargingSession.account_id)
    return visible(actor, Right.VIEW_SESSIONS, narrowed, ChargingSession)


def charged(actor: Actor, these: Narrow, months: Months) -> Select[Any]:
    """Energy of this month and of the one before, and sessions of this month; by when they began."""
    row = ChargingSession
    used = func.coalesce(row.energy_wh, row.last_wh - row.meter_start_wh)
    energy, energy_before = months.split(row.started_at, used)
    sessions, _ = months.split(row.started_at, 1)
    summed = _row(row.account_id, "charged", "", energy, energy_before, sessions)
    wanted = these(row.account_id), row.started_at >= months.before, row.kind != SessionKind.ORPHAN
    return visible(actor, Right.VIEW_SESSIONS, summed.where(*wanted).group_by(row.account_id), row)


def sales(actor: Actor, these: Narrow, months: Months) -> Select[Any]:
    """Sales with VAT, refunds taken off, of this month and of the one before, by currency."""
    row = LedgerPosting
    summed = _row(row.account_id, "sales", row.currency, *months.split(LedgerEntry.booked_at, -row.amount_minor))
    joined = summed.join_from(row, LedgerEntry, LedgerEntry.id == row.entry_id)
    sales = row.ledger_account.in_(_SALES), LedgerEntry.booked_at >= months.before
    # said of both: PostgreSQL reads the entries of all accounts otherwise
    grouped = joined.where(*sales, these(row.account_id), these(LedgerEntry.account_id)).group_by(
        row.account_id, row.currency
    )
    return visible(actor, Right.VIEW_INCOME, grouped, row)


def tasks(actor: Actor, these: Narrow) -> Iterator[Select[Any]]:
    """What somebody should look at: doubtful messages, ends without a session, chargers that came by themselves."""
    kinds: dict[str, tuple[Any, ColumnElement[bool]]] = {
        "doubts": (DoubtfulFact, DoubtfulFact.looked_at.is_(None)),
        "ends": (OrphanStop, OrphanStop.state == OrphanState.OPEN),
        "waiting": (WaitingStation, WaitingStation.state == WaitingState.WAITING),
    }
    for kind, (model, is_open) in kinds.items():
        counted = _row(model.account_id, "tasks", kind, func.count())
        narrowed = counted.where(these(model.account_id), is_open).group_by(model.account_id)
        yield visible(actor, Right.VIEW_STATIONS, narrowed, model)


def _row(account_id: Any, source: str, key: Any, *numbers: Any) -> Select[Any]:
    shown = [*numbers, *[0] * (len(NUMBERS) - len(numbers))]
    values = [
        (literal(0) + one if isinstance(one, int) else one).label(name)
        for name, one in zip(NUMBERS, shown, strict=True)
    ]
    told = literal(key).label("key") if isinstance(key, str) else key.label("key")
    return select(account_id.label("account_id"), literal(source).label("source"), told, *values)

"""Charging sessions: one with everything, lists, curves, and who charges where right now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from accounts.access import Actor, allowed, public, system, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue
from charging.queries.starts import starter_of
from charging.values import AuthorisationId, SessionId, SessionKind, SessionState
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query
from stations.models import Connector, Station
from stations.values import ConnectorId, ConnectorStatus, StationId

MOST_CURVE_POINTS = 600


@dataclass(frozen=True)
class SessionRow:
    """A session in a list, with the names that people know its place by. Energy in Wh so far, or in the end."""

    session: ChargingSession
    station_name: str
    connector_number: int
    connector_name: str
    account_name: str
    time_zone: str

    @property
    def active(self) -> bool:
        """Whether it still runs."""
        return self.session.state is SessionState.ACTIVE

    @property
    def energy_wh(self) -> int:
        """The energy in Wh: final, or up to the newest reading."""
        return energy_of(self.session)

    @property
    def duration(self) -> timedelta:
        """From the start to the end, or to now."""
        return (self.session.ended_at or clock.now()) - self.session.started_at


@dataclass(frozen=True)
class SessionPage(SessionRow):
    """A session with what its page shows beside the list's facts. `started_by` is the reference of whoever sent the
    start (`accounts.queries.names_of`); None where a driver or his tag did.
    """

    max_power_w: int
    doubts: tuple[DoubtfulFact, ...]
    started_by: str | None


@dataclass(frozen=True)
class RunningSession:
    """What anybody may know of a running session."""

    id: UUID
    started_at: datetime
    kind: SessionKind


@dataclass(frozen=True)
class CurvePoint:
    """One reading: the register in Wh as it stands on the meter, and the power in W; None where it was not sent."""

    at: datetime
    energy_wh: int | None
    power_w: int | None


@dataclass(frozen=True)
class SessionFilter:
    """What a list of sessions is narrowed to; None lets everything through. `started_until` itself is left out."""

    state: SessionState | None = None
    kind: SessionKind | None = None
    doubtful: bool = False
    started_from: datetime | None = None
    started_until: datetime | None = None


EVERYTHING = SessionFilter()


@query
def sessions(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    connector_id: ConnectorId | None = None,
    wanted: SessionFilter = EVERYTHING,
    before: SessionId | None = None,
    limit: int = 20,
) -> list[SessionRow]:
    """The newest sessions by their start; the next page starts `before` the last one of this page."""
    conditions = _conditions(wanted)
    if account_id is not None:
        conditions.append(within(ChargingSession, account_id))
    if station_id is not None:
        conditions.append(ChargingSession.station_id == station_id)
    if connector_id is not None:
        conditions.append(ChargingSession.connector_id == connector_id)
    if before is not None:
        conditions.append(_older_than(actor, before))
    newest = (ChargingSession.started_at.desc(), ChargingSession.id.desc())
    found = _with_names(actor).where(*conditions).order_by(*newest).limit(limit)
    return [_row(*row) for row in db.session().execute(found)]


@query
def session_page(actor: Actor, session_id: SessionId) -> SessionPage:
    """One session with its place and its doubts. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_SESSIONS, ChargingSession, session_id)
    session = db.session()
    found, connector, station, account = session.execute(
        _with_names(actor).where(ChargingSession.id == session_id)
    ).one()
    doubts = session.scalars(
        select(DoubtfulFact).where(DoubtfulFact.session_id == session_id).order_by(DoubtfulFact.at)
    )
    row = _row(found, connector, station, account)
    by = starter_of(found)
    return SessionPage(**vars(row), max_power_w=connector.max_power_w, doubts=tuple(doubts), started_by=by)


@query
def session_of_transaction(actor: Actor, station_id: StationId, transaction_id: int) -> SessionId | None:
    """The session of a transaction at this station; None where there is none, or none that the actor sees."""
    known = transaction_id if 0 < transaction_id < 2**31 else None  # chargers say what they like
    found = select(ChargingSession.id).where(
        ChargingSession.station_id == station_id, ChargingSession.transaction_id == known
    )
    return db.session().scalar(visible(actor, Right.VIEW_SESSIONS, found, ChargingSession))


@query
def session_curve(actor: Actor, session_id: SessionId, *, most: int = MOST_CURVE_POINTS) -> list[CurvePoint]:
    """The readings of a session in order, evenly thinned out to about `most`; the newest is always there."""
    allowed(actor, Right.VIEW_SESSIONS, ChargingSession, session_id)
    readings = select(MeterValue.at, MeterValue.energy_wh, MeterValue.power_w).where(
        MeterValue.session_id == session_id,
        MeterValue.energy_wh.is_not(None) | MeterValue.power_w.is_not(None),
    )
    points = [CurvePoint(*row) for row in db.session().execute(readings.order_by(MeterValue.at, MeterValue.id))]
    step = -(-len(points) // most) or 1
    return [point for place, point in enumerate(reversed(points)) if place % step == 0][::-1]


@query
def active_session_of(actor: Actor, connector_id: ConnectorId) -> RunningSession | None:
    """The session that runs at a connector; None where there is none."""
    public("whoever stands in front of the charger sees that it is taken, and since when")
    running = select(ChargingSession.id, ChargingSession.started_at, ChargingSession.kind).where(
        ChargingSession.connector_id == connector_id, ChargingSession.state == SessionState.ACTIVE
    )
    row = db.session().execute(running.order_by(ChargingSession.started_at.desc()).limit(1)).one_or_none()
    return None if row is None else RunningSession(*row)


@query
def session_by_authorisation(actor: Actor, authorisation_id: AuthorisationId) -> ChargingSession | None:
    """The session that used this permission; None where nobody has plugged in (yet)."""
    system(actor)
    used = select(ChargingSession).where(ChargingSession.authorisation_id == authorisation_id)
    return db.session().scalars(used).one_or_none()


@query
def forgotten_sessions(actor: Actor) -> list[UUID]:
    """Open sessions whose charger says that the connector is free, or that went on to a newer session.

    Some chargers report Available a while before they send the end: whoever asks this has to wait (`charging.jobs`).
    """
    system(actor)
    newer = aliased(ChargingSession)
    freed = and_(
        Connector.status == ConnectorStatus.AVAILABLE,
        Connector.status_at >= ChargingSession.last_at,
    )
    replaced = exists().where(
        newer.connector_id == ChargingSession.connector_id,
        newer.started_at > ChargingSession.started_at,
    )
    forgotten = (
        select(ChargingSession.id)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .where(ChargingSession.state == SessionState.ACTIVE, or_(freed, replaced))
    )
    return list(db.session().scalars(forgotten))


@query
def silent_sessions(actor: Actor, *, for_longer_than: timedelta) -> list[UUID]:
    """Open sessions at stations from which nothing at all was heard for so long."""
    system(actor)
    limit = clock.now() - for_longer_than
    silent = (
        select(ChargingSession.id)
        .join(Station, Station.id == ChargingSession.station_id)
        .where(ChargingSession.state == SessionState.ACTIVE, ChargingSession.arrived_at <= limit)
        .where(Station.last_seen_at.is_(None) | (Station.last_seen_at <= limit))
    )
    return list(db.session().scalars(silent))


def energy_of(session: ChargingSession) -> int:
    """The energy in Wh: final, or up to the newest reading; never negative."""
    if session.energy_wh is not None:
        return session.energy_wh
    return max(0, session.last_wh - session.meter_start_wh)


def _conditions(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(ChargingSession.state == wanted.state)
    if wanted.kind is not None:
        conditions.append(ChargingSession.kind == wanted.kind)
    if wanted.doubtful:
        conditions.append(exists().where(DoubtfulFact.session_id == ChargingSession.id))
    if wanted.started_from is not None:
        conditions.append(ChargingSession.started_at >= wanted.started_from)
    if wanted.started_until is not None:
        conditions.append(ChargingSession.started_at < wanted.started_until)
    return conditions


def _older_than(actor: Actor, last_id: SessionId) -> ColumnElement[bool]:
    """A cursor, too, is somebody's session: one of another tenant is none."""
    found = select(ChargingSession.started_at).where(ChargingSession.id == last_id)
    last_at = db.session().scalar(visible(actor, Right.VIEW_SESSIONS, found, ChargingSession))
    if last_at is None:
        raise NotFound()
    same_instant = and_(ChargingSession.started_at == last_at, ChargingSession.id < last_id)
    return or_(ChargingSession.started_at < last_at, same_instant)


def _with_names(actor: Actor) -> Select[ChargingSession, Connector, Station, Account]:
    joined = (
        select(ChargingSession, Connector, Station, Account)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .join(Station, Station.id == ChargingSession.station_id)
        .join(Account, Account.id == ChargingSession.account_id)
    )
    return visible(actor, Right.VIEW_SESSIONS, joined, ChargingSession)


def _row(session: ChargingSession, connector: Connector, station: Station, account: Account) -> SessionRow:
    return SessionRow(
        session=session,
        station_name=station.name,
        connector_number=connector.number,
        connector_name=connector.name,
        account_name=account.name,
        time_zone=account.time_zone,
    )

"""The desk of ends without a session, and what each may belong to."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import ChargingSession, MeterValue, OrphanStop
from charging.values import OrphanId, OrphanState, SessionKind, SessionState
from kit import db
from kit.use_case import query
from stations.models import Connector, Station
from stations.values import StationId

MOST_CANDIDATES = 10


@dataclass(frozen=True)
class OrphanRow:
    """An end in a list, with the names people know its place by."""

    orphan: OrphanStop
    station_name: str
    account_name: str
    time_zone: str


@dataclass(frozen=True)
class OrphanPage(OrphanRow):
    """An end with all that is known: its first and last reading, sessions it may belong to, plugs it may have had."""

    session: ChargingSession | None
    readings: int
    candidates: tuple[ChargingSession, ...]
    connectors: tuple[Connector, ...]


@query
def orphans(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    state: OrphanState | None = OrphanState.OPEN,
    before: OrphanId | None = None,
    limit: int = 20,
) -> list[OrphanRow]:
    """The newest ends without a session; the next page starts `before` the last one of this page."""
    found = _with_names(actor)
    if account_id is not None:
        found = found.where(within(OrphanStop, account_id))
    if station_id is not None:
        found = found.where(OrphanStop.station_id == station_id)
    if state is not None:
        found = found.where(OrphanStop.state == state)
    if before is not None:
        found = found.where(OrphanStop.id < before)
    rows = db.session().execute(found.order_by(OrphanStop.id.desc()).limit(limit)).all()
    return [OrphanRow(*row) for row in rows]


@query
def orphan_page(actor: Actor, orphan_id: OrphanId) -> OrphanPage:
    """One end with what it may belong to. Raises NotFound, Forbidden."""
    orphan = allowed(actor, Right.VIEW_SESSIONS, OrphanStop, orphan_id)
    session = db.session()
    row = session.execute(_with_names(actor).where(OrphanStop.id == orphan_id)).one()
    plugs = select(Connector).where(Connector.station_id == orphan.station_id, Connector.number > 0)
    own = None if orphan.session_id is None else session.get(ChargingSession, orphan.session_id)
    readings = select(func.count()).select_from(MeterValue).where(MeterValue.session_id == orphan.session_id)
    return OrphanPage(
        *row,
        session=own,
        readings=0 if own is None else session.scalar(readings) or 0,
        candidates=tuple(_candidates(orphan)),
        connectors=tuple(session.scalars(plugs.order_by(Connector.number))),
    )


def fits(orphan: OrphanStop, session: ChargingSession) -> bool:
    """Whether an end may be the true one of a session that we had ended ourselves."""
    return (
        session.station_id == orphan.station_id
        and session.state is SessionState.ENDED
        and session.estimated
        and session.kind is not SessionKind.ORPHAN
        and session.started_at <= orphan.ended_at
        and orphan.meter_stop_wh is not None
        and orphan.meter_stop_wh >= session.last_wh
    )


def _candidates(orphan: OrphanStop) -> Sequence[ChargingSession]:
    """Sessions that it fits: the one the charger named first, then those with its tag, then the nearest in time."""
    ended = select(ChargingSession).where(
        ChargingSession.station_id == orphan.station_id,
        ChargingSession.state == SessionState.ENDED,
        ChargingSession.estimated.is_(True),
        ChargingSession.started_at <= orphan.ended_at,
    )
    found = db.session().scalars(ended.order_by(ChargingSession.started_at.desc()).limit(100))
    fitting = [one for one in found if fits(orphan, one)]
    fitting.sort(key=lambda one: (one.id != orphan.meant_session_id, one.id_tag != orphan.id_tag))
    return fitting[:MOST_CANDIDATES]


def _with_names(actor: Actor) -> Select[OrphanStop, str, str, str]:
    joined = (
        select(OrphanStop, Station.name, Account.name, Account.time_zone)
        .join(Station, Station.id == OrphanStop.station_id)
        .join(Account, Account.id == OrphanStop.account_id)
    )
    return visible(actor, Right.VIEW_SESSIONS, joined, OrphanStop)

"""Sessions that run although it has closed, where the operator wants them to end then."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, or_, select

from accounts.access import Actor, system
from accounts.models import Account
from billing.models import Payment
from billing.values import Terms
from charging.models import ChargingSession
from charging.values import SessionKind, SessionState
from kit import clock, db
from kit.use_case import query
from stations.models import Connector, Station
from stations.queries import hours_of

_OWN = (SessionKind.TAG, SessionKind.OPERATOR)


@query
def sessions_past_closing(actor: Actor) -> list[UUID]:
    """Every running session of somebody who may not charge now, where hours end sessions."""
    system(actor)
    now = clock.now()
    ends = [
        cast(column, String).contains("ends_sessions") for column in (Connector.opening_hours, Station.opening_hours)
    ]
    running = (
        select(ChargingSession, Connector, Station, Account.time_zone, Payment)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .join(Station, Station.id == Connector.station_id)
        .join(Account, Account.id == Connector.account_id)
        .outerjoin(Payment, Payment.authorisation_id == ChargingSession.authorisation_id)
        .where(ChargingSession.state == SessionState.ACTIVE, or_(*ends))
        .where(ChargingSession.kind.in_([SessionKind.PAID, *_OWN]))
    )
    return [
        session.id
        for session, connector, station, zone, payment in db.session().execute(running)
        if _over(connector, station, ZoneInfo(zone), now, own=_own(session, payment))
    ]


def _own(session: ChargingSession, payment: Payment | None) -> bool:
    return session.kind in _OWN or (payment is not None and Terms.from_plain(payment.terms).personal)


def _over(connector: Connector, station: Station, zone: ZoneInfo, now: datetime, *, own: bool) -> bool:
    hours = hours_of(connector, station)
    return hours is not None and hours.ends_at(now, zone, own=own) == now

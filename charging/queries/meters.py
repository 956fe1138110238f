"""Meters that say nothing by themselves."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from charging.models import ChargingSession, MeterValue
from charging.values import SessionState
from kit import clock, db
from kit.use_case import query
from stations.models import Connector, Station
from stations.quirks import matching, quirks_of

LEAST = timedelta(seconds=30)


@query
def silent_meters(actor: Actor) -> list[tuple[UUID, int]]:
    """Station and connector number of sessions to ask the meter of; only at chargers that are known to need it."""
    system(actor)
    now = clock.now()
    session = db.session()
    running = (
        select(
            Station.id,
            Station.vendor,
            Station.model,
            Station.firmware,
            Station.quirk_overrides,
            Connector.id,
            Connector.number,
            ChargingSession.last_at,
        )
        .join(Connector, Connector.station_id == Station.id)
        .join(ChargingSession, ChargingSession.connector_id == Connector.id)
        .where(ChargingSession.state == SessionState.ACTIVE, ChargingSession.last_at < now - LEAST)
        .where(Station.connected_at.is_not(None))
    )
    due = []
    for station_id, vendor, model, firmware, overrides, connector_id, number, last_at in session.execute(running):
        every = timedelta(seconds=quirks_of(matching(vendor, model, firmware), overrides).poll_meter_s)
        if every and last_at < now - every:
            since = now - every
            said = select(MeterValue.id).where(MeterValue.connector_id == connector_id, MeterValue.at > since)
            if session.scalar(said.limit(1)) is None:
                due.append((station_id, number))
    return due

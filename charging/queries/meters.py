"""Meters that say nothing by themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, and_, func, select, union_all

from accounts.access import Actor, system
from charging.models import ChargingSession, MeterValue
from charging.values import SessionState
from kit import clock, db
from kit.use_case import query
from stations.models import Connector, Station, StationAbility, StationSetting
from stations.quirks import matching, quirks_of
from stations.told_settings import folded

LEAST = timedelta(seconds=30)
SILENT_FOR = timedelta(minutes=5)  # at least, before a charger that should tell its meter is asked
MISSED = 3  # so many times it should have told its meter
LATELY = timedelta(days=7)
_AT_ONCE = 500
_INTERVAL = folded("MeterValueSampleInterval")
_UNABLE = ["TriggerMessage", "TriggerMessage MeterValues"]


@query
def silent_meters(actor: Actor) -> list[tuple[UUID, int]]:
    """Station and connector number of sessions to ask the meter of: at chargers that are known to need it, and at those
    that are set to tell their meter and do not. None that turned out not to be able to, or that wants quiet.
    """
    system(actor)
    now = clock.now()
    session = db.session()
    unable = select(StationAbility.id).where(
        StationAbility.station_id == Station.id,
        StationAbility.firmware == Station.firmware,
        StationAbility.name.in_(_UNABLE),
        StationAbility.able.is_(False),
    )
    running = (
        select(
            Station.id,
            Station.vendor,
            Station.model,
            Station.firmware,
            Station.quirk_overrides,
            StationSetting.value,
            Connector.id.label("connector_id"),
            Connector.number,
            ChargingSession.last_at,
        )
        .join(Connector, Connector.station_id == Station.id)
        .join(ChargingSession, ChargingSession.connector_id == Connector.id)
        .join(
            StationSetting,
            and_(StationSetting.station_id == Station.id, StationSetting.folded_key == _INTERVAL),
            isouter=True,
        )
        .where(ChargingSession.state == SessionState.ACTIVE, ChargingSession.last_at < now - LEAST)
        .where(Station.connected_at.is_not(None), Station.quiet_after_boot.is_(False), ~unable.exists())
    )
    silent = {}
    for row in session.execute(running):
        every = _ask_every(row)
        if every and row.last_at < now - every:
            silent[row.connector_id] = (row.id, row.number, now - every)
    heard = _heard(silent, since=min((since for *_, since in silent.values()), default=now))
    return [(station, plug) for of, (station, plug, since) in silent.items() if heard.get(of, since) <= since]


def _heard(connectors: Iterable[UUID], *, since: datetime) -> dict[UUID, datetime]:
    """When the meters of these connectors were last heard, whatever session that was for."""
    said: dict[UUID, datetime] = {}
    ids = list(connectors)
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        for connector_id, at in db.session().execute(_newest(some, since)):
            said[connector_id] = max(at, said.get(connector_id, at))
    return said


def _newest(connectors: list[UUID], since: datetime) -> CompoundSelect[Any]:
    """The newest readings of sessions, also of lately ended ones that a charger still tells of, and of none."""
    lately = (ChargingSession.state == SessionState.ACTIVE) | (ChargingSession.ended_at > since - LATELY)
    of_sessions = (
        select(ChargingSession.connector_id, func.max(MeterValue.at))
        .join(MeterValue, MeterValue.session_id == ChargingSession.id)
        .where(ChargingSession.connector_id.in_(connectors), lately, MeterValue.at > since)
        .group_by(ChargingSession.connector_id)
    )
    of_none = (
        select(MeterValue.connector_id, func.max(MeterValue.at))
        .where(MeterValue.connector_id.in_(connectors), MeterValue.session_id.is_(None), MeterValue.at > since)
        .group_by(MeterValue.connector_id)
    )
    return union_all(of_sessions, of_none)


def _ask_every(row: Any) -> timedelta:
    """After how much silence the meter is asked; zero for never."""
    quirks = quirks_of(matching(row.vendor, row.model, row.firmware), row.quirk_overrides)
    if quirks.poll_meter_s or not quirks.ask_silent_meter:
        return timedelta(seconds=quirks.poll_meter_s)
    told = (row.value or "").strip()
    interval_s = int(told) if told.isdecimal() and len(told) < 6 else 0
    return max(MISSED * timedelta(seconds=interval_s), SILENT_FOR) if interval_s else timedelta()

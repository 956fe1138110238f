"""Stations in trouble: each is told of once, and again only after it was well."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, select

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import clock, db, settings
from kit.events import record
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import use_case
from stations.events import StationsInTrouble, StationTroubled, StationWell
from stations.models import GatewayRun, Station, StationConnection, StationTrouble
from stations.troubles import (
    CALM_FOR,
    GATEWAY_UP_FOR,
    GONE_AFTER,
    GONE_BEFORE,
    UNANSWERED_FROM,
    UNANSWERED_WITHIN,
    Trouble,
)
from stations.values import FLAPS_FROM, FLAPS_WITHIN, Ending


@use_case
def look_for_troubles(actor: Actor) -> None:
    """Note which stations are in trouble since the last look, and which are well again."""
    system(actor)
    session, now = db.session(), clock.now()
    lasting = {
        (row.station_id, row.trouble): row
        for row in session.scalars(select(StationTrouble).where(StationTrouble.over_at.is_(None)))
    }
    found = [(trouble, id_) for trouble, ids in _in_trouble().items() for id_ in ids if (id_, trouble) not in lasting]
    stations = select(Station.id, Station.account_id).where(Station.id.in_({station_id for _, station_id in found}))
    homes: dict[UUID, AccountId] = {row.id: row.account_id for row in session.execute(stations)} if found else {}
    for trouble, station_id in found:
        if station_id in homes:  # a charger that waits is no station
            row = StationTrouble(
                id=new_id(), account_id=homes[station_id], station_id=station_id, trouble=trouble, began_at=now
            )
            session.add(row)
            record(StationTroubled(row.id, row.account_id, row.station_id, trouble.value))
            tell("station", row.station_id)
    for account_id in set(homes.values()):
        record(StationsInTrouble(account_id=account_id, began_at=now))
    still = _not_well({station_id for station_id, _ in lasting}) if lasting else {}
    for (station_id, trouble), row in lasting.items():
        if station_id not in still[trouble]:
            row.over_at = now
            record(StationWell(row.id, row.account_id, station_id, trouble.value))
            tell("station", station_id)


@use_case
def prune_troubles(actor: Actor) -> None:
    """Forget those that were over before CONNECTION_LOG_DAYS."""
    system(actor)
    limit = clock.now() - timedelta(days=settings.current().connection_log_days)
    db.session().execute(delete(StationTrouble).where(StationTrouble.over_at < limit))


def _in_trouble() -> dict[Trouble, set[UUID]]:
    """Which stations are, by what ails them."""
    now = clock.now()
    often = _counted(_let_in(FLAPS_WITHIN), FLAPS_FROM)
    mute = _counted(_unanswered(), UNANSWERED_FROM)
    could_come = exists().where(GatewayRun.started_at <= now - GATEWAY_UP_FOR)
    away = _away().where(Station.last_seen_at >= now - GONE_BEFORE, could_come)
    return {Trouble.FLAPPING: _ids(often), Trouble.HALF_DEAD: _ids(mute), Trouble.GONE: _ids(away)}


def _not_well(station_ids: Collection[UUID]) -> dict[Trouble, set[UUID]]:
    """Which of these are not well yet, by what ails them."""
    mine = StationConnection.station_id.in_(station_ids)
    often = _counted(_let_in(CALM_FOR) & mine, FLAPS_FROM)
    mute = _counted(_unanswered() & mine, 1)
    away = _away().where(Station.id.in_(station_ids))
    return {Trouble.FLAPPING: _ids(often), Trouble.HALF_DEAD: _ids(mute), Trouble.GONE: _ids(away)}


def _away() -> Select[UUID]:
    """Whose socket is open is not gone, however seldom it says something."""
    return select(Station.id).where(Station.last_seen_at <= clock.now() - GONE_AFTER, Station.connected_at.is_(None))


def _let_in(within: timedelta) -> ColumnElement[bool]:
    ending = StationConnection.ending
    lately = StationConnection.opened_at > clock.now() - within
    return lately & (ending.is_(None) | ending.not_in([one for one in Ending if one.refused]))


def _unanswered() -> ColumnElement[bool]:
    return (StationConnection.ending == Ending.UNANSWERED) & (
        StationConnection.closed_at > clock.now() - UNANSWERED_WITHIN
    )


def _counted(wanted: ColumnElement[bool], least: int) -> Select[UUID]:
    by_station = select(StationConnection.station_id).where(wanted).group_by(StationConnection.station_id)
    return by_station.having(func.count() >= least)


def _ids(found: Select[UUID]) -> set[UUID]:
    return set(db.session().scalars(found))

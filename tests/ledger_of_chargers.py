"""Stations for a fleet, and its notebook held against the tables: acknowledged and stored have to be the same."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from accounts.access import SYSTEM
from charging.models import ChargingSession, MeterValue
from charging.use_cases import add_tag
from charging.values import SessionState
from kit import db
from kit.clock import now
from stations.messages import first_message_id
from stations.models import Message, Station
from tests import make
from tests.fleet import TAG, Notebook

_LONGEST_LIST = 10


def stations(count: int) -> list[tuple[str, str]]:
    """So many stations of one account, whose tag is the fleet's."""
    owned = make.owned()
    add_tag(SYSTEM, owned.id, TAG)
    made = [make.station(name=f"Fleet {number}") for number in range(count)]
    return [(one.identity, one.password) for one in made]


def told_by_the_program(ahead: timedelta, _notes: Notebook) -> bool:
    """Whether it heard a message at a time so far ahead of ours, within the last seconds."""
    since = first_message_id(now() + ahead - timedelta(seconds=20))
    until = first_message_id(now() + ahead + timedelta(seconds=5))
    with db.transaction(writing=False) as unit:
        heard = unit.session.execute(select(Message.id).where(Message.id.between(since, until)).limit(1)).first()
    return heard is not None


def equal(notes: Notebook) -> list[str]:
    """Every difference between what was acknowledged and what is stored, in words; empty when there is none."""
    with db.transaction(writing=False) as unit:
        rows = unit.session.execute(
            select(Station.identity, ChargingSession).join(Station, Station.id == ChargingSession.station_id)
        ).all()
        stored_readings = unit.session.execute(
            select(ChargingSession.transaction_id, MeterValue.energy_wh, func.count())
            .join(ChargingSession, ChargingSession.id == MeterValue.session_id)
            .group_by(ChargingSession.transaction_id, MeterValue.energy_wh)
        ).all()
    starts = {(identity, one.meter_start_wh): one.transaction_id for identity, one in rows}
    stops = {
        one.transaction_id: one.meter_stop_wh
        for _, one in rows
        if one.state is SessionState.ENDED and not one.estimated and one.stop_reason == "Local"
    }
    readings = {(transaction, energy_wh) for transaction, energy_wh, _ in stored_readings}
    wrong_energy = [
        one.transaction_id for _, one in rows if one.energy_wh != (one.meter_stop_wh or 0) - one.meter_start_wh
    ]
    differences: dict[str, set[Any]] = {
        "starts": set(starts.items()) ^ set(notes.starts.items()),
        "readings": readings ^ notes.readings,
        "stops": set(stops.items()) ^ set(notes.stops.items()),
        "energies": set(wrong_energy),
    }
    found = [f"{what}: {sorted(each)[:_LONGEST_LIST]}" for what, each in differences.items() if each]
    if len(rows) != len(notes.starts):
        found.append(f"{len(rows)} sessions of {len(notes.starts)} starts")
    return found

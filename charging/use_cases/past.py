"""Sessions of the past that another platform led: stored as they were, never billed, and told nobody as news."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from accounts.access import Actor, system
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact
from charging.use_cases.transaction_ids import next_transaction_id
from charging.values import SessionId, SessionKind, SessionState
from kit import clock, db
from kit.ids import new_id
from kit.use_case import use_case
from stations.values import ConnectorId, StationId


@dataclass(frozen=True)
class PastSession:
    """A session as another platform told it. `key` is the same whenever it is told again."""

    station_id: StationId
    connector_id: ConnectorId
    key: str
    id_tag: str
    started_at: datetime
    ended_at: datetime
    energy_wh: int


@use_case
def store_past_sessions(actor: Actor, account_id: AccountId, sessions: Sequence[PastSession]) -> dict[str, SessionId]:
    """Write down those that are not known yet; their ids by their keys. Nobody knows the registers of the meter."""
    system(actor)
    known = select(ChargingSession.start_key).where(
        ChargingSession.account_id == account_id, ChargingSession.start_key.in_([one.key for one in sessions])
    )
    there = set(db.session().scalars(known))
    rows = {one.key: _row(account_id, one) for one in sessions if one.key not in there}
    db.session().add_all(rows.values())
    db.session().flush()
    return {key: row.id for key, row in rows.items()}


@use_case
def forget_past_sessions(actor: Actor, session_ids: Collection[UUID]) -> None:
    """Remove sessions that another platform told; those of our own stay."""
    system(actor)
    gone = ChargingSession.id.in_(session_ids), ChargingSession.kind == SessionKind.IMPORTED
    db.session().execute(
        delete(DoubtfulFact).where(DoubtfulFact.session_id.in_(select(ChargingSession.id).where(*gone)))
    )
    db.session().execute(delete(ChargingSession).where(*gone))


def _row(account_id: AccountId, told: PastSession) -> ChargingSession:
    return ChargingSession(
        id=SessionId(new_id()),
        account_id=account_id,
        station_id=told.station_id,
        connector_id=told.connector_id,
        transaction_id=next_transaction_id(),
        start_key=told.key,
        kind=SessionKind.IMPORTED,
        state=SessionState.ENDED,
        id_tag=told.id_tag,
        started_at=told.started_at,
        ended_at=told.ended_at,
        arrived_at=clock.now(),
        meter_start_wh=0,
        last_wh=told.energy_wh,
        last_at=told.ended_at,
        energy_wh=told.energy_wh,
    )

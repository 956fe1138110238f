"""Telling the house that a session is over. For the doors of this room."""

from datetime import datetime
from uuid import UUID

from charging.events import SessionEnded
from kit.events import record
from kit.notes import tell
from stations.queries.sockets import StationFacts


def announce_end(
    facts: StationFacts,
    session_id: UUID,
    connector_id: UUID,
    authorisation_id: UUID | None,
    ended_at: datetime,
    energy_wh: int,
) -> None:
    """Record it, and let open pages know."""
    record(
        SessionEnded(
            session_id=session_id,
            account_id=facts.account_id,
            connector_id=connector_id,
            authorisation_id=authorisation_id,
            ended_at=ended_at,
            energy_wh=energy_wh,
        )
    )
    tell("session", session_id)
    tell("station", facts.id)
    tell("account", facts.account_id)

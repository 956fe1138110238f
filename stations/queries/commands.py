"""Commands: what the gateway still has to send, and what became of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.use_case import query
from stations.models import StationCommand
from stations.values import Action, CommandId, CommandState, StationId

LONGEST_ANSWER = timedelta(minutes=2)


@dataclass(frozen=True)
class PendingCommand:
    """A message that waits for its charger; `payload` is what goes on the wire."""

    id: UUID
    station_id: UUID
    action: Action
    payload: dict[str, Any]
    requested_at: datetime
    expires_at: datetime


@query
def pending_commands(actor: Actor, station_id: StationId) -> list[PendingCommand]:
    """What is still to be sent to this charger, oldest first; what expired is left out."""
    system(actor)
    waiting = select(StationCommand).where(
        StationCommand.station_id == station_id,
        StationCommand.state == CommandState.PENDING,
        StationCommand.expires_at > clock.now(),
    )
    return [_pending(command) for command in db.session().scalars(waiting.order_by(StationCommand.id))]


@query
def open_commands(actor: Actor, station_id: StationId, action: Action) -> Sequence[StationCommand]:
    """Commands of one kind that were not answered yet, oldest first."""
    system(actor)
    unanswered = select(StationCommand).where(
        StationCommand.station_id == station_id,
        StationCommand.action == action,
        StationCommand.state.in_([CommandState.PENDING, CommandState.SENT]),
    )
    return db.session().scalars(unanswered.order_by(StationCommand.id)).all()


@query
def overdue_commands(actor: Actor) -> list[tuple[UUID, CommandState]]:
    """Commands that nothing will come of any more, with the state each one ends in."""
    system(actor)
    now = clock.now()
    session = db.session()
    never_sent = select(StationCommand.id).where(
        StationCommand.state == CommandState.PENDING, StationCommand.expires_at <= now
    )
    unanswered = select(StationCommand.id).where(
        StationCommand.state == CommandState.SENT, StationCommand.sent_at < now - LONGEST_ANSWER
    )
    return [
        *((row, CommandState.EXPIRED) for row in session.scalars(never_sent)),
        *((row, CommandState.TIMED_OUT) for row in session.scalars(unanswered)),
    ]


@query
def command(actor: Actor, command_id: CommandId) -> StationCommand:
    """One command and what became of it. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_STATIONS, StationCommand, command_id)


def _pending(row: StationCommand) -> PendingCommand:
    return PendingCommand(row.id, row.station_id, row.action, row.payload, row.requested_at, row.expires_at)

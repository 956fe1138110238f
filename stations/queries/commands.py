"""Commands: what the gateway still has to send, and what became of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, Uuid, bindparam, exists, select

from accounts.access import Actor, allowed, system, visible, within
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.given import as_rows, given
from kit.use_case import query
from stations.models import Station, StationCommand
from stations.values import Action, CommandId, CommandState, StationId, WorkOrderId

LONGEST_ANSWER = timedelta(minutes=2)
_commands: Table = db.Base.metadata.tables[StationCommand.__tablename__]


@dataclass(frozen=True)
class PendingCommand:
    """A message that waits for its charger; `payload` is what goes on the wire."""

    id: UUID
    station_id: UUID
    action: Action
    payload: dict[str, Any]
    requested_at: datetime
    expires_at: datetime
    unchecked: bool


@query
def pending_commands(actor: Actor, station_id: StationId) -> list[PendingCommand]:
    """What is to be sent to this charger, oldest first; without what expired, or waits for the turn of its order."""
    system(actor)
    return pending_commands_of(actor, [station_id]).get(station_id, [])


@query
def pending_commands_of(actor: Actor, station_ids: Collection[UUID]) -> dict[UUID, list[PendingCommand]]:
    """The same for many chargers; only of those that have any."""
    system(actor)
    asked = as_rows({"station_id": station_id} for station_id in station_ids)
    rows = db.session().execute(_waiting_for(db.engine().dialect.name), asked | {"now": clock.now()})
    found: dict[UUID, list[PendingCommand]] = {}
    for row in rows:
        if row.id is not None:
            found.setdefault(row.station_id, []).append(_pending(row))
    return found


@cache
def _waiting_for(dialect: str) -> Select[Any]:
    """Asked for each batch of messages in which a station connects. An outer join, so that SQLite begins with them."""
    asked = given(dialect, {"station_id": Uuid()})
    waits = (
        (_commands.c.station_id == asked.c.station_id)
        & (_commands.c.state == CommandState.PENDING)
        & _commands.c.waits_turn.is_(False)
        & (_commands.c.expires_at > bindparam("now", type_=db.UtcDateTime()))
    )
    return select(_commands).select_from(asked.outerjoin(_commands, waits)).order_by(_commands.c.id)


@query
def unsent_commands(actor: Actor) -> list[tuple[StationId, CommandId]]:
    """What could be sent to stations that are connected, wherever. Without what waits for the turn of its order."""
    system(actor)
    unsent = (
        select(StationCommand.station_id, StationCommand.id)
        .join(Station, Station.id == StationCommand.station_id)
        .where(
            StationCommand.state == CommandState.PENDING,
            StationCommand.waits_turn.is_(False),
            StationCommand.expires_at > clock.now(),
            Station.connected_at.is_not(None),
        )
    )
    return [(row.station_id, row.id) for row in db.session().execute(unsent)]


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
def command_tries(actor: Actor, command_id: CommandId) -> int:
    """How often a command was sent."""
    system(actor)
    return db.session().scalar(select(StationCommand.tries).where(StationCommand.id == command_id)) or 0


@query
def wants_quiet(actor: Actor, station_id: StationId) -> bool:
    """Whether nothing may be sent to this station that nobody asked for."""
    system(actor)
    return bool(db.session().scalar(select(Station.quiet_after_boot).where(Station.id == station_id)))


@query
def commands_overdue(actor: Actor) -> bool:
    """Whether there are commands that could not be sent in time."""
    system(actor)
    overdue = StationCommand.state == CommandState.PENDING, StationCommand.expires_at <= clock.now()
    return bool(db.session().scalar(select(exists().where(*overdue))))


@query
def unanswered_commands(actor: Actor) -> list[CommandId]:
    """Commands that no answer is awaited to any more."""
    system(actor)
    unanswered = select(StationCommand.id).where(
        StationCommand.state == CommandState.SENT, StationCommand.sent_at < clock.now() - LONGEST_ANSWER
    )
    return list(db.session().scalars(unanswered))


@query
def command(actor: Actor, command_id: CommandId) -> StationCommand:
    """One command and what became of it. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_STATIONS, StationCommand, command_id)


@query
def commands(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    work_order_id: WorkOrderId | None = None,
    action: Action | None = None,
    states: Collection[CommandState] = (),
    before: CommandId | None = None,
    limit: int = 25,
) -> Sequence[StationCommand]:
    """Commands that the actor may see, newest first; `states`: only in one of these."""
    newest = visible(actor, Right.VIEW_STATIONS, select(StationCommand), StationCommand)
    if account_id is not None:
        newest = newest.where(within(StationCommand, account_id))
    for column, value in (
        (StationCommand.station_id, station_id),
        (StationCommand.work_order_id, work_order_id),
        (StationCommand.action, action),
    ):
        if value is not None:
            newest = newest.where(column == value)
    if states:
        newest = newest.where(StationCommand.state.in_(states))
    if before is not None:
        newest = newest.where(StationCommand.id < before)
    return db.session().scalars(newest.order_by(StationCommand.id.desc()).limit(limit)).all()


def _pending(row: Row[Any]) -> PendingCommand:
    return PendingCommand(
        row.id, row.station_id, row.action, row.payload, row.requested_at, row.expires_at, row.unchecked
    )

"""Messages to chargers and what became of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from charging.queries import sessions_of_commands
from charging.use_cases import send_by_hand
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info, wants
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station, of_work_order
from kit.errors import Invalid
from kit.masking import mask
from stations import queries, use_cases
from stations.values import Action, CommandId, CommandState, StationId
from stations.wishes import PATIENCE, USUAL_TRIES

if TYPE_CHECKING:
    from stations.models import StationCommand

strawberry.enum(Action, name="Action", description="An OCPP 1.6 message that goes to a charger.")
strawberry.enum(CommandState, name="CommandState")


@strawberry.type(description="A message to a charger and what became of it.")
class Command:
    """A command."""

    id: UUID
    station_id: UUID
    work_order_id: UUID | None = strawberry.field(description="The order for many stations that it is part of.")
    waits_turn: bool = strawberry.field(description="Others of its work order are told before.")
    action: Action
    payload: JSON = strawberry.field(description="As it goes on the wire; secrets are masked.")
    unchecked: bool
    state: CommandState
    final: bool
    tries: int = strawberry.field(description="How often it was sent.")
    tries_allowed: int = strawberry.field(description="The most, where the connection goes before the answer comes.")
    answer: JSON | None
    error: str | None
    late: bool = strawberry.field(description="The answer came after we had given up.")
    requested_by: str
    requested_at: datetime
    sent_at: datetime | None
    answered_at: datetime | None
    expires_at: datetime
    session_id: UUID | None = strawberry.field(description="What came of a start; null in the answer of a mutation.")


CommandResult = Annotated[Command | Problem, strawberry.union("CommandResult")]


def command(row: "StationCommand", session_id: UUID | None = None) -> Command:
    """A command as the schema shows it."""
    same = ("id", "station_id", "work_order_id", "waits_turn", "action", "unchecked", "state", "late")
    times = ("requested_by", "requested_at", "sent_at", "answered_at", "expires_at")
    return Command(
        **{name: getattr(row, name) for name in (*same, *times, "tries", "tries_allowed")},
        final=row.state.final,
        payload=cast(JSON, mask(row.payload)),
        answer=cast(JSON, mask(row.answer)),
        error=mask(row.error),
        session_id=session_id,
    )


def _commands(info: Info, rows: Sequence["StationCommand"], path: str = "") -> list[Command]:
    """Commands with what came of the starts among them, where that was selected: one statement more."""
    starts = [row.id for row in rows if row.action is Action.REMOTE_START]
    found = sessions_of_commands(info.context.actor, starts) if starts and wants(info, f"{path}sessionId") else {}
    return [command(row, found.get(row.id)) for row in rows]


@strawberry.type
class CommandQueries:
    """Reading commands."""

    @strawberry.field(description="What became of a command.")
    def command(self, info: Info, id: UUID) -> Command:
        """One command."""
        return _commands(info, [queries.command(info.context.actor, CommandId(id))])[0]

    @strawberry.field(description="The newest commands; `states`: only in one of these.")
    def commands(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        work_order_id: UUID | None = None,
        action: Action | None = None,
        states: list[CommandState] | None = None,
    ) -> Connection[Command]:
        """One page of the commands that the caller sees."""
        size, before = page_size(info, first), read_cursor(after, UUID)
        rows = queries.commands(
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            work_order_id=of_work_order(info, work_order_id),
            action=action,
            states=states or (),
            before=None if before is None else CommandId(before),
            limit=size + 1,
        )
        path = "nodes." if wants(info, "nodes") else "edges.node."
        nodes = _commands(info, rows[:size], path)
        return connection(nodes, [cursor(node.id) for node in nodes], more=len(rows) > size)


@strawberry.type
class CommandMutations:
    """Sending and taking back."""

    @strawberry.mutation(
        description="Send an OCPP message to a charger. `payload` is the message's own JSON; `unchecked` sends it "
        "whatever the standard says. It waits `expiresInS` seconds for a charger that is away (at most 30 days). Where "
        "the connection goes before the answer and it does no harm, it is sent again, `tries` times in all. The same "
        "`idempotencyKey` again sends nothing. What meddles with a paying driver's session is refused as "
        "`driver_there`, unless `despiteDriver`."
    )
    @refusable
    def send_command(
        self,
        info: Info,
        station_id: UUID,
        action: Action,
        payload: JSON,
        expires_in_s: int = int(PATIENCE.total_seconds()),
        tries: int = USUAL_TRIES,
        unchecked: bool = False,
        despite_driver: bool = False,
        idempotency_key: str | None = None,
    ) -> CommandResult:
        """A command; ask for it again by `command` until it is final."""
        if not isinstance(payload, dict):
            raise Invalid(payload="not_an_object")
        made = send_by_hand(
            info.context.actor,
            StationId(station_id),
            action,
            payload,
            expires_in=seconds(expires_in_s),
            tries=tries,
            unchecked=unchecked,
            despite_driver=despite_driver,
            request_key=idempotency_key,
        )
        return command(made)

    @strawberry.mutation(description="Take back a command that was not sent yet.")
    @refusable
    def cancel_command(self, info: Info, id: UUID) -> CommandResult:
        """A cancelled command."""
        return command(use_cases.cancel_command(info.context.actor, CommandId(id)))


def seconds(count: int) -> timedelta:
    """So many seconds; what no command waits is judged by the door."""
    return timedelta(seconds=max(-1, min(count, 10**8)))

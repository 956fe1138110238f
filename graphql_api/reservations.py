"""Reservations of connectors."""

from datetime import datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

import strawberry

from charging import queries, use_cases
from charging.queries import ReservationRow
from charging.values import ReservationId, ReservationState
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station
from stations.values import StationId

strawberry.enum(ReservationState, name="ReservationState")


@strawberry.type(description="A place kept free for a tag and its group. `connectorNumber` 0: any of the station.")
class Reservation:
    """A reservation."""

    id: UUID
    account_id: UUID
    station_id: UUID
    station_name: str
    connector_number: int
    reservation_number: int = strawberry.field(description="OCPP's reservationId.")
    id_tag: str
    parent_id_tag: str
    state: ReservationState
    reason: str = strawberry.field(
        description="The station's word for a refusal, or ours: offline, no_answer, error, cancel_refused, "
        "cancel_unanswered."
    )
    session_id: UUID | None
    command_id: UUID
    cancel_command_id: UUID | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: ReservationRow) -> Self:
        """The reservation as the schema shows it."""
        facts = {name: getattr(row.reservation, name) for name in cls.__annotations__ if name != "station_name"}
        return cls(station_name=row.station_name, **facts)


ReservationResult = Annotated[Reservation | Problem, strawberry.union("ReservationResult")]


def _reservation(info: Info, reservation_id: UUID) -> Reservation:
    return Reservation.of(queries.reservation(info.context.actor, ReservationId(reservation_id)))


@strawberry.type
class ReservationQueries:
    """Reading reservations."""

    @strawberry.field(description="The newest reservations.")
    def reservations(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        state: ReservationState | None = None,
    ) -> Connection[Reservation]:
        """One page of the reservations that the caller sees."""
        load = partial(
            queries.reservations,
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            state=state,
        )
        return newest_first(info, (first, after), load, Reservation.of)

    @strawberry.field(description="One reservation and what became of it.")
    def reservation(self, info: Info, id: UUID) -> Reservation:
        """One reservation."""
        return _reservation(info, id)


@strawberry.type
class ReservationMutations:
    """Reserving and cancelling."""

    @strawberry.mutation(
        description="Ask a station to keep a connector free (0: any). Without `parentIdTag` the group is the tag's own."
    )
    @refusable
    def reserve_connector(
        self,
        info: Info,
        station_id: UUID,
        connector_number: int,
        id_tag: str,
        expires_at: datetime,
        parent_id_tag: str | None = None,
    ) -> ReservationResult:
        """A reservation; ask for it again by `reservation` until the station has answered."""
        made = use_cases.reserve_connector(
            info.context.actor,
            StationId(station_id),
            connector_number=connector_number,
            id_tag=id_tag,
            expires_at=expires_at,
            parent_id_tag=parent_id_tag,
        )
        return _reservation(info, made.id)

    @strawberry.mutation(description="Ask the station to give the place free; it stays in force until it agrees.")
    @refusable
    def cancel_reservation(self, info: Info, id: UUID) -> ReservationResult:
        """A cancelling."""
        use_cases.cancel_reservation(info.context.actor, ReservationId(id))
        return _reservation(info, id)

"""Charging sessions with their readings, prices and receipts."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from billing import use_cases as billing
from billing.queries import charges_of
from billing.values import PaymentId, PaymentState
from charging import queries, use_cases
from charging.queries import SessionFilter, SessionRow, energy_of, session_curves
from charging.values import AuthorisationId, AuthorisationState, SessionId, SessionKind, SessionState, StopReason
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info, wants
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import at_connector, in_account, of_station
from graphql_api.pictures import Computed, Picture
from graphql_api.profile_inputs import ChargingProfileInput
from stations.values import ConnectorId

if TYPE_CHECKING:
    from charging.models import Authorisation as AuthorisationFacts
    from charging.models import ChargingSession

strawberry.enum(StopReason, name="StopReason", description="What ended a session; OTHER for words of a charger's own.")
strawberry.enum(SessionKind, name="SessionKind", description="Why energy could flow.")
strawberry.enum(SessionState, name="SessionState")
strawberry.enum(PaymentState, name="PaymentState")
strawberry.enum(AuthorisationState, name="AuthorisationState")


@strawberry.type(description="The facts of one OCPP transaction. Energy in Wh; instants in UTC.")
class SessionFacts:
    """A session without its surroundings."""

    id: UUID
    connector_id: UUID
    transaction_id: int
    kind: SessionKind
    id_tag: str | None = strawberry.field(description="The driver's tag; null where the platform made one.")
    authorisation_id: UUID | None
    state: SessionState
    started_at: datetime
    ended_at: datetime | None
    energy_wh: int
    meter_start_wh: int
    meter_stop_wh: int | None
    power_w: int | None
    stop_reason: str | None = strawberry.field(description="The charger's own words.")
    ended_by: StopReason | None
    offline: bool
    estimated: bool


def _driver_tag(row: "ChargingSession") -> str | None:
    return row.id_tag if row.authorisation_id is None else None


def _ended_by(row: "ChargingSession") -> StopReason | None:
    return StopReason.of(row.stop_reason) if row.stop_reason else None


COMPUTED: dict[str, Computed] = {
    "id_tag": (("id_tag", "authorisation_id"), _driver_tag),
    "energy_wh": (("energy_wh", "last_wh", "meter_start_wh"), energy_of),
    "power_w": (("last_power_w",), attrgetter("last_power_w")),
    "ended_by": (("stop_reason",), _ended_by),
}
FACTS = Picture(SessionFacts, computed=COMPUTED)


@strawberry.type(description="One reading: the meter's register in Wh and the power in W.")
class MeterValue:
    """A reading."""

    at: datetime
    energy_wh: int | None
    power_w: int | None


@strawberry.type(description="A part of a price, in minor units of the currency.")
class ChargeLine:
    """One line."""

    kind: str
    amount_minor: int


@strawberry.type(description="What a session cost, priced once. Net + VAT = gross = the sum of the lines.")
class Charge:
    """A price."""

    currency: str
    gross_minor: int
    net_minor: int
    vat_minor: int
    vat_percent: Decimal | None
    lines: list[ChargeLine]
    payment_id: UUID | None
    payment_state: PaymentState | None
    receipt_id: UUID | None


@strawberry.type(description="A session with its place; readings and price are loaded when they are asked for.")
class Session(SessionFacts):
    """A session."""

    account_id: UUID
    account_name: str
    station_id: UUID
    station_name: str
    connector_number: int | None = strawberry.field(description="Null: the station never said which one.")
    connector_name: str
    time_zone: str
    meter_values: list[MeterValue]
    charge: Charge | None


SURROUNDINGS = ("account_id", "account_name", "station_name", "connector_number", "connector_name", "time_zone")
SESSION = Picture(Session, given=(*SURROUNDINGS, "meter_values", "charge"), computed=COMPUTED)


@strawberry.type(description="A permission to charge once; somebody has until `expiresAt` to plug in.")
class Authorisation:
    """A start that was asked for."""

    id: UUID
    connector_id: UUID
    state: AuthorisationState
    failure: str | None
    expires_at: datetime
    command_id: UUID | None


@strawberry.type(description="Money being given back, in minor units.")
class Refund:
    """A refund."""

    id: UUID
    payment_id: UUID
    amount_minor: int
    state: str


@strawberry.type(description="The charger was told to stop; follow the command until it is final.")
class StopRequest:
    """A stop."""

    session_id: UUID
    command_id: UUID


StartResult = Annotated[Authorisation | Problem, strawberry.union("AuthorisationResult")]
StopResult = Annotated[StopRequest | Problem, strawberry.union("StopRequestResult")]
RefundResult = Annotated[Refund | Problem, strawberry.union("RefundResult")]


def _sessions(info: Info, rows: Sequence[SessionRow], path: str) -> list[Session]:
    """Sessions with what was selected of them: one statement each for readings and prices."""
    actor, ids = info.context.actor, [row.session.id for row in rows]
    readings = wants(info, f"{path}meterValues")
    curves = session_curves(actor, ids) if readings else {}
    charges = charges_of(actor, ids) if wants(info, f"{path}charge") else {}
    view = SESSION.chosen(info, path)
    return [
        view.of(
            row.session,
            account_id=row.session.account_id,
            account_name=row.account_name,
            station_name=row.station_name,
            connector_number=row.connector_number or None,
            connector_name=row.connector_name,
            time_zone=row.time_zone,
            meter_values=[MeterValue(**vars(point)) for point in curves.get(row.session.id, ())],
            charge=_charge(charges[row.session.id]) if row.session.id in charges else None,
        )
        for row in rows
    ]


def _charge(found: Any) -> Charge:
    row = found.charge
    return Charge(
        currency=row.currency,
        gross_minor=row.gross_minor,
        net_minor=row.net_minor,
        vat_minor=row.vat_minor,
        vat_percent=row.vat_percent,
        lines=[ChargeLine(kind=line["kind"], amount_minor=line["amount_minor"]) for line in row.lines],
        payment_id=row.payment_id,
        payment_state=found.payment.state if found.payment else None,
        receipt_id=found.receipt_id,
    )


def _authorisation(row: "AuthorisationFacts") -> Authorisation:
    return Authorisation(**{name: getattr(row, name) for name in Authorisation.__annotations__})


@strawberry.type
class SessionQueries:
    """Reading sessions."""

    @strawberry.field(description="The newest sessions by their start.")
    def sessions(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
        connector_id: UUID | None = None,
        state: SessionState | None = None,
    ) -> Connection[Session]:
        """One page of the sessions that the caller sees."""
        size = page_size(info, first)
        before = read_cursor(after, UUID)
        rows = queries.sessions(
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
            connector_id=at_connector(info, connector_id),
            wanted=SessionFilter(state=state),
            before=None if before is None else SessionId(before),
            limit=size + 1,
        )
        path = "nodes." if wants(info, "nodes") else "edges.node."
        nodes = _sessions(info, rows[:size], path)
        return connection(nodes, [cursor(row.session.id) for row in rows[:size]], more=len(rows) > size)

    @strawberry.field(description="One session.")
    def session(self, info: Info, id: UUID) -> Session:
        """One session with its place."""
        return _sessions(info, [queries.session_page(info.context.actor, SessionId(id))], "")[0]

    @strawberry.field(description="A permission to charge and what became of it.")
    def authorisation(self, info: Info, id: UUID) -> Authorisation:
        """One permission."""
        return _authorisation(queries.authorisation(info.context.actor, AuthorisationId(id)))


@strawberry.type
class SessionMutations:
    """Starting, stopping, giving money back."""

    @strawberry.mutation(
        description="Start a session at a connector on the operator's account, without payment. `profile` (purpose "
        "SESSION) limits it from its begin."
    )
    @refusable
    def start_charging(
        self, info: Info, connector_id: UUID, profile: ChargingProfileInput | None = None
    ) -> StartResult:
        """A start."""
        limits = None if profile is None else profile.told()
        return _authorisation(use_cases.request_start(info.context.actor, ConnectorId(connector_id), profile=limits))

    @strawberry.mutation(description="Tell the charger to end a session.")
    @refusable
    def stop_charging(self, info: Info, session_id: UUID) -> StopResult:
        """A stop."""
        command = use_cases.request_stop(info.context.actor, SessionId(session_id))
        return StopRequest(session_id=session_id, command_id=command.id)

    @strawberry.mutation(
        description="Give a part of a captured payment back. The same `idempotencyKey` again changes nothing."
    )
    @refusable
    def refund(self, info: Info, payment_id: UUID, amount_minor: int, idempotency_key: str) -> RefundResult:
        """A refund."""
        row = billing.refund(info.context.actor, PaymentId(payment_id), amount_minor, request_key=idempotency_key)
        return Refund(id=row.id, payment_id=row.payment_id, amount_minor=row.amount_minor, state=row.state.value)

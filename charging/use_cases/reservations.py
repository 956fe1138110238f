"""Reservations: a place kept free for a tag. What stands in the table follows what the station says."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.models import AccountLineage
from accounts.rights import Right
from charging.counters import RESERVATIONS, next_number
from charging.models import ChargingSession, Reservation, Tag
from charging.payloads import LONGEST_TAG
from charging.tag_rules import canonical
from charging.values import ReservationId, ReservationState, SessionId
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station, StationCommand
from stations.use_cases import finish_command, request_command
from stations.values import Action, CommandId, CommandState, StationId

CANCEL_REFUSED, CANCEL_UNANSWERED = "cancel_refused", "cancel_unanswered"
_REASONS = {
    CommandState.FAILED: "error",
    CommandState.TIMED_OUT: "no_answer",
    CommandState.EXPIRED: "offline",
    CommandState.CANCELLED: "cancelled",
}


@use_case
def reserve_connector(
    actor: Actor,
    station_id: StationId,
    *,
    connector_number: int,
    id_tag: str,
    expires_at: datetime,
    parent_id_tag: str | None = None,
) -> Reservation:
    """Ask a station to keep a connector free (0: any of its connectors) for a tag and its group.

    The group is the one of the tag where none is named. Raises Invalid(connector_number=, id_tag=, expires_at=,
    parent_id_tag=).
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    tag, now = canonical(id_tag), clock.now()
    _judge(station, connector_number, tag, expires_at, now)
    group = _group_of(station, tag) if parent_id_tag is None else canonical(parent_id_tag)
    if len(group) > LONGEST_TAG:
        raise Invalid(parent_id_tag="too_long")
    number = next_number(RESERVATIONS)
    payload: dict[str, Any] = {
        "connectorId": connector_number,
        "expiryDate": clock.text(expires_at),
        "idTag": tag,
        "reservationId": number,
    }
    if group:
        payload["parentIdTag"] = group
    command = request_command(SYSTEM, StationId(station.id), Action.RESERVE_NOW, payload, requested_by=actor.reference)
    reservation = _made(command, payload, expires_at)
    db.session().add(reservation)
    db.session().flush()
    return reservation


@use_case
def cancel_reservation(actor: Actor, reservation_id: ReservationId) -> Reservation:
    """Ask the station to give the place free; until it agrees, the reservation stays in force.

    One that was not sent yet is over at once. Raises Conflict(`reservation_over`).
    """
    reservation = allowed(actor, Right.COMMAND_STATIONS, Reservation, reservation_id, lock=True)
    if not reservation.state.open:
        raise Conflict("reservation_over")
    session = db.session()
    asked = session.get(StationCommand, reservation.command_id)
    if asked is not None and asked.state is CommandState.PENDING:
        _end(reservation, ReservationState.CANCELLED)
        finish_command(SYSTEM, CommandId(asked.id), CommandState.EXPIRED)
        return reservation
    cancelling = reservation.cancel_command_id and session.get(StationCommand, reservation.cancel_command_id)
    if not cancelling or cancelling.state.final:
        command = request_command(
            SYSTEM,
            StationId(reservation.station_id),
            Action.CANCEL_RESERVATION,
            {"reservationId": reservation.reservation_number},
            requested_by=actor.reference,
        )
        reservation.cancel_command_id, reservation.reason = CommandId(command.id), ""
    return reservation


@use_case
def settle_reservation(actor: Actor, command_id: CommandId) -> None:
    """A ReserveNow came to its end: in force, or refused and why. A late answer counts; so does a message that
    somebody sent by hand.
    """
    system(actor)
    command = _command(command_id)
    reservation = _of_number(command.station_id, command.payload["reservationId"])
    accepted = command.state is CommandState.ACCEPTED
    if reservation is None or (reservation.command_id < command.id and accepted):
        fresh = _made(command, command.payload, _end_named(command))
        reservation = fresh if reservation is None else _replaced(reservation, fresh)
        db.session().add(reservation)
    elif reservation.command_id != command.id:
        return
    if reservation.state not in (ReservationState.REQUESTED, ReservationState.REFUSED):
        return
    if accepted:
        reservation.state, reservation.reason, reservation.ended_at = ReservationState.IN_FORCE, "", None
    else:
        _end(reservation, ReservationState.REFUSED)
        reservation.reason = _reason(command)
    tell("station", reservation.station_id)


@use_case
def settle_cancellation(actor: Actor, command_id: CommandId) -> None:
    """A CancelReservation came to its end: cancelled, or the reservation stays in force and says why."""
    system(actor)
    command = _command(command_id)
    reservation = _of_number(command.station_id, command.payload["reservationId"])
    if reservation is None or not reservation.state.open:
        return
    if command.state is CommandState.ACCEPTED:
        _end(reservation, ReservationState.CANCELLED)
    else:
        refused = command.state is CommandState.REFUSED
        reservation.reason = CANCEL_REFUSED if refused else CANCEL_UNANSWERED
    tell("station", reservation.station_id)


@use_case
def use_reservation(actor: Actor, session_id: SessionId, reservation_number: int) -> bool:
    """A session began on a reservation, as its charger says; True when it is linked now.

    That counts whatever became of the reservation meanwhile: the message may have waited for hours.
    """
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    reservation = _of_number(session.station_id, reservation_number)
    if reservation is None or reservation.state is ReservationState.USED:
        return False
    _use(reservation, session)
    return True


@use_case
def settle_open_reservations(actor: Actor) -> int:
    """By the clock: link sessions whose charger did not name the reservation it used, and end what ran out."""
    system(actor)
    session, now, changed = db.session(), clock.now(), 0
    in_force = select(Reservation).where(Reservation.state == ReservationState.IN_FORCE).with_for_update()
    for reservation in session.scalars(in_force):
        used_by = session.scalars(_session_on(reservation)).first()
        if used_by is not None:
            _use(reservation, used_by)
        elif reservation.expires_at <= now:
            _end(reservation, ReservationState.EXPIRED)
            tell("station", reservation.station_id)
        changed += reservation.state is not ReservationState.IN_FORCE
    return changed


def _session_on(reservation: Reservation) -> Any:
    """The first session by the reserved tag, or one of its group, that came in since, on the reserved connector."""
    found = (
        select(ChargingSession)
        .join(Connector, Connector.id == ChargingSession.connector_id)
        .where(
            ChargingSession.station_id == reservation.station_id,
            ChargingSession.arrived_at >= reservation.created_at,
            ChargingSession.offline.is_(False),  # one that waited at the charger may have begun before
            _same_group(reservation),
            ~exists().where(Reservation.session_id == ChargingSession.id),
        )
    )
    if reservation.connector_number > 0:
        found = found.where(Connector.number == reservation.connector_number)
    return found.order_by(ChargingSession.started_at).limit(1)


def _same_group(reservation: Reservation) -> ColumnElement[bool]:
    same_tag = ChargingSession.id_tag == reservation.id_tag
    if not reservation.parent_id_tag:
        return same_tag
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == reservation.account_id)
    same_group = exists().where(
        and_(
            Tag.id_tag == ChargingSession.id_tag,
            Tag.parent_id_tag == reservation.parent_id_tag,
            Tag.account_id.in_(above),
        )
    )
    return or_(same_tag, same_group)


def _judge(station: Station, connector_number: int, tag: str, expires_at: datetime, now: datetime) -> None:
    known = select(Connector.id).where(Connector.station_id == station.id, Connector.number == connector_number)
    if connector_number != 0 and db.session().scalar(known) is None:
        raise Invalid(connector_number="unknown")
    if not tag or len(tag) > LONGEST_TAG:
        raise Invalid(id_tag="too_long" if tag else "required")
    if expires_at.tzinfo is None:
        raise Invalid(expires_at="without_zone")
    if expires_at <= now:
        raise Invalid(expires_at="in_the_past")


def _group_of(station: Station, tag: str) -> str:
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == station.account_id)
    groups = select(Tag.parent_id_tag).where(Tag.id_tag == tag, Tag.account_id.in_(above), Tag.parent_id_tag != "")
    return db.session().scalars(groups.order_by(Tag.id)).first() or ""


def _made(command: StationCommand, payload: dict[str, Any], expires_at: datetime) -> Reservation:
    return Reservation(
        account_id=command.account_id,
        station_id=command.station_id,
        connector_number=payload["connectorId"],
        reservation_number=payload["reservationId"],
        id_tag=canonical(payload["idTag"]),
        parent_id_tag=canonical(payload.get("parentIdTag", "")),
        state=ReservationState.REQUESTED,
        reason="",
        command_id=CommandId(command.id),
        requested_by=command.requested_by,
        created_at=command.requested_at,
        expires_at=expires_at,
    )


def _replaced(old: Reservation, new: Reservation) -> Reservation:
    """A station takes a second reservation with the number of an older one in its stead."""
    for name in ("connector_number", "id_tag", "parent_id_tag", "command_id", "created_at", "expires_at", "state"):
        setattr(old, name, getattr(new, name))
    old.session_id = old.cancel_command_id = None
    return old


def _use(reservation: Reservation, session: ChargingSession) -> None:
    _end(reservation, ReservationState.USED)
    reservation.session_id = SessionId(session.id)
    tell("station", reservation.station_id)
    tell("session", session.id)


def _end(reservation: Reservation, state: ReservationState) -> None:
    reservation.state, reservation.reason, reservation.ended_at = state, "", clock.now()


def _of_number(station_id: UUID, number: int) -> Reservation | None:
    found = select(Reservation).where(Reservation.station_id == station_id, Reservation.reservation_number == number)
    return db.session().scalars(found.with_for_update()).one_or_none()


def _command(command_id: CommandId) -> StationCommand:
    return db.session().get_one(StationCommand, command_id)


def _reason(command: StationCommand) -> str:
    if command.state is CommandState.REFUSED:
        return str((command.answer or {}).get("status"))[:40]
    return _REASONS.get(command.state) or str(command.state.value)


def _end_named(command: StationCommand) -> datetime:
    """The expiry in a message that somebody wrote by hand; unreadable, it is over at once."""
    try:
        found = datetime.fromisoformat(str(command.payload["expiryDate"]))
    except ValueError:
        return command.requested_at
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found

"""Any message to a charger, sent by a person; a start with a tag of his choice becomes his session."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from accounts.access import SYSTEM, Actor, allowed, allowed_in, licensed, system
from accounts.functions import Function
from accounts.rights import Right
from charging.models import Authorisation, ChargingSession, HandStart
from charging.tag_rules import canonical
from charging.values import AuthorisationState, ProfilePurpose, SessionId, SessionKind, SessionState
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.notes import tell
from kit.use_case import use_case
from stations.fields import MOST_WHOLE
from stations.models import Connector, Station, StationCommand
from stations.use_cases import request_command
from stations.values import Action, CommandId, CommandState, StationId
from stations.wishes import PATIENCE, USUAL_TRIES

# Somebody walks to the car and plugs it in.
TO_PLUG_IN = timedelta(minutes=5)
_GONE = (CommandState.REFUSED, CommandState.FAILED, CommandState.EXPIRED, CommandState.CANCELLED)


@use_case
def send_by_hand(
    actor: Actor,
    station_id: StationId,
    action: Action,
    payload: Mapping[str, Any],
    *,
    expires_in: timedelta = PATIENCE,
    tries: int = USUAL_TRIES,
    unchecked: bool = False,
    despite_driver: bool = False,
    request_key: str | None = None,
) -> StationCommand:
    """Send a charger any message there is, as `stations.use_cases.request_command` does; starts and stops, too.

    Raises Conflict(`driver_there`) where a start or stop would meddle with a session that a driver pays for, unless
    `despite_driver`.
    """
    how: dict[str, Any] = {"tries": tries, "unchecked": unchecked, "request_key": request_key}
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    if action not in (Action.REMOTE_START, Action.REMOTE_STOP):
        return request_command(actor, station_id, action, payload, expires_in=expires_in, **how)
    allowed_in(actor, Right.CONTROL_SESSIONS, station.account_id)
    if not despite_driver and db.session().scalar(_drivers(station, action, payload).limit(1)) is not None:
        raise Conflict("driver_there")
    if action is Action.REMOTE_START and not unchecked:
        _judge_profile(payload.get("chargingProfile"))
    command = request_command(
        SYSTEM, station_id, action, payload, expires_in=expires_in, requested_by=actor.reference, **how
    )
    if action is Action.REMOTE_START:
        _expect_session(command)
    return command


@use_case
def end_hand_start(actor: Actor, command_id: CommandId) -> None:
    """The charger answered to a remote start that somebody sent: after a no its tag starts nothing any more."""
    system(actor)
    command = db.session().get_one(StationCommand, command_id)
    if command.state in _GONE:
        of_it = update(HandStart).where(HandStart.command_id == command.id, HandStart.session_id.is_(None))
        db.session().execute(of_it.values(expires_at=clock.now()))


@use_case
def link_hand_start(actor: Actor, session_id: SessionId) -> bool:
    """Whether a new session came of a remote start that somebody sent; it is his then, whoever owns the tag."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id, with_for_update=True, populate_existing=True)
    waiting = select(HandStart).where(
        HandStart.station_id == session.station_id,
        HandStart.id_tag == session.id_tag,
        HandStart.session_id.is_(None),
        HandStart.created_at <= session.arrived_at,
        HandStart.expires_at > session.arrived_at,
    )
    number = db.session().scalar(select(Connector.number).where(Connector.id == session.connector_id))
    fitting = waiting.where(or_(HandStart.connector_number.is_(None), HandStart.connector_number == number))
    found = db.session().scalars(fitting.order_by(HandStart.id.desc()).limit(1)).one_or_none()
    if found is None or session.authorisation_id is not None or session.offline:
        return False
    found.session_id = session_id
    if session.kind is SessionKind.TAG:
        session.kind = SessionKind.OPERATOR
    tell("session", session.id)
    tell("station", session.station_id)
    return True


def _expect_session(command: StationCommand) -> None:
    """From now on the charger may begin with this tag. One message sent twice by its key has its row already."""
    tag, number = command.payload.get("idTag"), _whole(command.payload.get("connectorId"))
    known = db.session().scalar(select(HandStart.id).where(HandStart.command_id == command.id))
    if known is not None or not isinstance(tag, str) or not tag.strip():
        return
    db.session().add(
        HandStart(
            account_id=command.account_id,
            station_id=command.station_id,
            connector_number=number if number > 0 else None,
            id_tag=canonical(tag),
            command_id=CommandId(command.id),
            requested_by=command.requested_by,
            created_at=command.requested_at,
            expires_at=command.expires_at + TO_PLUG_IN,
        )
    )
    db.session().flush()


def _judge_profile(profile: Any) -> None:
    """OCPP: the profile inside of a start is one for a session, and knows no transaction yet."""
    if not isinstance(profile, Mapping):
        return
    if profile.get("transactionId") is not None:
        raise Invalid(**{"chargingProfile.transactionId": "not_at_start"})
    if profile.get("chargingProfilePurpose") not in (None, ProfilePurpose.SESSION.value):
        raise Invalid(**{"chargingProfile.chargingProfilePurpose": "session_only"})


def _drivers(station: Station, action: Action, payload: Mapping[str, Any]) -> Any:
    """Sessions and permissions of paying drivers that this message is about."""
    running = select(ChargingSession.id).where(
        ChargingSession.station_id == station.id,
        ChargingSession.kind == SessionKind.PAID,
        ChargingSession.state == SessionState.ACTIVE,
    )
    if action is Action.REMOTE_STOP:
        return running.where(ChargingSession.transaction_id == _whole(payload.get("transactionId")))
    here = Connector.number == _whole(payload.get("connectorId"))
    about: ColumnElement[bool] = or_(here, Authorisation.id_tag == canonical(str(payload.get("idTag", ""))))
    waiting = (
        select(Authorisation.id)
        .join(Connector, Connector.id == Authorisation.connector_id)
        .where(
            Authorisation.station_id == station.id,
            Authorisation.kind == SessionKind.PAID,
            Authorisation.state == AuthorisationState.WAITING,
            about,
        )
    )
    charging = running.join(Connector, Connector.id == ChargingSession.connector_id).where(here)
    return waiting.union_all(charging)


def _whole(value: Any) -> int:
    """A number of the payload; what is none fits nothing."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_WHOLE
    return value if fits else -1

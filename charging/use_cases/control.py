"""Starting and stopping from afar, and closing what a charger never closed."""

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select

from accounts.access import SYSTEM, Actor, allowed, system
from accounts.rights import Right
from charging.counters import PROFILES, next_number
from charging.events import AuthorisationFailed, SessionEnded
from charging.models import Authorisation, ChargingSession, DoubtfulFact
from charging.profiles import begun, judge_profile, written_profile
from charging.queries.profiles import style_of
from charging.use_cases.profiles import profile_row
from charging.values import (
    PLUG_IN_WINDOW,
    AuthorisationId,
    AuthorisationState,
    Doubt,
    NewProfile,
    ProfilePurpose,
    SessionId,
    SessionKind,
    SessionState,
)
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import secret_hex
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station, StationCommand
from stations.queries import admits, open_commands
from stations.use_cases import finish_command, request_command
from stations.values import Action, CommandId, CommandState, ConnectorId, StationId

TAG_BYTES = 10  # 20 hex signs: the longest tag of OCPP 1.6, and hex because some chargers take nothing else
START_PATIENCE = timedelta(seconds=30)
START_PATIENCE_OFFLINE = timedelta(seconds=10)
NEVER_STOPPED = "never_stopped"  # the code of the doubt: no end was told, the last reading stands for it
NOT_PLUGGED_IN = "not_plugged_in"


@use_case
def request_start(
    actor: Actor,
    connector_id: ConnectorId,
    *,
    kind: SessionKind = SessionKind.OPERATOR,
    own: bool = False,
    profile: NewProfile | None = None,
) -> Authorisation:
    """Permit one session at a connector and tell the charger to start it; somebody has `PLUG_IN_WINDOW` to plug in.

    Only the program itself starts sessions of another kind. Raises Conflict: `closed` (by its opening hours),
    `occupied` (a session runs), `start_waiting` (somebody is about to plug in), `station_offline` (people only), before
    anything is written.
    `own`: whoever pays may charge outside the opening hours, as the operator's own people may.
    `profile` limits this one session from its begin; raises Invalid where it can't be sent.
    """
    if kind is not SessionKind.OPERATOR:
        system(actor)
    connector = allowed(actor, Right.CONTROL_SESSIONS, Connector, connector_id, lock=True)
    if connector.number == 0:
        raise NotFound()
    if not admits(connector, clock.now(), own=own or kind is SessionKind.OPERATOR):
        raise Conflict("closed")
    _ask_for_free(connector)
    offline = _is_offline(connector)
    if offline and kind is SessionKind.OPERATOR:
        raise Conflict("station_offline")
    now, tag = clock.now(), secret_hex(TAG_BYTES)
    limits = {} if profile is None else {"chargingProfile": _profile_of_start(connector, profile)}
    command = request_command(
        SYSTEM,
        StationId(connector.station_id),
        Action.REMOTE_START,
        {"connectorId": connector.number, "idTag": tag, **limits},
        expires_in=START_PATIENCE_OFFLINE if offline else START_PATIENCE,
        requested_by=actor.reference,
    )
    authorisation = Authorisation(
        account_id=connector.account_id,
        station_id=connector.station_id,
        connector_id=connector.id,
        kind=kind,
        id_tag=tag,
        state=AuthorisationState.WAITING,
        command_id=command.id,
        created_at=now,
        expires_at=now + PLUG_IN_WINDOW,
    )
    db.session().add(authorisation)
    db.session().add_all(profile_row(command, connector.number, payload) for payload in limits.values())
    db.session().flush()
    tell("account", connector.account_id)
    return authorisation


@use_case
def request_stop(actor: Actor, session_id: SessionId) -> StationCommand:
    """Tell the charger to end a session; asked twice, it is still one command. Raises Conflict(`session_ended`)."""
    session = allowed(actor, Right.CONTROL_SESSIONS, ChargingSession, session_id, lock=True)
    if session.state is not SessionState.ACTIVE:
        raise Conflict("session_ended")
    station_id = StationId(session.station_id)
    for command in open_commands(SYSTEM, station_id, Action.REMOTE_STOP):
        if command.payload.get("transactionId") == session.transaction_id:
            return command
    command = request_command(
        SYSTEM,
        station_id,
        Action.REMOTE_STOP,
        {"transactionId": session.transaction_id},
        requested_by=actor.reference,
    )
    tell("session", session.id)
    return command


@use_case
def fail_authorisation(actor: Actor, authorisation_id: AuthorisationId, failure: str) -> bool:
    """A permission came to nothing: `refused`, `no_answer`, `offline` or `not_plugged_in`.

    False when it was used or had failed before: the first outcome stands.
    """
    system(actor)
    authorisation = db.session().get(Authorisation, authorisation_id, with_for_update=True, populate_existing=True)
    if authorisation is None:
        raise NotFound()
    if authorisation.state is not AuthorisationState.WAITING:
        return False
    expired = failure == NOT_PLUGGED_IN
    authorisation.state = AuthorisationState.EXPIRED if expired else AuthorisationState.FAILED
    authorisation.failure = failure
    if authorisation.command_id is not None:
        _withdraw(CommandId(authorisation.command_id))
    record(AuthorisationFailed(authorisation_id=authorisation.id, account_id=authorisation.account_id, failure=failure))
    tell("station", authorisation.station_id)
    tell("account", authorisation.account_id)
    return True


@use_case
def close_stale_session(actor: Actor, session_id: SessionId) -> bool:
    """End a session that its charger forgot, with the last reading, marked as estimated; False when it is over.

    Called on the chargers' path when another session starts at the connector, and by the job for the rest.
    """
    system(actor)
    db.current().flush()  # readings that wait in the running batch count
    session = db.session().get(ChargingSession, session_id, with_for_update=True, populate_existing=True)
    if session is None:
        raise NotFound()
    if session.state is not SessionState.ACTIVE:
        return False
    session.state, session.estimated = SessionState.ENDED, True
    session.ended_at, session.meter_stop_wh = session.last_at, session.last_wh
    session.energy_wh = max(0, session.last_wh - session.meter_start_wh)
    db.session().add(_estimated(session))
    record(
        SessionEnded(
            session_id=session.id,
            account_id=session.account_id,
            connector_id=session.connector_id,
            authorisation_id=session.authorisation_id,
            ended_at=session.last_at,
            energy_wh=session.energy_wh,
        )
    )
    db.current().flush()
    tell("session", session.id)
    tell("station", session.station_id)
    tell("account", session.account_id)
    return True


def _profile_of_start(connector: Connector, profile: NewProfile) -> dict[str, Any]:
    """As OCPP wants it inside of a remote start: for a session, and without the id of a transaction."""
    if profile.purpose is not ProfilePurpose.SESSION:
        raise Invalid(purpose="unknown")
    judge_profile(profile, connector.station_id, connector.number)
    settled = begun(profile, style_of(connector.station_id))
    return written_profile(settled, next_number(PROFILES))


def _ask_for_free(connector: Connector) -> None:
    running = exists().where(ChargingSession.connector_id == connector.id, ChargingSession.state == SessionState.ACTIVE)
    waiting = exists().where(
        Authorisation.connector_id == connector.id,
        Authorisation.state == AuthorisationState.WAITING,
        Authorisation.expires_at > clock.now(),
    )
    runs, waits = db.session().execute(select(running, waiting)).one()
    if runs:
        raise Conflict("occupied")
    if waits:
        raise Conflict("start_waiting")


def _is_offline(connector: Connector) -> bool:
    connected_at = db.session().scalar(select(Station.connected_at).where(Station.id == connector.station_id))
    return connected_at is None


def _withdraw(command_id: CommandId) -> None:
    """Don't send a start that nobody waits for any more."""
    command = db.session().get(StationCommand, command_id)
    if command is not None and command.state is CommandState.PENDING:
        finish_command(SYSTEM, command_id, CommandState.EXPIRED)


def _estimated(session: ChargingSession) -> DoubtfulFact:
    return DoubtfulFact(
        account_id=session.account_id,
        station_id=session.station_id,
        session_id=session.id,
        at=clock.now(),
        doubt=Doubt.ESTIMATED,
        action="StopTransaction",
        code=NEVER_STOPPED,
        facts={"transaction": session.transaction_id, "last_wh": session.last_wh},
        detail="",
    )

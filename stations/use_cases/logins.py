"""How a charger proves who it is: its password and security profile, and how both are changed while it runs."""

from datetime import timedelta

from sqlalchemy import select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.ids import secret_hex
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Station, StationCommand
from stations.passwords import PASSWORD_BYTES, hash_password
from stations.payloads import is_password_change, profile_change
from stations.use_cases.commands import request_command
from stations.values import NEW_LOGIN, NEW_PROFILE, Action, CommandId, CommandState, SecurityProfile, StationId

# A charger that sleeps takes its new password or profile when it comes back.
SET_UP_WITHIN = timedelta(days=7)


@use_case
def renew_password(actor: Actor, station_id: StationId) -> str:
    """Give a station a new password and return it, this once. The old one opens no connection any more, and the one
    that is open ends.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    password = secret_hex(PASSWORD_BYTES)
    station.password_hash = hash_password(password.encode())
    station.next_password_hash = None
    end_logins(station)
    tell("station", station.id)
    return password


@use_case
def take_over_password(actor: Actor, station_id: StationId, password_hash: str) -> None:
    """The charger connected with the password that was sent to it: from now on only that one counts."""
    system(actor)
    station = db.session().get(Station, station_id, with_for_update=True, populate_existing=True)
    if station is not None and station.next_password_hash == password_hash:
        station.password_hash, station.next_password_hash = password_hash, None
        tell("station", station.id)


@use_case
def set_security_profile(actor: Actor, station_id: StationId, *, profile: SecurityProfile) -> Station:
    """Say what a charger has to prove from now on; the connection that is open ends.

    This tells the charger nothing: `raise_security_profile` does. A raise that is under way ends.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    station.security_profile, station.next_security_profile, station.raise_command_id = profile, None, None
    end_logins(station)
    tell("station", station.id)
    return station


@use_case
def take_over_profile(actor: Actor, station_id: StationId, profile: SecurityProfile) -> None:
    """The charger connected with the security profile it was told to take: from now on only that one counts."""
    system(actor)
    station = db.session().get(Station, station_id, with_for_update=True, populate_existing=True)
    if station is not None and station.next_security_profile is profile:
        station.security_profile, station.next_security_profile = profile, None
        tell(NEW_PROFILE, data=station.id.hex.encode())
        tell("station", station.id)


@use_case
def push_password(actor: Actor, station_id: StationId) -> StationCommand:
    """Send the charger a new random password (AuthorizationKey, in hex); nobody needs to type or to see it.

    It counts beside the old one from the moment it is sent; the old one ends when the charger connects with the new
    one. A station that proves nothing so far has to from then on. Raises Conflict while a password is on its way.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id, lock=True)
    if any(is_password_change(row.action, row.payload) for row in _open_changes(station)):
        raise Conflict("password_under_way")
    payload = {"key": "AuthorizationKey", "value": secret_hex(PASSWORD_BYTES)}
    return request_command(actor, station_id, Action.CHANGE_CONFIGURATION, payload, expires_in=SET_UP_WITHIN)


@use_case
def raise_security_profile(actor: Actor, station_id: StationId, *, profile: SecurityProfile) -> StationCommand:
    """Lead a charger to a higher security profile: tell it, restart it when it agrees, and see it come back.

    Only when it comes with the new profile the old one is refused. From an open station to a password it is the
    password that is sent. Raises Invalid(profile=), Conflict.
    """
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id, lock=True)
    if profile.value <= station.security_profile.value:
        raise Invalid(profile="not_higher")
    if profile is SecurityProfile.PASSWORD:
        return push_password(actor, station_id)
    if profile is SecurityProfile.PASSWORD_TLS and not station.password_hash:
        raise Invalid(profile="password_first")
    if any(profile_change(row.action, row.payload) for row in _open_changes(station)):
        raise Conflict("profile_under_way")
    payload = {"key": "SecurityProfile", "value": profile.value}
    command = request_command(actor, station_id, Action.CHANGE_CONFIGURATION, payload, expires_in=SET_UP_WITHIN)
    station.raise_command_id = command.id
    return command


@use_case
def restart_for_profile(actor: Actor, command_id: CommandId) -> None:
    """The charger answered to the profile that we lead it to: restart it, or leave it as it is. Once per raise."""
    system(actor)
    command = db.session().get(StationCommand, command_id)
    if command is None or profile_change(command.action, command.payload) is None:
        return
    station = db.session().get(Station, command.station_id, with_for_update=True, populate_existing=True)
    if station is None or station.raise_command_id != command.id or command.state is CommandState.TIMED_OUT:
        return  # no raise of ours, or its answer may still come
    station.raise_command_id = None
    if command.state is CommandState.ACCEPTED:
        request_command(
            actor,
            StationId(station.id),
            Action.RESET,
            {"type": "Hard"},
            expires_in=SET_UP_WITHIN,
            requested_by=command.requested_by,
        )


def end_logins(station: Station) -> None:
    """Whatever the charger proved so far counts no more: the connection that is open ends, also where the note is lost.

    For the room, within its doors.
    """
    station.login_renewed_at = clock.now()
    tell(NEW_LOGIN, data=station.id.hex.encode())


def _open_changes(station: Station) -> list[StationCommand]:
    changes = select(StationCommand).where(
        StationCommand.station_id == station.id,
        StationCommand.action == Action.CHANGE_CONFIGURATION,
        StationCommand.state.in_([CommandState.PENDING, CommandState.SENT]),
    )
    return list(db.session().scalars(changes))

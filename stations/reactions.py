"""What this room does when something happened."""

from accounts.access import SYSTEM
from accounts.events import TimeZoneChanged
from accounts.values import AccountId
from kit.events import Event
from kit.worker import Reaction
from stations.events import CertificateRequested, CommandFinished, PasswordDue, StationsInTrouble
from stations.letters import tell_of_troubles
from stations.use_cases import (
    follow_time_zone,
    go_on_reading,
    note_ability,
    note_availability,
    note_installed,
    restart_for_profile,
    send_due_password,
    settle_certificate,
    settle_file_job,
    sign_certificate,
)
from stations.values import Action, CertificateId, CommandId, CommandState, StationId

_ABOUT_ROOTS = frozenset(
    action.value
    for action in (Action.INSTALL_CERTIFICATE, Action.DELETE_CERTIFICATE, Action.GET_INSTALLED_CERTIFICATE_IDS)
)


_ABOUT_FILES = frozenset(
    action.value
    for action in (Action.GET_DIAGNOSTICS, Action.GET_LOG, Action.UPDATE_FIRMWARE, Action.SIGNED_UPDATE_FIRMWARE)
)

_ABOUT_SETTINGS = frozenset({Action.GET_CONFIGURATION.value, Action.CHANGE_CONFIGURATION.value})
_ANSWERED = frozenset(state.value for state in (CommandState.ACCEPTED, CommandState.REFUSED, CommandState.FAILED))


def hear_of_file(event: CommandFinished) -> None:
    """The station will send or fetch a file, or not."""
    if event.action in _ABOUT_FILES:
        settle_file_job(SYSTEM, CommandId(event.command_id))


def send_certificate(event: CertificateRequested) -> None:
    """Sign what the station asked for, and send it."""
    sign_certificate(SYSTEM, CertificateId(event.certificate_id))


def hear_of_certificate(event: CommandFinished) -> None:
    """The station took its own certificate or refused it, or told which root certificates it has."""
    if event.unchecked:
        return
    if event.action == Action.CERTIFICATE_SIGNED.value:
        settle_certificate(SYSTEM, CommandId(event.command_id))
    elif event.action in _ABOUT_ROOTS:
        note_installed(SYSTEM, CommandId(event.command_id))


def lead_on_to_profile(event: CommandFinished) -> None:
    """A charger answered to a setting: if it was a security profile that we lead it to, its restart follows."""
    if event.action == Action.CHANGE_CONFIGURATION.value:
        restart_for_profile(SYSTEM, CommandId(event.command_id))


def hear_of_settings(event: CommandFinished) -> None:
    """The station answered to a question about its settings: the next one follows."""
    if event.action in _ABOUT_SETTINGS:
        go_on_reading(SYSTEM, CommandId(event.command_id))


def learn(event: CommandFinished) -> None:
    """The station can do what it was asked for, or it can't."""
    if event.state in _ANSWERED and not event.unchecked:
        note_ability(SYSTEM, CommandId(event.command_id))


def hear_of_availability(event: CommandFinished) -> None:
    """The station will put connectors in or out of service, or not."""
    if event.action == Action.CHANGE_AVAILABILITY.value and not event.unchecked:
        note_availability(SYSTEM, CommandId(event.command_id))


def read_hours_anew(event: TimeZoneChanged) -> None:
    """Opening hours follow the clock of the account."""
    follow_time_zone(SYSTEM, AccountId(event.account_id))


def secure(event: PasswordDue) -> None:
    """A charger that came by itself started as a station: from its next connect on it proves who it is."""
    send_due_password(SYSTEM, StationId(event.station_id))


REACTIONS: dict[type[Event], list[Reaction]] = {
    CertificateRequested: [send_certificate],
    PasswordDue: [secure],
    StationsInTrouble: [tell_of_troubles],
    TimeZoneChanged: [read_hours_anew],
    CommandFinished: [
        hear_of_certificate,
        lead_on_to_profile,
        hear_of_file,
        hear_of_settings,
        learn,
        hear_of_availability,
    ],
}

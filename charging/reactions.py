"""What this room does when something happened."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.counters import LAST_NUMBER
from charging.events import SessionEnded, SessionStarted, TagsChanged
from charging.queries import (
    authorisation_of_command,
    automatic_lists,
    awaited_by_hand,
    carried_profile,
    has_session_profiles,
    is_unpermitted,
    unpermitted,
    with_gap,
    with_session_profiles,
)
from charging.use_cases import (
    end_hand_start,
    end_session_profiles,
    fail_authorisation,
    follow_station,
    link_hand_start,
    look_for_gap,
    note_dropped_readings,
    refresh_local_list,
    request_stop,
    settle_cancellation,
    settle_charging_profile,
    settle_composite_schedule,
    settle_local_list,
    settle_local_list_version,
    settle_profile_clearing,
    settle_reservation,
    use_reservation,
)
from charging.values import AuthorisationId, SessionId
from kit.errors import Conflict
from kit.events import Event
from kit.worker import Picky, Reaction
from stations.events import CommandFinished, StationAccepted, StationMoved
from stations.queries import command_tries
from stations.values import Action, CommandId, CommandState, StationId

_FAILURES = {
    CommandState.REFUSED: "refused",
    CommandState.FAILED: "refused",
    CommandState.TIMED_OUT: "no_answer",
    CommandState.EXPIRED: "offline",
    CommandState.CANCELLED: "refused",
}


def note_gap(event: SessionStarted) -> None:
    """Energy drawn between two sessions: a session was lost, or the charger gives power to anybody."""
    look_for_gap(SYSTEM, SessionId(event.session_id))


def give_up_start(event: CommandFinished) -> None:
    """The charger did not take the remote start: the permission is void. Told twice, it may refuse the second telling
    because it has taken the first; then what it does next decides.
    """
    failure = _FAILURES.get(CommandState(event.state))
    if event.action != Action.REMOTE_START.value or failure is None:
        return
    told_again = command_tries(SYSTEM, CommandId(event.command_id)) > 1 and failure == "refused"
    authorisation_id = authorisation_of_command(SYSTEM, CommandId(event.command_id))
    if authorisation_id is not None and not told_again:
        fail_authorisation(SYSTEM, AuthorisationId(authorisation_id), failure)


def follow_hand_start(event: CommandFinished) -> None:
    """The charger took a remote start that somebody sent, or not."""
    if event.action == Action.REMOTE_START.value:
        end_hand_start(SYSTEM, CommandId(event.command_id))


def find_starter(event: SessionStarted) -> None:
    """The session may be the one that somebody asked for."""
    link_hand_start(SYSTEM, SessionId(event.session_id))


def stop_unpermitted(event: SessionStarted) -> None:
    """A charger started after all on a permission that had come to nothing: nobody pays for it, so it is stopped."""
    if is_unpermitted(SYSTEM, SessionId(event.session_id)):
        try:
            request_stop(SYSTEM, SessionId(event.session_id))
        except Conflict:
            return  # it is over already


def follow_reservation(event: CommandFinished) -> None:
    """The station answered a reservation or its cancelling, or never will."""
    if event.unchecked:
        return
    if event.action == Action.RESERVE_NOW.value:
        settle_reservation(SYSTEM, CommandId(event.command_id))
    elif event.action == Action.CANCEL_RESERVATION.value:
        settle_cancellation(SYSTEM, CommandId(event.command_id))


def link_reservation(event: SessionStarted) -> None:
    """The charger says which reservation this session uses. Some say 0 where there is none."""
    if event.reservation_number is not None and 0 < event.reservation_number <= LAST_NUMBER:
        use_reservation(SYSTEM, SessionId(event.session_id), event.reservation_number)


def follow_local_list(event: CommandFinished) -> None:
    """The station answered to its local list, or never will."""
    if event.unchecked:
        return
    if event.action == Action.SEND_LOCAL_LIST.value:
        settle_local_list(SYSTEM, CommandId(event.command_id))
    elif event.action == Action.GET_LOCAL_LIST_VERSION.value:
        settle_local_list_version(SYSTEM, CommandId(event.command_id))


def keep_local_lists(event: TagsChanged) -> None:
    """Tell the stations whose lists are kept up to date."""
    for station_id in automatic_lists(SYSTEM, AccountId(event.account_id)):
        refresh_local_list(SYSTEM, StationId(station_id))


def go_along(event: StationMoved) -> None:
    """What the station holds goes with it."""
    follow_station(SYSTEM, StationId(event.station_id))


_PROFILE_SETTLERS = {
    Action.SET_CHARGING_PROFILE.value: settle_charging_profile,
    Action.REMOTE_START.value: settle_charging_profile,
    Action.CLEAR_CHARGING_PROFILE.value: settle_profile_clearing,
    Action.GET_COMPOSITE_SCHEDULE.value: settle_composite_schedule,
}


def follow_profile(event: CommandFinished) -> None:
    """The station answered to a charging profile, or never will."""
    if event.unchecked:
        return
    settle, command_id = _PROFILE_SETTLERS.get(event.action), CommandId(event.command_id)
    if event.action == Action.REMOTE_START.value and not carried_profile(SYSTEM, command_id):
        return
    if settle is not None:
        settle(SYSTEM, command_id)


def end_profiles(event: SessionEnded) -> None:
    """Profiles of a session end with it."""
    if has_session_profiles(SYSTEM, SessionId(event.session_id)):
        end_session_profiles(SYSTEM, SessionId(event.session_id))


def _ids(events: Sequence[SessionStarted | SessionEnded]) -> list[UUID]:
    return [event.session_id for event in events]


def _those(events: Sequence[Any], session_ids: Collection[UUID]) -> list[Any]:
    return [event for event in events if event.session_id in session_ids]


def _unpermitted(events: Sequence[SessionStarted]) -> list[SessionStarted]:
    return _those(events, unpermitted(SYSTEM, _ids(events)))


def _awaited(events: Sequence[SessionStarted]) -> list[SessionStarted]:
    return _those(events, awaited_by_hand(SYSTEM, _ids(events)))


def _reserved(events: Sequence[SessionStarted]) -> list[SessionStarted]:
    return [event for event in events if event.reservation_number is not None]


def _behind_gap(events: Sequence[SessionStarted]) -> list[SessionStarted]:
    return _those(events, with_gap(SYSTEM, _ids(events)))


def _with_profiles(events: Sequence[SessionEnded]) -> list[SessionEnded]:
    return _those(events, with_session_profiles(SYSTEM, _ids(events)))


def tell_of_dropped(event: StationAccepted) -> None:
    """Its page as a charger that waits told of lost readings; as a station, it has them among its doubts."""
    if event.readings_dropped:
        note_dropped_readings(SYSTEM, StationId(event.station_id), event.readings_dropped)


REACTIONS: dict[type[Event], list[Reaction]] = {
    CommandFinished: [give_up_start, follow_hand_start, follow_reservation, follow_local_list, follow_profile],
    SessionStarted: [
        Picky(stop_unpermitted, _unpermitted),
        Picky(find_starter, _awaited),
        Picky(link_reservation, _reserved),
        Picky(note_gap, _behind_gap),
    ],
    SessionEnded: [Picky(end_profiles, _with_profiles)],
    TagsChanged: [keep_local_lists],
    StationAccepted: [tell_of_dropped],
    StationMoved: [go_along],
}

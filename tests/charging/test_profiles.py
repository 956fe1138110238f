"""Charging profiles: well formed for this station, installed only when it said so, asked in other words when not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import SYSTEM
from charging.jobs import JOBS
from charging.models import ChargingProfile
from charging.queries import charging_profiles, composite_schedules, schedule_style
from charging.reactions import REACTIONS
from charging.use_cases import (
    ask_composite_schedule,
    clear_charging_profiles,
    limit_power,
    request_start,
    set_charging_profile,
    set_schedule_style,
)
from charging.values import (
    NewProfile,
    ProfileCheck,
    ProfileKind,
    ProfilePurpose,
    ProfileState,
    RateUnit,
    Recurrency,
    SchedulePeriod,
    ScheduleStyle,
)
from kit import clock, worker
from kit.errors import Forbidden, Invalid, NotFound
from ocpp_ws import schemas
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState, NewConnector, StationId
from tests import scene
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("database", "program")
YES, NO = CommandState.ACCEPTED, CommandState.REFUSED
INSTALLED = ProfileState.INSTALLED
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
PLAIN = NewProfile(ProfilePurpose.DEFAULT, RateUnit.AMPERE, (SchedulePeriod(0, Decimal(16)),))


@pytest.fixture(autouse=True)
def _work() -> Any:
    worker.bind([REACTIONS], JOBS)
    yield
    worker.bind([], [])


@pytest.fixture
def station(database: str, program: object) -> Station:
    """A station with two connectors."""
    return scene.station(connectors=[NewConnector()] * 2)


def sent(action: Action = Action.SET_CHARGING_PROFILE) -> list[StationCommand]:
    return sorted(scene.rows(StationCommand, StationCommand.action == action), key=lambda row: row.id)


def answer(command_id: Any, state: CommandState = YES, told: Mapping[str, Any] | None = None) -> None:
    mark_command_sent(SYSTEM, CommandId(command_id))
    given = {"status": "Accepted" if state is YES else "Rejected"} if told is None else dict(told)
    finish_command(SYSTEM, CommandId(command_id), state, answer=given)
    worker.drain()


def told_settings(station: Station, **values: int) -> None:
    rows = [{"key": key, "value": str(value)} for key, value in values.items()]
    command = request_command(SYSTEM, StationId(station.id), Action.GET_CONFIGURATION, {})
    answer(command.id, YES, {"configurationKey": rows})


def limit(station: Station, number: int = 0, amount: str = "16", **facts: Any) -> ChargingProfile:
    unit = facts.pop("unit", RateUnit.AMPERE)
    return limit_power(
        SYSTEM, StationId(station.id), connector_number=number, limit=Decimal(amount), unit=unit, **facts
    )


def send(station: Station, profile: NewProfile, number: int = 1) -> ChargingProfile:
    return set_charging_profile(SYSTEM, StationId(station.id), profile, connector_number=number)


def now_is(profile: ChargingProfile) -> ChargingProfile:
    found: ChargingProfile = scene.row(ChargingProfile, profile.id)
    return found


def test_tc_056_a_default_profile_is_well_formed_and_installed_when_the_station_agrees(station: Station) -> None:
    with clock.moved_to(NOON):
        profile = send(
            station,
            replace(
                PLAIN,
                periods=(SchedulePeriod(0, Decimal("16.0")), SchedulePeriod(3600, Decimal("9.5"), 1)),
                duration_s=7200,
            ),
        )
        (command,) = sent()
        assert command.payload == {
            "connectorId": 1,
            "csChargingProfiles": {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "TxDefaultProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "startSchedule": "2026-12-01T11:59:00Z",
                    "duration": 7200,
                    "chargingSchedulePeriod": [
                        {"startPeriod": 0, "limit": 16},
                        {"startPeriod": 3600, "limit": 9.5, "numberPhases": 1},
                    ],
                },
            },
        }
        assert schemas.schema("SetChargingProfile").is_valid(command.payload)
        assert profile.state is ProfileState.REQUESTED
        answer(command.id)
    assert (now_is(profile).state, now_is(profile).installed_at is not None) == (INSTALLED, True)


@pytest.mark.parametrize(
    ("style", "kind", "start"),
    [
        (ScheduleStyle.PAST, "Absolute", "2026-12-01T11:59:00Z"),
        (ScheduleStyle.ABSOLUTE, "Absolute", "2026-12-01T14:00:00Z"),
        (ScheduleStyle.RELATIVE, "Relative", None),
    ],
)
def test_q102_limits_are_written_as_the_station_wants_them(
    station: Station, style: ScheduleStyle, kind: str, start: str | None
) -> None:
    set_schedule_style(SYSTEM, StationId(station.id), ScheduleStyle.ABSOLUTE)
    set_schedule_style(SYSTEM, StationId(station.id), style)
    assert schedule_style(SYSTEM, StationId(station.id)) is style
    with clock.moved_to(NOON):
        limit(station, 1, begins_at=NOON + timedelta(hours=2), ends_at=NOON + timedelta(hours=4))
    payload = sent()[0].payload["csChargingProfiles"]
    assert (payload["chargingProfileKind"], payload["chargingSchedule"].get("startSchedule")) == (kind, start)
    assert (payload["validFrom"], payload["validTo"]) == ("2026-12-01T14:00:00Z", "2026-12-01T16:00:00Z")


def test_tc_057_a_profile_for_a_session_carries_its_transaction_and_ends_with_it(station: Station) -> None:
    charger = Talk(station)
    with pytest.raises(Invalid) as refusal:
        send(station, replace(PLAIN, purpose=ProfilePurpose.SESSION))
    assert refusal.value.fields == {"connector_number": "no_session"}
    transaction = charger.start(connector=1)["transactionId"]
    profile = send(station, replace(PLAIN, purpose=ProfilePurpose.SESSION))
    assert sent()[0].payload["csChargingProfiles"]["transactionId"] == transaction
    answer(profile.command_id)
    assert now_is(profile).state is INSTALLED
    charger.stop(transaction)
    worker.drain()
    assert now_is(profile).state is ProfileState.ENDED


def test_tc_059_a_profile_inside_of_a_remote_start_has_no_transaction(station: Station) -> None:
    wanted = replace(PLAIN, purpose=ProfilePurpose.SESSION)
    permission = request_start(SYSTEM, scene.connector(station).id, profile=wanted)
    (command,) = sent(Action.REMOTE_START)
    inside = command.payload["chargingProfile"]
    assert (inside["chargingProfilePurpose"], "transactionId" in inside) == ("TxProfile", False)
    assert schemas.schema("RemoteStartTransaction").is_valid(command.payload)
    (profile,) = scene.rows(ChargingProfile)
    answer(command.id)
    assert now_is(profile).state is INSTALLED
    assert sent(Action.GET_COMPOSITE_SCHEDULE) == []  # there is nothing to see yet
    charger = Talk(station)
    charger.stop(charger.start(tag=permission.id_tag)["transactionId"])
    worker.drain()
    assert now_is(profile).state is ProfileState.ENDED
    with pytest.raises(Invalid):
        request_start(SYSTEM, scene.connector(station, 2).id, profile=PLAIN)


def test_a_remote_start_that_is_refused_installs_nothing(station: Station) -> None:
    request_start(SYSTEM, scene.connector(station).id, profile=replace(PLAIN, purpose=ProfilePurpose.SESSION))
    answer(sent(Action.REMOTE_START)[0].id, NO)
    (profile,) = scene.rows(ChargingProfile)
    assert (profile.state, profile.reason) == (ProfileState.REFUSED, "Rejected")


def test_q101_a_refused_limit_is_said_in_other_words(station: Station) -> None:
    charger = Talk(station)
    transactions = [charger.start(connector=number)["transactionId"] for number in (1, 2)]
    limit(station, 0, "10")
    answer(sent()[0].id, NO)
    answer(sent()[1].id, NO, {"status": "NotSupported"})
    said = [row.payload["csChargingProfiles"] for row in sent()]
    assert [(one["chargingProfilePurpose"], one.get("transactionId")) for one in said] == [
        ("ChargePointMaxProfile", None),
        ("TxDefaultProfile", None),
        ("TxProfile", transactions[1]),
        ("TxProfile", transactions[0]),
    ]
    assert [row.payload["connectorId"] for row in sent()] == [0, 0, 2, 1]
    assert all(one["chargingSchedule"] == said[0]["chargingSchedule"] for one in said)
    assert len({one["chargingProfileId"] for one in said}) == 4
    for command in sent()[2:]:
        answer(command.id)
    states = {row.profile_number: (row.state, row.reason) for row in scene.rows(ChargingProfile)}
    assert states == {
        1: (ProfileState.REFUSED, "Rejected"),
        2: (ProfileState.REFUSED, "NotSupported"),
        3: (INSTALLED, ""),
        4: (INSTALLED, ""),
    }


def test_without_an_answer_nothing_else_is_tried_and_a_late_yes_counts(station: Station) -> None:
    profile = limit(station)
    answer(profile.command_id, CommandState.TIMED_OUT, {})
    assert (now_is(profile).state, now_is(profile).reason, len(sent())) == (ProfileState.REFUSED, "no_answer", 1)
    answer(profile.command_id)
    assert (now_is(profile).state, now_is(profile).reason) == (INSTALLED, "")


@pytest.mark.parametrize(
    ("told", "check"), [(16, ProfileCheck.CONFIRMED), (32, ProfileCheck.IGNORED), (None, ProfileCheck.UNCHECKED)]
)
def test_q108_an_accepted_limit_is_checked_by_the_schedule_of_the_station(
    station: Station, told: int | None, check: ProfileCheck
) -> None:
    profile = limit(station, 1)
    answer(profile.command_id)
    (asked,) = sent(Action.GET_COMPOSITE_SCHEDULE)
    assert asked.payload == {"connectorId": 1, "duration": 3600, "chargingRateUnit": "A"}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": told}]}
    if told is None:
        answer(asked.id, NO)
    else:
        answer(asked.id, YES, {"status": "Accepted", "connectorId": 1, "chargingSchedule": schedule})
    assert now_is(profile).check is check


def test_q108_more_power_than_allowed_is_noticed_once_it_had_time_to_fall(station: Station) -> None:
    profile = limit(station, 1, "4000", unit=RateUnit.WATT)
    answer(profile.command_id)

    charger = Talk(station)
    transaction = charger.start(connector=1)["transactionId"]

    def exceeded(power_w: int) -> bool:
        sample = {"measurand": "Power.Active.Import", "unit": "W", "value": str(power_w)}
        charger.meter(sample, connector=1, transactionId=transaction)
        return charging_profiles(SYSTEM, StationId(station.id))[0].exceeded

    assert not exceeded(11_000)
    with clock.moved_to(clock.now() + timedelta(minutes=3)):
        assert exceeded(11_000)
        assert not exceeded(4_300)


def test_tc_066_a_composite_schedule_is_kept_and_shown(station: Station) -> None:
    command = ask_composite_schedule(SYSTEM, StationId(station.id), connector_number=1, unit=RateUnit.WATT)
    assert command.payload == {"connectorId": 1, "duration": 86_400, "chargingRateUnit": "W"}
    periods = [{"startPeriod": 0, "limit": 11000}, {"startPeriod": 600, "limit": 4000.5}]
    schedule = {"chargingRateUnit": "W", "duration": 3600, "chargingSchedulePeriod": periods}
    told = {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": "2026-12-01T12:00:00Z",
        "chargingSchedule": schedule,
    }
    answer(command.id, YES, told)
    (found,) = composite_schedules(SYSTEM, StationId(station.id))
    assert (found.connector_number, found.starts_at, found.duration_s, found.unit) == (1, NOON, 3600, "W")
    assert found.points == ((0, Decimal(11000)), (600, Decimal("4000.5")))
    strange: dict[str, Any]
    for strange in ({}, {"chargingSchedule": 5}, {"chargingSchedule": {"chargingSchedulePeriod": [{}]}}):
        again = ask_composite_schedule(SYSTEM, StationId(station.id), connector_number=1)
        answer(again.id, YES, {"status": "Accepted"} | strange)
    assert composite_schedules(SYSTEM, StationId(station.id)) == [found]


def test_tc_067_profiles_are_cleared_by_number_and_by_purpose_and_level(station: Station) -> None:
    profiles = [limit(station, 0), limit(station, 1), limit(station, 2)]
    for profile in profiles:
        answer(profile.command_id)

    def states() -> list[ProfileState]:
        return [now_is(profile).state for profile in profiles]

    one = clear_charging_profiles(SYSTEM, StationId(station.id), profile_number=profiles[0].profile_number)
    assert one.payload == {"id": profiles[0].profile_number}
    answer(one.id)
    assert states() == [ProfileState.CLEARED, INSTALLED, INSTALLED]
    some = clear_charging_profiles(
        SYSTEM, StationId(station.id), connector_number=1, purpose=ProfilePurpose.DEFAULT, stack_level=0
    )
    assert some.payload == {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    answer(some.id, NO, {"status": "Unknown"})  # the station has forgotten it by itself
    assert states() == [ProfileState.CLEARED, ProfileState.CLEARED, INSTALLED]
    nothing = clear_charging_profiles(SYSTEM, StationId(station.id))
    answer(nothing.id, CommandState.TIMED_OUT, {})
    assert states()[2] is INSTALLED
    late = limit(station, 1)
    answer(late.command_id)
    answer(nothing.id)
    assert states()[2] is ProfileState.CLEARED


def test_a_profile_takes_the_place_of_the_one_before(station: Station) -> None:
    first, other, second = limit(station, 1), limit(station, 2), limit(station, 1, "10")
    for profile in (first, other, second):
        answer(profile.command_id)
    assert [now_is(one).state for one in (first, other, second)] == [ProfileState.REPLACED, INSTALLED, INSTALLED]


def test_a_profile_that_somebody_wrote_by_hand_counts_too(station: Station) -> None:
    send(station, PLAIN)
    payload = sent()[0].payload
    by_hand = payload["csChargingProfiles"] | {"chargingProfileId": 900, "stackLevel": 3}
    message = {"connectorId": 2, "csChargingProfiles": by_hand}
    answer(request_command(SYSTEM, StationId(station.id), Action.SET_CHARGING_PROFILE, message).id)
    (found,) = scene.rows(ChargingProfile, ChargingProfile.profile_number == 900)
    assert (found.state, found.stack_level, found.connector_number) == (INSTALLED, 3, 2)
    changed = {"connectorId": 1, "csChargingProfiles": by_hand}
    answer(request_command(SYSTEM, StationId(station.id), Action.SET_CHARGING_PROFILE, changed).id)
    (found,) = scene.rows(ChargingProfile, ChargingProfile.profile_number == 900)
    assert (found.state, found.connector_number) == (INSTALLED, 1)


@pytest.mark.parametrize(
    ("changes", "number", "problem"),
    [
        ({"periods": ()}, 1, {"periods": "required"}),
        ({"periods": (SchedulePeriod(5, Decimal(6)),)}, 1, {"periods": "not_in_order"}),
        ({"periods": (SchedulePeriod(0, Decimal(6)), SchedulePeriod(0, Decimal(6)))}, 1, {"periods": "not_in_order"}),
        ({"periods": (SchedulePeriod(0, Decimal(-1)),)}, 1, {"limit": "out_of_range"}),
        ({"periods": (SchedulePeriod(0, Decimal("6.25")),)}, 1, {"limit": "too_precise"}),
        ({"periods": (SchedulePeriod(0, Decimal(6), 4),)}, 1, {"phases": "out_of_range"}),
        ({"stack_level": -1}, 1, {"stack_level": "out_of_range"}),
        ({"purpose": ProfilePurpose.STATION}, 1, {"connector_number": "station_only"}),
        ({"purpose": ProfilePurpose.SESSION}, 0, {"connector_number": "connector_only"}),
        ({"kind": ProfileKind.RECURRING}, 1, {"recurrency": "required"}),
        ({"recurrency": Recurrency.DAILY}, 1, {"recurrency": "unknown"}),
        ({"duration_s": 0}, 1, {"duration_s": "out_of_range"}),
        ({"valid_to": datetime(2020, 1, 1, tzinfo=UTC)}, 1, {"valid_to": "in_the_past"}),
        ({"starts_at": datetime(2030, 1, 1)}, 1, {"starts_at": "without_zone"}),  # noqa: DTZ001  # that is the point
        ({}, 3, {"connector_number": "unknown"}),
    ],
)
def test_what_is_not_well_formed_is_refused_at_its_field(
    station: Station, changes: dict[str, Any], number: int, problem: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        send(station, replace(PLAIN, **changes), number)
    assert refusal.value.fields == problem
    assert sent() == []


def test_q100_what_the_station_told_of_its_limits_holds(station: Station) -> None:
    high = replace(PLAIN, stack_level=1)
    assert send(station, high).stack_level == 1  # nothing is known, so nothing is assumed
    told_settings(station, ChargeProfileMaxStackLevel=0, ChargingScheduleMaxPeriods=1)
    for profile, problem in (
        (high, {"stack_level": "out_of_range"}),
        (
            replace(PLAIN, periods=(SchedulePeriod(0, Decimal(6)), SchedulePeriod(9, Decimal(8)))),
            {"periods": "too_many"},
        ),
    ):
        with pytest.raises(Invalid) as refusal:
            send(station, profile)
        assert refusal.value.fields == problem
    assert send(station, PLAIN).stack_level == 0


def test_only_who_may_send_commands_limits() -> None:
    people = scene.people()
    station_id = StationId(scene.station(property=people.property).id)
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refused):
            limit_power(actor, station_id, connector_number=0, limit=Decimal(6), unit=RateUnit.AMPERE)
        with pytest.raises(refused):
            set_charging_profile(actor, station_id, PLAIN, connector_number=1)
        with pytest.raises(refused):
            clear_charging_profiles(actor, station_id)
        with pytest.raises(refused):
            ask_composite_schedule(actor, station_id, connector_number=0)
        with pytest.raises(refused):
            set_schedule_style(actor, station_id, ScheduleStyle.PAST)
    with pytest.raises(NotFound):
        charging_profiles(people.charlie, station_id)
    assert charging_profiles(people.vera, station_id) == []
    assert scene.rows(StationCommand) == []

"""Local lists: what a station knows follows its answers; it is told what differs and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.jobs import JOBS, tell_missed_lists
from charging.models import Tag
from charging.queries import LocalListFacts, local_list
from charging.reactions import REACTIONS, follow_local_list
from charging.use_cases import (
    add_tag,
    ask_local_list_version,
    block_tag,
    delete_tag,
    import_tags,
    keep_local_list,
    update_local_list,
)
from charging.values import NewTag, TagId
from kit import clock, worker
from kit.errors import Forbidden, NotFound
from stations.events import CommandFinished
from stations.jobs import end_overdue_commands
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent, request_command
from stations.values import Action, CommandId, CommandState, ConnectorStatus, StationId
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")
YES, NO = CommandState.ACCEPTED, CommandState.REFUSED
ACCEPTED = {"status": "Accepted"}


@pytest.fixture(autouse=True)
def _work() -> Any:
    worker.bind([REACTIONS], JOBS)
    yield
    worker.bind([], [])


@pytest.fixture
def station(database: str, program: object) -> Station:
    """A station whose account has two tags."""
    made = scene.station()
    add_tag(SYSTEM, AccountId(made.account_id), "04AA", parent_id_tag="HAUS")
    add_tag(SYSTEM, AccountId(made.account_id), "04BB", blocked=True)
    worker.drain()
    return made


def sent() -> list[StationCommand]:
    return sorted(scene.rows(StationCommand, StationCommand.action == Action.SEND_LOCAL_LIST), key=lambda row: row.id)


def open_one() -> StationCommand:
    (command,) = [row for row in sent() if not row.state.final]
    return command


def answer(command: StationCommand, state: CommandState, told: dict[str, Any] | None) -> None:
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state, answer=told)
    worker.drain()


def facts(station: Station) -> LocalListFacts:
    return local_list(SYSTEM, StationId(station.id))


def told_settings(station: Station, **values: int) -> None:
    rows = [{"key": key, "value": str(value), "readonly": True} for key, value in values.items()]
    command = request_command(SYSTEM, StationId(station.id), Action.GET_CONFIGURATION, {})
    answer(command, YES, {"configurationKey": rows})


def brought_up_to_date(station: Station) -> None:
    update_local_list(SYSTEM, StationId(station.id))
    answer(open_one(), YES, ACCEPTED)


@pytest.mark.parametrize(("case", "version", "known"), [("tc_042_1", -1, None), ("tc_042_2", 0, 0)])
def test_the_version_is_read_as_the_standard_means_it(
    station: Station, case: str, version: int, known: int | None
) -> None:
    command = ask_local_list_version(SYSTEM, StationId(station.id))
    assert (command.action, command.payload) == (Action.GET_LOCAL_LIST_VERSION, {})
    answer(command, YES, {"listVersion": version})
    found = facts(station)
    assert (found.version, found.known, found.supported) == (version, known, version == 0), case


def test_tc_043_4_the_full_list_carries_every_tag_with_its_info(station: Station) -> None:
    update_local_list(SYSTEM, StationId(station.id))
    assert open_one().payload == {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [
            {"idTag": "04AA", "idTagInfo": {"status": "Accepted", "parentIdTag": "HAUS"}},
            {"idTag": "04BB", "idTagInfo": {"status": "Blocked"}},
        ],
    }
    assert (facts(station).version, facts(station).sending, facts(station).due) == (None, True, 2)
    answer(open_one(), YES, ACCEPTED)
    found = facts(station)
    assert (found.version, found.known, found.due, found.sending, found.problem) == (1, 2, 0, False, "")


def test_tc_043_5_a_difference_carries_only_what_changed(station: Station) -> None:
    brought_up_to_date(station)
    account = AccountId(station.account_id)
    until = (clock.now() + timedelta(days=9)).replace(microsecond=0)
    add_tag(SYSTEM, account, "04CC", expires_at=until)
    add_tag(SYSTEM, account, "04DD")
    for row in scene.rows(Tag):
        if row.id_tag == "04AA":
            delete_tag(SYSTEM, TagId(row.id))
        if row.id_tag == "04DD":
            block_tag(SYSTEM, TagId(row.id))
    update_local_list(SYSTEM, StationId(station.id))
    assert open_one().payload == {
        "listVersion": 2,
        "updateType": "Differential",
        "localAuthorizationList": [
            {"idTag": "04AA"},
            {"idTag": "04CC", "idTagInfo": {"status": "Accepted", "expiryDate": clock.text(until)}},
            {"idTag": "04DD", "idTagInfo": {"status": "Blocked"}},
        ],
    }
    answer(open_one(), YES, ACCEPTED)
    assert (facts(station).version, facts(station).known, facts(station).due) == (2, 3, 0)
    update_local_list(SYSTEM, StationId(station.id))
    assert [row.state for row in sent()] == [YES, YES]  # nothing differs, so nothing is said


def test_tc_043_1_a_station_without_lists_is_not_asked_again_by_itself(station: Station) -> None:
    keep_local_list(SYSTEM, StationId(station.id), automatic=True)
    answer(open_one(), NO, {"status": "NotSupported"})
    add_tag(SYSTEM, AccountId(station.account_id), "04CC")
    worker.drain()
    tell_missed_lists()
    assert len(sent()) == 1
    found = facts(station)
    assert (found.version, found.problem, found.supported) == (-1, "NotSupported", False)


def test_tc_043_3_a_failed_sending_keeps_the_version(station: Station) -> None:
    brought_up_to_date(station)
    add_tag(SYSTEM, AccountId(station.account_id), "04CC")
    update_local_list(SYSTEM, StationId(station.id))
    answer(open_one(), NO, {"status": "Failed"})
    found = facts(station)
    assert (found.version, found.known, found.due, found.problem) == (1, 2, 1, "Failed")
    assert len(sent()) == 2
    update_local_list(SYSTEM, StationId(station.id))
    assert open_one().payload["listVersion"] == 2


def test_a_station_with_another_version_gets_the_whole_list_once(station: Station) -> None:
    brought_up_to_date(station)
    add_tag(SYSTEM, AccountId(station.account_id), "04CC")
    update_local_list(SYSTEM, StationId(station.id))
    answer(open_one(), NO, {"status": "VersionMismatch"})
    assert (open_one().payload["updateType"], len(open_one().payload["localAuthorizationList"])) == ("Full", 3)
    answer(open_one(), NO, {"status": "VersionMismatch"})
    assert len(sent()) == 3
    assert (facts(station).version, facts(station).problem) == (1, "VersionMismatch")


def test_a_version_that_we_do_not_know_makes_the_next_update_a_full_one(station: Station) -> None:
    brought_up_to_date(station)
    answer(ask_local_list_version(SYSTEM, StationId(station.id)), YES, {"listVersion": 1})
    assert facts(station).known == 2
    answer(ask_local_list_version(SYSTEM, StationId(station.id)), YES, {"listVersion": 7})
    assert (facts(station).version, facts(station).known) == (7, None)
    update_local_list(SYSTEM, StationId(station.id))
    assert (open_one().payload["updateType"], open_one().payload["listVersion"]) == ("Full", 8)


def test_a_version_beyond_all_numbers_is_taken_and_counted_from_one_again(station: Station) -> None:
    answer(ask_local_list_version(SYSTEM, StationId(station.id)), YES, {"listVersion": 2**40})
    brought_up_to_date(station)
    assert (sent()[-1].payload["updateType"], facts(station).version) == ("Full", 1)


def test_a_long_list_goes_out_in_pieces_as_large_as_the_station_takes(station: Station) -> None:
    import_tags(SYSTEM, AccountId(station.account_id), [NewTag(f"05{number:02}") for number in range(3)])
    told_settings(station, SendLocalListMaxLength=2)
    update_local_list(SYSTEM, StationId(station.id))
    for _ in range(3):
        answer(open_one(), YES, ACCEPTED)
    said = [
        (row.payload["updateType"], row.payload["listVersion"], len(row.payload["localAuthorizationList"]))
        for row in sent()
    ]
    assert said == [("Full", 1, 2), ("Differential", 2, 2), ("Differential", 3, 1)]
    assert (facts(station).version, facts(station).known, facts(station).due) == (3, 5, 0)


def test_where_not_all_fit_those_that_may_charge_come_first_and_long_ones_stay_away(station: Station) -> None:
    add_tag(SYSTEM, AccountId(station.account_id), "Z")
    add_tag(SYSTEM, AccountId(station.account_id), "9" * 21)
    told_settings(station, LocalAuthListMaxLength=2)
    update_local_list(SYSTEM, StationId(station.id))
    assert [entry["idTag"] for entry in open_one().payload["localAuthorizationList"]] == ["04AA", "Z"]


def test_a_list_that_is_kept_up_to_date_hears_of_changes_here_and_above() -> None:
    people = scene.people()
    station = scene.station(property=people.property)
    quiet = scene.station(property=people.property)
    keep_local_list(people.bob, StationId(station.id), automatic=True)
    assert open_one().payload["localAuthorizationList"] == []
    answer(open_one(), YES, ACCEPTED)
    add_tag(SYSTEM, AccountId(people.master.id), "ABOVE")
    add_tag(SYSTEM, AccountId(people.other_property.id), "BESIDE")
    worker.drain()
    assert [entry["idTag"] for entry in open_one().payload["localAuthorizationList"]] == ["ABOVE"]
    add_tag(SYSTEM, AccountId(people.property.id), "HERE")
    worker.drain()
    assert len(sent()) == 2  # one at a time
    answer(open_one(), YES, ACCEPTED)
    assert [entry["idTag"] for entry in open_one().payload["localAuthorizationList"]] == ["HERE"]
    answer(open_one(), YES, ACCEPTED)
    keep_local_list(people.bob, StationId(station.id), automatic=False)
    add_tag(SYSTEM, AccountId(people.property.id), "LATER")
    worker.drain()
    assert {row.station_id for row in sent()} == {station.id} != {quiet.id}
    assert len(sent()) == 3


def test_a_station_that_was_away_hears_of_it_when_it_is_back(station: Station) -> None:
    keep_local_list(SYSTEM, StationId(station.id), automatic=True)
    scene.silent(station)
    with clock.moved_to(clock.now() + timedelta(days=1, minutes=1)):
        end_overdue_commands()
        worker.drain()
        assert facts(station).problem == "offline"
        tell_missed_lists()
        assert len(sent()) == 1
        scene.says(station, ConnectorStatus.AVAILABLE)
        tell_missed_lists()
        answer(open_one(), YES, ACCEPTED)
    assert (facts(station).version, facts(station).due, facts(station).problem) == (1, 0, "")


def test_after_a_lost_answer_the_whole_list_is_sent_and_a_late_yes_counts(station: Station) -> None:
    brought_up_to_date(station)
    add_tag(SYSTEM, AccountId(station.account_id), "04CC")
    update_local_list(SYSTEM, StationId(station.id), full=True)
    lost = open_one()
    answer(lost, CommandState.TIMED_OUT, None)
    assert (facts(station).known, facts(station).version, facts(station).problem) == (None, 1, "no_answer")
    answer(lost, YES, ACCEPTED)
    assert (facts(station).known, facts(station).version, facts(station).problem) == (3, 2, "")


def test_an_answer_told_twice_does_not_turn_the_list_back(station: Station) -> None:
    brought_up_to_date(station)
    first = sent()[0]
    add_tag(SYSTEM, AccountId(station.account_id), "04CC")
    brought_up_to_date(station)
    follow_local_list(CommandFinished(first.id, station.id, first.action.value, "accepted"))
    assert (facts(station).version, facts(station).known) == (2, 3)


def test_a_list_that_somebody_sent_by_hand_counts_too(station: Station) -> None:
    payload = {
        "listVersion": 5,
        "updateType": "Full",
        "localAuthorizationList": [{"idTag": "X", "idTagInfo": {"status": "Accepted"}}],
    }
    answer(request_command(SYSTEM, StationId(station.id), Action.SEND_LOCAL_LIST, payload), YES, ACCEPTED)
    assert (facts(station).version, facts(station).known, facts(station).due) == (5, 1, 3)


def test_only_who_may_sends_lists_and_switches() -> None:
    people = scene.people()
    station_id = StationId(scene.station(property=people.property).id)
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refused):
            update_local_list(actor, station_id)
        with pytest.raises(refused):
            ask_local_list_version(actor, station_id)
        with pytest.raises(refused):
            keep_local_list(actor, station_id, automatic=True)
    with pytest.raises(NotFound):
        local_list(people.charlie, station_id)
    assert local_list(people.vera, station_id).version is None
    assert scene.rows(StationCommand) == []

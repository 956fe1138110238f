"""Nonsense for an answer: whatever a charger says to a call of ours, the call ends, and nothing else breaks."""

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import SYSTEM
from kit import events, worker
from ocpp_ws import outbound
from ocpp_ws.sockets import Gateway
from stations.models import Station, StationCommand
from stations.use_cases import keep_quiet
from stations.values import Action, CommandState, StationId
from tests import scene
from tests.conformance.test_any_message import MESSAGES
from tests.ocpp_ws.test_frames import JSON
from tests.ocpp_ws.test_fuzz import ANYTHING, IDS, LONG
from tests.ocpp_ws.wiring import ask, command, connect, station, until
from tests.wire import Client

pytestmark = pytest.mark.usefixtures("database", "program", "reacting")
shared = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
EXAMPLES = itertools.count()
ENDS = {CommandState.ACCEPTED, CommandState.REFUSED, CommandState.FAILED}

# fields that answers have, with whatever in them; `certificateHashData` and `configurationKey` are lists of the like
ENTRY = st.dictionaries(
    st.sampled_from(["key", "value", "readonly", "hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber"]),
    ANYTHING,
    max_size=4,
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["Accepted", "accepted", "Rejected", "Unlocked", "Maybe", "", "NotSupported"]) | ANYTHING,
    "configurationKey": st.lists(ENTRY | ANYTHING, max_size=3) | ANYTHING,
    "unknownKey": st.lists(ANYTHING, max_size=3) | ANYTHING,
    "certificateHashData": st.lists(ENTRY | ANYTHING, max_size=3) | ANYTHING,
    "listVersion": ANYTHING,
    "fileName": ANYTHING,
    "filename": ANYTHING,
    "chargingSchedule": st.dictionaries(st.sampled_from(["chargingRateUnit", "chargingSchedulePeriod"]), ANYTHING),
    "scheduleStart": ANYTHING,
    "data": ANYTHING,
}
PAYLOADS = st.one_of(st.fixed_dictionaries({}, optional=FIELDS), ANYTHING, LONG)
RESULTS = st.lists(PAYLOADS, max_size=2).map(lambda rest: [3, "<id>", *rest])
ERRORS = st.lists(JSON | LONG | ANYTHING, max_size=4).map(lambda rest: [4, "<id>", *rest])
ASTRAY = st.tuples(st.sampled_from([3, 4, "3", 3.0]), IDS | JSON, PAYLOADS).map(list)


@pytest.fixture
def charger(gateway: Gateway) -> tuple[Station, Client]:
    return quiet(gateway)


def quiet(gateway: Gateway) -> tuple[Station, Client]:
    """A charger that is asked only what a test wishes."""
    here = station()
    keep_quiet(SYSTEM, StationId(here.id), quiet=True)
    return here, connect(gateway, here)


def written(frame: Any, message_id: str) -> bytes:
    """A frame as the charger sends it."""
    return json.dumps([message_id if part == "<id>" else part for part in frame]).encode()


def alive(client: Client) -> None:
    """The socket is served, and nothing but an answer came; it tells no insides."""
    end = f"the end of example {next(EXAMPLES)}"
    assert client.call(end, "DataTransfer", {"vendorId": end})[:2] == [3, end]


def over(made: StationCommand) -> CommandState:
    """The state in which it ended."""
    state: CommandState = until(lambda: (row := command(made)).state.final and row.state)
    return state


def consequences() -> None:
    """Whatever follows from an answer is done, at the first try."""
    worker.drain()
    assert scene.rows(events.OutboxRow, events.OutboxRow.done_at.is_(None)) == []


class TestAnswers:
    @shared
    @given(
        action=st.sampled_from(list(Action)),
        answer=RESULTS | ERRORS,
        twice=PAYLOADS,
        astray=st.lists(ASTRAY, max_size=2),
    )
    def test_whatever_is_answered_the_call_ends_and_the_socket_lives(
        self, charger: tuple[Station, Client], action: Action, answer: list[Any], twice: Any, astray: list[Any]
    ) -> None:
        here, client = charger
        made = ask(here, action, MESSAGES[action][0])
        _, message_id, said, _ = client.next_frame()
        assert said == action.value
        for frame in astray:
            client.send(written(frame, message_id))
        client.send(written(answer, message_id))
        assert over(made) in ENDS
        first = command(made)
        client.send(written([3, message_id, twice], message_id))
        alive(client)
        second = command(made)
        assert (second.state, second.answer, second.error) == (first.state, first.answer, first.error)
        consequences()

    def test_a_cut_answer_counts_for_nothing_and_a_late_one_for_what_it_says(
        self, charger: tuple[Station, Client], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here, client = charger
        monkeypatch.setattr(outbound, "PATIENCE_S", 0.1)

        @settings(shared, max_examples=15)
        @given(answer=RESULTS | ERRORS, cut=st.integers(1, 30), late=st.sampled_from(["Accepted", "Rejected"]))
        def cut_and_late(answer: list[Any], cut: int, late: str) -> None:
            made = ask(here, Action.CLEAR_CACHE, {})
            message_id = client.next_frame()[1]
            client.send(written(answer, message_id)[:cut])  # less than the id
            assert over(made) is CommandState.TIMED_OUT
            client.send(written([3, message_id, {"status": late}], message_id))
            until(lambda: command(made).state is not CommandState.TIMED_OUT)
            assert command(made).answer == {"status": late}
            alive(client)
            consequences()

        cut_and_late()


def test_no_answer_of_one_charger_ends_a_call_to_another(gateway: Gateway) -> None:
    (here, client), (there, stranger) = quiet(gateway), quiet(gateway)
    made = ask(here)
    message_id = client.next_frame()[1]
    for frame in ([3, message_id, {"status": "Accepted"}], [4, message_id, "GenericError", "", {}]):
        stranger.send(written(frame, message_id))
    alive(stranger)
    assert command(made).state is CommandState.SENT
    client.send(written([3, message_id, {"status": "Rejected"}], message_id))
    assert over(made) is CommandState.REFUSED
    assert scene.rows(StationCommand, StationCommand.station_id == there.id) == []

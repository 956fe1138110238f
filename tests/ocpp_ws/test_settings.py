"""The settings of chargers over real sockets: how they are asked for, whatever the charger makes of it; and set."""

import json
import select
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

import ocpp_ws
import wsgi
from accounts.access import SYSTEM
from kit import bus, clock, db, worker
from kit.hub import Hub
from ocpp_ws import outbound, schemas, sockets
from ocpp_ws.sockets import Gateway
from stations.jobs import set_up_stations
from stations.models import SettingsReading, Station, StationSetting
from stations.queries import SocketStation, station_settings, stations_to_set_up
from stations.queries.settings import QUIET, known_number
from stations.use_cases import keep_quiet, read_settings, wish_setting
from stations.values import ReadingProblem, ReadingState, StationId, WishState
from tests import scene
from tests.wire import PATIENCE_S, Client, pair

pytestmark = pytest.mark.usefixtures("database", "program")
BOOT = {"chargePointVendor": "Somebody", "chargePointModel": "One", "firmwareVersion": "1.0"}
GOOD = {"MeterValueSampleInterval": "60", "MeterValuesSampledData": "Energy.Active.Import.Register"}
Answer = dict[str, Any] | None
_clients: list[Client] = []


@pytest.fixture
def gateway(database: str, program: object) -> Iterator[Gateway]:
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    running = sockets.current()
    assert running is not None
    yield running
    for client in _clients:
        client.close()
    _clients.clear()
    hub.stop()
    worker.bind([], [])


class Device:
    """A charger on a socket that has settings; `answers` makes of its answers what a peculiar one does."""

    def __init__(self, gateway: Gateway, answers: Callable[[str, dict[str, Any]], Answer] | None = None) -> None:
        self.gateway, self.row = gateway, scene.station(online=False)
        self.id = StationId(self.row.id)
        self.settings = {**GOOD, "HeartbeatInterval": "300"}
        self.answers = answers or self.well_behaved
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.dial()

    def dial(self) -> None:
        near, far = pair()
        self.gateway.adopt(far, b"", SocketStation(self.row.id, self.row.account_id, self.row.identity, ""))
        self.client = Client(near)
        _clients.append(self.client)
        self.client.call("boot", "BootNotification", BOOT)

    def hang_up(self) -> None:
        self.client.close()
        self.until(lambda: scene.row(Station, self.id).connected_at is None)

    def well_behaved(self, action: str, payload: dict[str, Any]) -> Answer:
        """What a charger answers that keeps to the standard."""
        if action == "ChangeConfiguration":
            self.settings[payload["key"]] = payload["value"]
            return {"status": "Accepted"}
        keys = payload.get("key") or list(self.settings)
        known = [{"key": key, "readonly": False, "value": self.settings[key]} for key in keys if key in self.settings]
        return {"configurationKey": known, "unknownKey": [key for key in keys if key not in self.settings]}

    def until(self, what: Callable[[], Any]) -> Any:
        """Answer what is asked and carry events, until something is true; it is returned."""
        deadline = time.monotonic() + PATIENCE_S
        while not (found := what()):
            assert time.monotonic() < deadline, f"did not happen; asked: {self.asked}"
            worker.drain()
            self._answer_one()
        return found

    def reading(self, *states: ReadingState) -> SettingsReading:
        """Wait for a reading to end, or to come into one of these states."""
        wanted = states or (ReadingState.DONE, ReadingState.FAILED)

        def there() -> SettingsReading | None:
            rows = scene.rows(SettingsReading, SettingsReading.station_id == self.id)
            return next((row for row in rows if row.state in wanted), None)

        found: SettingsReading = self.until(there)
        return found

    def setting(self, key: str) -> StationSetting:
        (found,) = scene.rows(
            StationSetting, StationSetting.station_id == self.id, StationSetting.folded_key == key.lower()
        )
        assert isinstance(found, StationSetting)
        return found

    def writes(self) -> list[tuple[str, str]]:
        return [(said["key"], said["value"]) for action, said in self.asked if action == "ChangeConfiguration"]

    def booted(self, *, again: bool = False) -> None:
        """It started a while ago (`again`: just after what was done so far); the job looks for it."""
        if again:
            self.client.call("again", "BootNotification", BOOT)
            with db.transaction(writing=True) as unit:  # the last reading was long ago
                old = clock.now() - timedelta(hours=1)
                mine = update(SettingsReading).where(SettingsReading.station_id == self.id)
                unit.session.execute(mine.values(begun_at=old))
        set_up_stations()

    def _answer_one(self) -> None:
        sock = self.client.sock
        if sock.fileno() < 0 or not select.select([sock], [], [], 0.02)[0]:
            return
        frame = self.client.next_frame()
        if frame is None or frame[0] != 2:
            return
        _kind, message_id, action, payload = frame
        assert schemas.schema(action).is_valid(payload), payload
        self.asked.append((action, payload))
        answer = self.answers(action, payload)
        if answer is not None:
            kind = [4, message_id, answer["error"], "", {}] if "error" in answer else [3, message_id, answer]
            self.client.send(json.dumps(kind).encode())


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of quiet after a start is over."""
    monkeypatch.setattr("stations.queries.settings.QUIET", -timedelta(seconds=1))
    monkeypatch.setattr("stations.queries.settings.SELDOM", timedelta(minutes=1))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for an answer."""
    monkeypatch.setattr(outbound, "PATIENCE_S", 0.2)


def test_all_settings_are_read_once_after_a_start(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    device.settings["VendorWifiPassword"] = "hush"
    device.booted()
    assert device.reading().problem is None
    assert device.asked == [("GetConfiguration", {})]
    assert (device.setting("heartbeatinterval").value, device.setting("VendorWifiPassword").value) == ("300", None)
    assert stations_to_set_up(SYSTEM) == []
    device.booted(again=True)
    device.reading()
    device.until(lambda: len(device.asked) == 2)
    assert device.writes() == []


def test_q38_set_up_waits_until_a_charger_was_quiet_for_a_while_and_asks_one_thing_after_the_other(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = Device(gateway)
    assert timedelta(seconds=10) <= QUIET
    assert stations_to_set_up(SYSTEM) == []
    device.settings["MeterValueSampleInterval"] = "0"
    monkeypatch.setattr("stations.queries.settings.QUIET", -timedelta(seconds=1))
    device.booted()
    device.reading()
    assert [action for action, _ in device.asked] == ["GetConfiguration", "ChangeConfiguration", "GetConfiguration"]


def test_q38_a_charger_that_wants_quiet_is_asked_nothing_by_ourselves(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    keep_quiet(SYSTEM, device.id, quiet=True)
    device.settings["MeterValueSampleInterval"] = "0"
    assert stations_to_set_up(SYSTEM) == []
    read_settings(SYSTEM, device.id)
    device.reading()
    assert device.writes() == []
    wish_setting(SYSTEM, device.id, "HeartbeatInterval", "60")
    device.until(lambda: device.setting("HeartbeatInterval").wish_state is WishState.AS_WISHED)
    assert device.writes() == [("HeartbeatInterval", "60")]


def test_q40_set_up_goes_on_where_the_connection_went(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    device.settings["MeterValueSampleInterval"] = "0"

    def hang_up_on_a_change(action: str, payload: dict[str, Any]) -> Answer:
        if action == "ChangeConfiguration":
            device.client.close()
            device.answers = device.well_behaved
            return None
        return device.well_behaved(action, payload)

    device.answers = hang_up_on_a_change
    device.booted()
    device.reading(ReadingState.INTERRUPTED)
    assert stations_to_set_up(SYSTEM) == []  # it is away
    device.dial()
    device.booted()
    device.reading()
    assert device.setting("MeterValueSampleInterval").wish_state is WishState.AS_WISHED
    assert device.settings["MeterValueSampleInterval"] == "60"


def test_q41_a_charger_that_undoes_a_setting_with_each_start_is_not_set_for_ever(
    gateway: Gateway, at_once: None
) -> None:
    device = Device(gateway)
    for start in range(4):
        device.settings["MeterValueSampleInterval"] = "0"
        device.booted(again=start > 0)
        device.until(lambda: sum(a == "GetConfiguration" and not p for a, p in device.asked) == start + 1)  # noqa: B023
        device.reading()
    assert device.writes() == [("MeterValueSampleInterval", "60")] * 2
    assert device.setting("MeterValueSampleInterval").wish_state is WishState.OPEN


def test_q41_what_is_as_wished_is_not_written(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    wish_setting(SYSTEM, device.id, "MeterValuesSampledData", "Energy.Active.Import.Register, Voltage")
    device.settings["MeterValuesSampledData"] = "Voltage".join(["energy.active.import.register,", ""])
    device.reading()
    assert device.setting("MeterValuesSampledData").wish_state is WishState.AS_WISHED
    assert device.writes() == []


def test_q93_sampling_that_is_off_is_switched_on(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    device.settings |= {"MeterValueSampleInterval": "0", "MeterValuesSampledData": ""}
    refused = "Energy.Active.Import.Register,Power.Active.Import"

    def knows_no_power(action: str, payload: dict[str, Any]) -> Answer:
        return {"status": "Rejected"} if payload.get("value") == refused else device.well_behaved(action, payload)

    device.answers = knows_no_power
    device.booted()
    device.reading()
    assert device.settings["MeterValueSampleInterval"] == "60"
    assert device.settings["MeterValuesSampledData"] == "Energy.Active.Import.Register"
    assert {row.wish_state for row in station_settings(SYSTEM, device.id).settings if row.wish} == {WishState.AS_WISHED}


def test_q93_what_somebody_wishes_wins_over_what_we_wish(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    wish_setting(SYSTEM, device.id, "MeterValueSampleInterval", "0")
    device.reading()
    device.booted(again=True)
    device.until(lambda: ("GetConfiguration", {}) in device.asked)
    device.reading()
    assert device.settings["MeterValueSampleInterval"] == "0"


def test_q96_a_charger_that_does_not_answer_for_all_is_asked_for_a_few_at_a_time(
    gateway: Gateway, at_once: None, impatient: None
) -> None:
    device = Device(gateway)

    def four_at_most(action: str, payload: dict[str, Any]) -> Answer:
        return device.well_behaved(action, payload) if 0 < len(payload.get("key", [])) <= 4 else None

    device.answers = four_at_most
    device.booted()
    done = device.reading()
    assert (done.state, done.problem, done.answers_whole) == (ReadingState.DONE, None, False)
    assert device.setting("HeartbeatInterval").value == "300"
    assert all(1 <= len(payload["key"]) <= 4 for _, payload in device.asked[1:])
    device.asked.clear()
    read_settings(SYSTEM, device.id)
    device.until(lambda: device.asked)
    assert device.asked[0][1] != {}, "it is not asked for all again"


def test_q96_a_charger_that_tells_only_some_of_what_it_was_asked_for_is_asked_again(gateway: Gateway) -> None:
    device = Device(gateway)
    keep_quiet(SYSTEM, device.id, quiet=True)
    device.answers = lambda action, payload: device.well_behaved(action, {"key": payload["key"][:2]})
    wanted = ["MeterValuesSampledData", "A", "HeartbeatInterval", "B", "MeterValueSampleInterval"]
    read_settings(SYSTEM, device.id, keys=wanted)
    done = device.reading()
    assert (done.state, done.problem, done.keys_at_once) == (ReadingState.DONE, None, 2)
    assert {row.key: row.unknown for row in station_settings(SYSTEM, device.id).settings} == {
        key: key not in device.settings for key in wanted
    }
    assert [len(payload["key"]) for _, payload in device.asked] == [4, 2, 1]


def test_q96_a_charger_that_answers_nothing_keeps_its_connection(gateway: Gateway, impatient: None) -> None:
    device = Device(gateway, lambda action, payload: None)
    read_settings(SYSTEM, device.id)
    done = device.reading()
    assert (done.state, done.problem) == (ReadingState.FAILED, ReadingProblem.NO_ANSWER)
    assert len(device.asked) == 2
    assert device.client.call("alive", "Heartbeat", {})[0] == 3


@pytest.mark.parametrize(
    ("answer", "problem", "told"),
    [
        ({}, ReadingProblem.EMPTY, {}),
        ({"configurationKey": None}, ReadingProblem.MALFORMED, {}),
        ({"configurationKey": {"A": 1, "B": None}}, ReadingProblem.MALFORMED, {"a": "1", "b": None}),
    ],
)
def test_q98_answers_that_are_not_in_order_are_read_as_far_as_they_can_be_and_shown_as_they_came(
    gateway: Gateway, answer: dict[str, Any], problem: ReadingProblem, told: dict[str, str | None]
) -> None:
    device = Device(gateway, lambda action, payload: answer)
    keep_quiet(SYSTEM, device.id, quiet=True)
    read_settings(SYSTEM, device.id)
    done = device.reading()
    assert (done.state, done.problem) == (ReadingState.DONE, problem)
    assert (done.raw is not None) is (problem is ReadingProblem.MALFORMED)
    assert {row.folded_key: row.value for row in station_settings(SYSTEM, device.id).settings} == told


def test_q100_the_highest_level_is_read_and_not_assumed(gateway: Gateway, at_once: None) -> None:
    device = Device(gateway)
    device.settings["ChargeProfileMaxStackLevel"] = "0"
    assert _highest_level(device) is None
    device.booted()
    device.reading()
    assert _highest_level(device) == 0


def _highest_level(device: Device) -> int | None:
    with db.transaction(writing=False):
        return known_number(device.id, "chargeprofilemaxstacklevel")

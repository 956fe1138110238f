"""The virtual chargers against the `ocpp` package's own central system, over real sockets."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ocpp.v16 import ChargePoint, call, call_result
from websockets.asyncio.server import Server, ServerConnection, serve

from demo.line import on
from demo.physics import Car, Current
from demo.plans import Memory
from tests.charger import BY_HAND, IN_A_HURRY, Charger, charger, plan
from tests.databases import free_port

PASSWORD = "0123456789ABCDEF0123456789ABCDEF"
NOW = "2026-03-01T12:00:00Z"


class Central(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """Says yes to everything and writes it down."""

    told: list[tuple[str, dict[str, Any]]]

    @on("BootNotification")
    def on_boot(self, **payload: Any) -> Any:
        self.told.append(("BootNotification", payload))
        return call_result.BootNotification(current_time=NOW, interval=300, status="Accepted")

    @on("StatusNotification")
    def on_status(self, **payload: Any) -> Any:
        self.told.append(("StatusNotification", payload))
        return call_result.StatusNotification()

    @on("Heartbeat")
    def on_heartbeat(self) -> Any:
        self.told.append(("Heartbeat", {}))
        return call_result.Heartbeat(current_time=NOW)

    @on("Authorize")
    def on_authorize(self, id_tag: str) -> Any:
        return call_result.Authorize(id_tag_info={"status": "Invalid" if id_tag == "BAD" else "Accepted"})

    @on("StartTransaction")
    def on_start(self, **payload: Any) -> Any:
        self.told.append(("StartTransaction", payload))
        status = "Invalid" if payload["id_tag"] == "BAD" else "Accepted"
        return call_result.StartTransaction(transaction_id=4711, id_tag_info={"status": status})

    @on("StopTransaction")
    def on_stop(self, **payload: Any) -> Any:
        self.told.append(("StopTransaction", payload))
        return call_result.StopTransaction()

    @on("MeterValues")
    def on_values(self, **payload: Any) -> Any:
        self.told.append(("MeterValues", payload))
        return call_result.MeterValues()


class System:
    """A central system on a thread; `ask` sends a call to the charger that is connected."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.headers: list[str] = []
        self.port = free_port()
        self.loop = asyncio.new_event_loop()
        self.central: Central | None = None
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.server: Server = self._do(self._serve())

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def payloads(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.told if name == action]

    def statuses(self, number: int = 1) -> list[str]:
        return [p["status"] for p in self.payloads("StatusNotification") if p["connector_id"] == number]

    def ask(self, message: Any) -> Any:
        assert self.central is not None
        return self._do(self.central.call(message))

    def close(self) -> None:
        self._do(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def _serve(self) -> Server:
        return await serve(self._one, "127.0.0.1", self.port, subprotocols=["ocpp1.6"])  # type: ignore[list-item]

    async def _end(self) -> None:
        self.server.close(close_connections=True)
        await self.server.wait_closed()

    async def _one(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.headers.append(socket.request.headers["Authorization"])
        self.central = Central(socket.request.path.rsplit("/", 1)[1], socket)
        self.central.told = self.told
        try:
            await self.central.start()
        except Exception:
            await socket.close()

    def _do(self, deed: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(deed, self.loop).result(10)


@pytest.fixture
def system() -> Iterator[System]:
    running = System()
    yield running
    running.close()


def test_it_signs_in_boots_and_tells_every_plug(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD, plugs=2)):
        assert system.payloads("BootNotification") == [
            {"charge_point_model": "Wallbox 11", "charge_point_vendor": "Muster Elektro", "firmware_version": "2.4.1"}
        ]
        assert [(p["connector_id"], p["status"]) for p in system.payloads("StatusNotification")] == [
            (0, "Available"),
            (1, "Available"),
            (2, "Available"),
        ]
    assert system.headers == ["Basic Q0gtMTowMTIzNDU2Nzg5QUJDREVGMDEyMzQ1Njc4OUFCQ0RFRg=="]


def test_a_remote_start_ends_in_a_charge_and_a_remote_stop_in_a_free_plug(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD), habits=IN_A_HURRY) as box:
        assert system.ask(call.RemoteStartTransaction(id_tag="AB12", connector_id=1)).status == "Accepted"
        assert box.wait_for_transaction() == 4711
        box.wait_for(lambda: len(system.payloads("MeterValues")) >= 2)
        assert system.ask(call.RemoteStartTransaction(id_tag="AB13", connector_id=1)).status == "Rejected"
        assert system.ask(call.RemoteStopTransaction(transaction_id=12)).status == "Rejected"
        assert system.ask(call.RemoteStopTransaction(transaction_id=4711)).status == "Accepted"
        box.wait_for(lambda: system.statuses()[-1] == "Available" and box.plug().free)
    assert system.statuses() == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    start, stop = system.payloads("StartTransaction")[0], system.payloads("StopTransaction")[0]
    assert (start["id_tag"], start["meter_start"]) == ("AB12", 1000)
    assert (stop["transaction_id"], stop["reason"], stop["id_tag"]) == (4711, "Remote", "AB12")
    assert stop["meter_stop"] > start["meter_start"]


def test_three_phase_values_add_up(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        box.present("AB12")
        box.plug_in()
        box.wait_for_transaction()
        box.wait_for(lambda: box.plug().power_w > 5_000)
        box.send_values()
        box.wait_until_told()
    samples = system.payloads("MeterValues")[-1]["meter_value"][0]["sampled_value"]
    by_name = {(s["measurand"], s.get("phase")): float(s["value"]) for s in samples}
    power = sum(by_name["Current.Import", phase] * by_name["Voltage", f"{phase}-N"] for phase in ("L1", "L2", "L3"))
    assert power == pytest.approx(by_name["Power.Active.Import", None], rel=0.002)
    assert 5_000 < power <= 11_000


def test_direct_current_falls_with_the_state_of_charge() -> None:
    car = Car(charge=0.2, most_w=120_000)
    drawn = [round(Car(charge=soc, most_w=120_000).wants_w(Current.DC, 50_000)) for soc in (0.2, 0.5, 0.75, 0.9, 1.0)]
    assert drawn == [50_000, 50_000, 28_500, 15_600, 0]
    car.take(30_000)
    assert round(car.charge, 2) == 0.7


def test_a_full_car_is_told_as_suspended(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        box.present("AB12")
        box.plug_in(car=Car(battery_wh=40_000, charge=1.0))
        box.wait_for_status("SuspendedEV")
        box.wait_until_told()
        assert system.statuses()[-1] == "SuspendedEV"
        assert box.plug().power_w == 0


def test_a_transaction_goes_on_without_the_platform_and_is_told_afterwards(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD), habits=IN_A_HURRY) as box:
        box.present("AB12")
        box.wait_for_transaction()
        box.disconnect()
        before = box.plug().register_wh
        box.wait_for(lambda: box.plug().register_wh > before + 20)
        box.stop()
        assert system.payloads("StopTransaction") == []
        register = int(box.plug().register_wh)
        box.connect()
        box.wait_until_told()
        assert len(system.payloads("BootNotification")) == 1
    stops = system.payloads("StopTransaction")
    assert [(s["transaction_id"], s["meter_stop"], s["reason"]) for s in stops] == [(4711, register, "Local")]


def test_a_session_that_began_off_line_is_told_in_order(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        box.disconnect()
        box.present("AB12")
        box.plug_in()
        box.wait_for(lambda: box.plug().transaction)
        box.unplug()
        box.connect()
        box.wait_until_told()
    told = [name for name, _ in system.told if name in ("StartTransaction", "StopTransaction")]
    assert told == ["StartTransaction", "StopTransaction"]
    assert system.payloads("StopTransaction")[0]["transaction_id"] == 4711


def test_a_refused_tag_ends_the_transaction(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        system.ask(call.RemoteStartTransaction(id_tag="BAD", connector_id=1))
        box.wait_for(lambda: box.plug().accepted_tag)
        box.plug_in()
        box.wait_for(lambda: system.payloads("StopTransaction"))
    assert system.payloads("StopTransaction")[0]["reason"] == "DeAuthorized"


def test_a_reset_stops_hangs_up_and_boots_anew(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD), habits=IN_A_HURRY) as box:
        box.present("AB12")
        box.wait_for_transaction()
        assert system.ask(call.Reset(type="Hard")).status == "Accepted"
        box.wait_for(lambda: len(system.payloads("BootNotification")) == 2)
    assert [stop["reason"] for stop in system.payloads("StopTransaction")] == ["HardReset"]


def test_a_new_password_is_used_at_the_next_connection(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        assert system.ask(call.ChangeConfiguration(key="AuthorizationKey", value="short")).status == "Rejected"
        new = "F" * 32
        assert system.ask(call.ChangeConfiguration(key="AuthorizationKey", value=new)).status == "Accepted"
        box.wait_for(lambda: len(system.headers) == 2 and box.station.settled)
        known = system.ask(call.GetConfiguration(key=["AuthorizationKey", "Nonsense", "NumberOfConnectors"]))
    assert system.headers[0] != system.headers[1]
    assert known.unknown_key == ["Nonsense"]
    assert {item["key"]: item.get("value") for item in known.configuration_key} == {
        "AuthorizationKey": None,
        "NumberOfConnectors": "1",
    }


def test_other_commands_do_what_they_say(system: System) -> None:
    with charger(system.address, plan("CH-1", PASSWORD)) as box:
        assert system.ask(call.ChangeConfiguration(key="MeterValueSampleInterval", value="x")).status == "Rejected"
        assert system.ask(call.ChangeConfiguration(key="Nonsense", value="1")).status == "NotSupported"
        assert system.ask(call.ChangeAvailability(connector_id=1, type="Inoperative")).status == "Accepted"
        box.wait_for(lambda: system.statuses()[-1] == "Unavailable")
        assert system.ask(call.RemoteStartTransaction(id_tag="AB12", connector_id=1)).status == "Rejected"
        assert system.ask(call.ChangeAvailability(connector_id=0, type="Operative")).status == "Accepted"
        box.wait_for(lambda: system.statuses()[-1] == "Available")
        assert system.ask(call.TriggerMessage(requested_message="MeterValues", connector_id=1)).status == "Accepted"
        box.wait_for(lambda: len(system.payloads("MeterValues")) == 1)
        assert (
            system.ask(call.TriggerMessage(requested_message="FirmwareStatusNotification")).status == "NotImplemented"
        )
        assert system.ask(call.UnlockConnector(connector_id=1)).status == "Unlocked"
        assert system.ask(call.ClearCache()).status == "Accepted"
        assert system.ask(call.DataTransfer(vendor_id="x")).status == "UnknownVendorId"


def test_what_was_running_at_a_power_cut_is_stopped_at_the_next_start(system: System, tmp_path: Any) -> None:
    path = tmp_path / "CH-1.json"
    box = Charger(system.address, plan("CH-1", PASSWORD), BY_HAND, Memory(path))
    box.connect()
    box.present("AB12")
    box.plug_in()
    box.wait_for_transaction()
    box.close()
    with charger(system.address, plan("CH-1", PASSWORD), memory=Memory.read(path)) as again:
        again.wait_until_told()
    stops = system.payloads("StopTransaction")
    assert [(stop["transaction_id"], stop["reason"]) for stop in stops] == [(4711, "PowerLoss")]
    assert Memory.read(path).transactions == []

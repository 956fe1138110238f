"""One connection of a virtual station: the `ocpp` package's charge point over a `websockets` client."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ocpp import routing
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import Action
from websockets.asyncio.client import ClientConnection, connect

from demo import transfers

if TYPE_CHECKING:
    from demo.station import VirtualStation

SUBPROTOCOL = "ocpp1.6"
Handler = TypeVar("Handler", bound=Callable[..., Any])
quiet = logging.getLogger("demo.frames")
quiet.setLevel(logging.CRITICAL)


def on(action: str) -> Callable[[Handler], Handler]:
    """The package's decorator for answers, with a type."""
    return routing.on(action)  # type: ignore[no-any-return]  # the package ships no types


def after(action: str) -> Callable[[Handler], Handler]:
    """The package's decorator for what happens once the answer is out, with a type."""
    return routing.after(action)  # type: ignore[no-any-return]  # the package ships no types


async def dial(address: str, identity: str, password: str) -> ClientConnection:
    """Open the socket as a charger does: basic authentication, one subprotocol, no compression."""
    secret = b64encode(f"{identity}:{password}".encode()).decode()
    return await connect(
        f"{address.rstrip('/')}/ocpp/{identity}",
        subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]  # a NewType of str that is not exported
        additional_headers={"Authorization": f"Basic {secret}"},
        compression=None,
        proxy=None,
        open_timeout=10,
        close_timeout=2,
    )


class Line(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """Answers what the platform asks; what has to be told goes through `call`. The station behind it decides."""

    def __init__(self, station: "VirtualStation", socket: ClientConnection) -> None:
        super().__init__(station.plan.identity, socket, station.habits.answer_within, quiet)
        self.station = station
        self.password = station.password
        self.file_name = ""
        self.frames: list[tuple[str, str]] = station.frames

    async def route_message(self, raw_msg: str) -> None:
        """Note what came, then do as the package does."""
        self._note("in", raw_msg)
        await super().route_message(raw_msg)

    async def _send(self, message: str) -> None:
        self._note("out", message)
        await super()._send(message)

    def _note(self, direction: str, text: str) -> None:
        self.frames.append((direction, text))
        del self.frames[:-500]

    @on(Action.remote_start_transaction)
    def on_remote_start(self, id_tag: str, connector_id: int | None = None, **_: Any) -> Any:
        """Take the tag for a free plug."""
        return call_result.RemoteStartTransaction(status=self.station.remote_start(id_tag, connector_id))

    @on(Action.remote_stop_transaction)
    def on_remote_stop(self, transaction_id: int) -> Any:
        """Accept when that transaction runs here."""
        return call_result.RemoteStopTransaction(status=self.station.may_stop(transaction_id))

    @after(Action.remote_stop_transaction)
    def after_remote_stop(self, transaction_id: int) -> None:
        """Stop after the answer is out, as real stations do."""
        self.station.remote_stop(transaction_id)

    @on(Action.reset)
    def on_reset(self, **_: Any) -> Any:
        """Always possible."""
        return call_result.Reset(status="Accepted")

    @after(Action.reset)
    def after_reset(self, type: str) -> None:
        """Stop what runs, hang up, come back."""
        self.station.restart(type)

    @on(Action.unlock_connector)
    def on_unlock(self, connector_id: int) -> Any:
        """Release the cable; a running transaction ends."""
        return call_result.UnlockConnector(status=self.station.unlock(connector_id))

    @on(Action.change_availability)
    def on_change_availability(self, connector_id: int, type: str) -> Any:
        """Take one plug (or all, number 0) out of service or back."""
        return call_result.ChangeAvailability(status=self.station.change_availability(connector_id, type))

    @after(Action.change_availability)
    def after_change_availability(self, **_: Any) -> None:
        """Tell the new status after the answer."""
        self.station.apply_availability()

    @on(Action.get_configuration)
    def on_get_configuration(self, key: list[str] | None = None) -> Any:
        """All keys, or the ones asked for."""
        known, unknown = self.station.configuration(key)
        return call_result.GetConfiguration(configuration_key=known, unknown_key=unknown)

    @on(Action.change_configuration)
    def on_change_configuration(self, key: str, value: str) -> Any:
        """Set one key."""
        return call_result.ChangeConfiguration(status=self.station.configure(key, value))

    @after(Action.change_configuration)
    def after_change_configuration(self, key: str, **_: Any) -> None:
        """A new password is used at once: by dialling again."""
        if key == "AuthorizationKey" and self.station.password != self.password:
            self.station.hang_up()

    @on(Action.trigger_message)
    def on_trigger(self, requested_message: str, connector_id: int | None = None) -> Any:
        """Say whether such a message exists here."""
        known = requested_message in ("BootNotification", "Heartbeat", "StatusNotification", "MeterValues")
        return call_result.TriggerMessage(status="Accepted" if known else "NotImplemented")

    @after(Action.trigger_message)
    def after_trigger(self, requested_message: str, connector_id: int | None = None) -> None:
        """Send it after the answer."""
        self.station.send_requested(requested_message, connector_id)

    @on(Action.clear_cache)
    def on_clear_cache(self) -> Any:
        """There is none to clear, which is fine."""
        return call_result.ClearCache(status="Accepted")

    @on(Action.get_diagnostics)
    def on_get_diagnostics(self, **_: Any) -> Any:
        """The name of the file that follows."""
        self.file_name = transfers.diagnostics_name(self.station)
        return call_result.GetDiagnostics(file_name=self.file_name)

    @after(Action.get_diagnostics)
    def after_get_diagnostics(self, location: str, **_: Any) -> None:
        """Send it."""
        tell = transfers.tell_diagnostics(self.station)
        self.station.soon(transfers.send_file(self.station, location, self.file_name, tell, "UploadFailed"))

    @on(Action.get_log)
    def on_get_log(self, **_: Any) -> Any:
        """The name of the file that follows."""
        self.file_name = transfers.diagnostics_name(self.station)
        return call_result.GetLog(status="Accepted", filename=self.file_name)

    @after(Action.get_log)
    def after_get_log(self, log: dict[str, Any], request_id: int, **_: Any) -> None:
        """Send it."""
        tell = transfers.tell_log(self.station, request_id)
        location = str(log["remote_location"])
        self.station.soon(transfers.send_file(self.station, location, self.file_name, tell, "UploadFailure"))

    @on(Action.update_firmware)
    def on_update_firmware(self, **_: Any) -> Any:
        """There is nothing to say yet."""
        return call_result.UpdateFirmware()

    @after(Action.update_firmware)
    def after_update_firmware(self, location: str, **_: Any) -> None:
        """Fetch and install it."""
        self.station.soon(transfers.install(self.station, location, transfers.tell_firmware(self.station)))

    @on(Action.signed_update_firmware)
    def on_signed_update_firmware(self, **_: Any) -> Any:
        """The signature is looked at once the file is there."""
        return call_result.SignedUpdateFirmware(status="Accepted")

    @after(Action.signed_update_firmware)
    def after_signed_update_firmware(self, request_id: int, firmware: dict[str, Any], **_: Any) -> None:
        """Fetch, check and install it."""
        tell = transfers.tell_firmware(self.station, request_id)
        self.station.soon(transfers.install(self.station, str(firmware["location"]), tell, firmware))

    @on(Action.data_transfer)
    def on_data_transfer(self, **_: Any) -> Any:
        """No vendor's private messages are known."""
        return call_result.DataTransfer(status="UnknownVendorId")


async def first_to_end(*jobs: Any) -> None:
    """Run all until one ends or fails; the others are cancelled; a failure is raised."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

"""What a virtual station does when the platform asks for something."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ocpp.v16 import call

from demo.plans import Habits, Memory, StationPlan
from demo.plugs import Plug, Transaction

READ_ONLY = {
    "NumberOfConnectors": "",
    "SupportedFeatureProfiles": "Core,FirmwareManagement,RemoteTrigger",
    "GetConfigurationMaxKeys": "50",
    "ChargeProfileMaxStackLevel": "0",
}
SECRET = "AuthorizationKey"  # noqa: S105  # the name of a configuration key
CHANGEABLE = {
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "90",
    "HeartbeatInterval": "300",
    "LightIntensity": "80",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "false",
    "MeterValueSampleInterval": "10",
    "MusterNightDimming": "true",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "TransactionMessageAttempts": "5",
    "TransactionMessageRetryInterval": "1",
    "WebSocketPingInterval": "20",
}
NUMBERS = {key for key, value in CHANGEABLE.items() if value.isdigit()}
SHORTEST_PASSWORD = 16


class Commands(ABC):
    """The half of a station that answers; the other half lives and tells."""

    def __init__(self, plan: StationPlan, habits: Habits, memory: Memory) -> None:
        self.plan, self.habits, self.memory = plan, habits, memory
        self.plugs = {
            plug.number: Plug(plug, max(plug.register_wh, memory.registers.get(str(plug.number), 0.0)))
            for plug in plan.plugs
        }
        self.transactions: list[Transaction] = []
        sampling = {"MeterValueSampleInterval": str(habits.sample_every)}
        self.configured = {**CHANGEABLE, **sampling, **memory.configuration}
        self.password = plan.password
        self.refuse_next_start = False
        self._deeds: set[asyncio.Future[Any]] = set()

    @abstractmethod
    def post(
        self, write: Callable[[], Any], *, kept: bool = False, answered: Callable[[Any], None] = lambda _: None
    ) -> None: ...

    @abstractmethod
    def _take_tag(self, plug: Plug, id_tag: str) -> None: ...

    @abstractmethod
    def stop(self, number: int, reason: str) -> None: ...

    @abstractmethod
    def set_status(self, plug: Plug, status: str) -> None: ...

    @abstractmethod
    def send_values(self, number: int = 1) -> None: ...

    @abstractmethod
    def _status(self, plug: Plug | None) -> Any: ...

    @abstractmethod
    def remember(self) -> None: ...

    def remote_start(self, id_tag: str, number: int | None) -> str:
        """Take the tag for the plug asked for, or for the first free one."""
        if self.refuse_next_start:
            self.refuse_next_start = False
            return "Rejected"
        chosen = [plug for plug in self.plugs.values() if plug.free and number in (None, plug.number)]
        if not chosen:
            return "Rejected"
        asyncio.get_running_loop().call_later(0.05, self._take_tag, chosen[0], id_tag)
        return "Accepted"

    def _running(self, transaction_id: int) -> Plug | None:
        running = (plug for plug in self.plugs.values() if plug.transaction and plug.transaction.id == transaction_id)
        return next(running, None)

    def may_stop(self, transaction_id: int) -> str:
        """Whether that transaction runs here."""
        return "Accepted" if self._running(transaction_id) else "Rejected"

    def remote_stop(self, transaction_id: int) -> None:
        """Stop it as the platform asked."""
        plug = self._running(transaction_id)
        if plug is not None:
            self.stop(plug.number, "Remote")

    def unlock(self, number: int) -> str:
        """Release the cable."""
        if number not in self.plugs:
            return "UnlockFailed"
        self.stop(number, "UnlockCommand")
        return "Unlocked"

    def change_availability(self, number: int, kind: str) -> str:
        """Take plugs out of service or back; a running transaction is waited for."""
        chosen = [plug for plug in self.plugs.values() if number in (0, plug.number)]
        if not chosen:
            return "Rejected"
        for plug in chosen:
            plug.leaving_service = kind == "Inoperative" and plug.transaction is not None
            plug.in_service = kind == "Operative" or plug.leaving_service
        return "Scheduled" if any(plug.leaving_service for plug in chosen) else "Accepted"

    def apply_availability(self) -> None:
        """Tell the status of plugs that came into or went out of service."""
        for plug in self.plugs.values():
            if plug.leaving_service and plug.transaction is None:
                plug.leaving_service, plug.in_service = False, False
            if not plug.in_service and plug.transaction is None:
                self.set_status(plug, "Unavailable")
            elif plug.status == "Unavailable":
                self.set_status(plug, "Preparing" if plug.car else "Available")

    def configuration(self, keys: list[str] | None) -> tuple[list[dict[str, Any]], list[str]]:
        """Known keys with their values, and the names that mean nothing here. The password is never told."""
        values = {**READ_ONLY, "NumberOfConnectors": str(len(self.plugs)), **self.configured}
        wanted = keys or sorted(values)
        known = [{"key": key, "readonly": key in READ_ONLY, "value": values[key]} for key in wanted if key in values]
        if SECRET in wanted:
            known.append({"key": SECRET, "readonly": False})
        return known, [key for key in wanted if key not in values and key != SECRET]

    def configure(self, key: str, value: str) -> str:
        """Set one key; a new password counts from the next connection on."""
        if key == SECRET:
            if len(value) < SHORTEST_PASSWORD:
                return "Rejected"
            self.password = value
        elif key in READ_ONLY or (key in NUMBERS and not value.isdigit()):
            return "Rejected"
        elif key not in self.configured:
            return "NotSupported"
        else:
            self.configured[key] = value
            self.memory.configuration[key] = value
        self.remember()
        return "Accepted"

    def send_requested(self, message: str, number: int | None) -> None:
        """Send what TriggerMessage asked for."""
        plan = self.plan
        if message == "BootNotification":
            boot = call.BootNotification(
                charge_point_model=plan.model,
                charge_point_vendor=plan.vendor,
                firmware_version=self.memory.firmware or plan.firmware,
            )
            self.post(lambda: boot)
        elif message == "Heartbeat":
            self.post(lambda: call.Heartbeat())
        for plug in self.plugs.values():
            if number in (None, plug.number) and message == "StatusNotification":
                self._post_status(plug)
            elif number in (None, plug.number) and message == "MeterValues":
                self.send_values(plug.number)

    def _post_status(self, plug: Plug) -> None:
        told = self._status(plug)
        self.post(lambda: told)

"""Which file answers which call of a charger."""

from collections.abc import Callable
from typing import Any

from ocpp_ws.caller import Caller
from ocpp_ws.v16 import (
    authorize,
    boot_notification,
    data_transfer,
    diagnostics_status_notification,
    firmware_status_notification,
    heartbeat,
    log_status_notification,
    meter_values,
    security_event_notification,
    sign_certificate,
    signed_firmware_status_notification,
    start_transaction,
    status_notification,
    stop_transaction,
)

Handler = Callable[[Caller, dict[str, Any]], dict[str, Any]]
HANDLERS: dict[str, Handler] = {
    "Authorize": authorize.answer,
    "BootNotification": boot_notification.answer,
    "DataTransfer": data_transfer.answer,
    "DiagnosticsStatusNotification": diagnostics_status_notification.answer,
    "FirmwareStatusNotification": firmware_status_notification.answer,
    "Heartbeat": heartbeat.answer,
    "LogStatusNotification": log_status_notification.answer,
    "MeterValues": meter_values.answer,
    "SecurityEventNotification": security_event_notification.answer,
    "SignCertificate": sign_certificate.answer,
    "SignedFirmwareStatusNotification": signed_firmware_status_notification.answer,
    "StartTransaction": start_transaction.answer,
    "StatusNotification": status_notification.answer,
    "StopTransaction": stop_transaction.answer,
}
# Those whose answers ask for much: what a whole batch of them asks for is read at once.
EXPECTS: dict[str, Callable[[Caller, dict[str, Any]], None]] = {
    "Authorize": authorize.expect,
    "StartTransaction": start_transaction.expect,
    "StopTransaction": stop_transaction.expect,
}

"""The peer in the gateway's benchmark: the `ocpp` package's own central system, which stores nothing.

As in its example (a ChargePoint per connection over `websockets`), with logging and compression off.
"""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.enums import Action, AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve

logging.disable(logging.CRITICAL)
_transactions = count(1)


def _now() -> str:
    return datetime.now(UTC).isoformat()


class CentralSystem(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """Answers what the load sends."""

    @on(Action.boot_notification)  # type: ignore[untyped-decorator]
    def on_boot(self, **_: Any) -> Any:
        """Accepted."""
        return call_result.BootNotification(current_time=_now(), interval=300, status=RegistrationStatus.accepted)

    @on(Action.heartbeat)  # type: ignore[untyped-decorator]
    def on_heartbeat(self) -> Any:
        """The time."""
        return call_result.Heartbeat(current_time=_now())

    @on(Action.status_notification)  # type: ignore[untyped-decorator]
    def on_status(self, **_: Any) -> Any:
        """Nothing."""
        return call_result.StatusNotification()

    @on(Action.meter_values)  # type: ignore[untyped-decorator]
    def on_meter_values(self, **_: Any) -> Any:
        """Nothing."""
        return call_result.MeterValues()

    @on(Action.authorize)  # type: ignore[untyped-decorator]
    def on_authorize(self, **_: Any) -> Any:
        """Everybody."""
        return call_result.Authorize(id_tag_info={"status": AuthorizationStatus.accepted})

    @on(Action.start_transaction)  # type: ignore[untyped-decorator]
    def on_start(self, **_: Any) -> Any:
        """A number."""
        info = {"status": AuthorizationStatus.accepted}
        return call_result.StartTransaction(transaction_id=next(_transactions), id_tag_info=info)

    @on(Action.stop_transaction)  # type: ignore[untyped-decorator]
    def on_stop(self, **_: Any) -> Any:
        """Nothing."""
        return call_result.StopTransaction()


async def _connected(socket: ServerConnection) -> None:
    assert socket.request is not None, "after the handshake"
    await CentralSystem(socket.request.path.rpartition("/")[2], socket).start()


async def main(port: int) -> None:
    """Serve for ever."""
    async with serve(_connected, "127.0.0.1", port, subprotocols=["ocpp1.6"], compression=None):  # type: ignore[list-item]
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

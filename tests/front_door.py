"""The chargers' door and its gateway inside of the test's own process, so that notes and the worker are at hand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from werkzeug.serving import make_server

import ocpp_ws
import wsgi
from kit import bus, worker
from kit.hub import Hub
from ocpp_ws import handshake, sockets
from ocpp_ws.sockets import Gateway
from tests.serving import Knocking
from tests.wire import Client


@dataclass
class FrontDoor(Knocking):
    """Where chargers knock, and the gateway that takes them."""

    gateway: Gateway
    visitors: list[Client] = field(default_factory=list)

    def knock(self, path: str, *headers: str, early: bytes = b"") -> tuple[int, dict[str, str], Client]:
        """As a charger does; it hangs up before the gateway ends, which would wait for its good-bye."""
        status, fields, client = super().knock(path, *headers, early=early)
        self.visitors.append(client)
        return status, fields, client


@contextmanager
def front_door(*, trusted_proxies: int = 0) -> Iterator[FrontDoor]:
    """Serve chargers on a free port until the end of the block; the process is connected to its database already."""
    bus.connect(None)
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    gateway = sockets.current()
    assert gateway is not None
    door = handshake.in_front_of(_nothing, trusted_proxies)
    server = make_server("127.0.0.1", 0, door, threaded=True)
    server.log = lambda *_: None  # type: ignore[method-assign]  # it misses the sockets that the hub took
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    running = FrontDoor(server.server_port, gateway)
    try:
        yield running
    finally:
        for visitor in running.visitors:
            visitor.close()
        hub.stop()
        server.shutdown()
        serving.join(5)
        server.server_close()


def _nothing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(f"{HTTPStatus.NOT_FOUND.value} no pages here", [])
    return []

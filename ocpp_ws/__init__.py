"""The surface for chargers: OCPP over WebSockets. It only translates; the rooms judge and store."""

from flask import Flask

from kit.hub import Hub
from kit.settings import Settings
from ocpp_ws import handshake, sockets


def register(app: Flask, settings: Settings) -> None:
    """Put the chargers' door in front of the pages."""
    app.wsgi_app = handshake.in_front_of(app.wsgi_app)  # type: ignore[assignment, method-assign]


def start(hub: Hub) -> None:
    """Serve chargers on the hub of this process (ROLE all or hub); the hub's `stop` ends it."""
    sockets.start(hub)

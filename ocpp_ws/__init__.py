"""The surface for chargers: OCPP over WebSockets. It only translates; the rooms judge and store."""

from uuid import UUID

from flask import Flask

from kit.hub import Hub
from kit.settings import Settings
from ocpp_ws import handshake, proofs, renewals, sockets
from stations.events import NEW_ACCOUNT
from stations.queries import forget_station_facts
from stations.values import NEW_FACTS, NEW_LOGIN, NEW_PROFILE


def register(app: Flask, settings: Settings) -> None:
    """Put the chargers' door in front of the pages."""
    app.wsgi_app = handshake.in_front_of(app.wsgi_app, settings.trusted_proxies)  # type: ignore[assignment, method-assign]


def start(hub: Hub) -> None:
    """Serve chargers on the hub of this process (ROLE all or hub); the hub's `stop` ends it."""
    proofs.warm()
    gateway = sockets.start(hub)

    def renewed(data: bytes) -> None:
        """A note on the bus: this station has a new password."""
        station_id = UUID(data.decode())
        proofs.shut(station_id)
        gateway.shut_out(station_id)

    def changed(data: bytes) -> None:
        """A note on the bus: this station was sent a password or profile, or came with it."""
        proofs.forget(UUID(data.decode()))

    def set_anew(data: bytes) -> None:
        """A note on the bus: somebody set how this station behaves."""
        forget_station_facts(UUID(data.decode()))
        proofs.forget(UUID(data.decode()))

    def moved(data: bytes) -> None:
        """A note on the bus: this station belongs to another account."""
        station_id, account_id = map(UUID, data.decode().split())
        proofs.forget(station_id)
        renewals.move(gateway, {station_id: account_id})

    hub.call_soon(hub.listen, NEW_ACCOUNT, moved)
    hub.call_soon(hub.listen, NEW_FACTS, set_anew)
    hub.call_soon(hub.listen, NEW_LOGIN, renewed)
    hub.call_soon(hub.listen, NEW_PROFILE, changed)

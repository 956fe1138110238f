"""A charger at the front door: how it dials, and what the platform knows of its connection."""

from accounts.access import SYSTEM
from ocpp_ws.charger import Charger
from stations.models import Station, StationConnection
from stations.queries import connections
from stations.use_cases import AddedStation
from stations.values import Ending, StationId
from tests import scene
from tests.front_door import FrontDoor
from tests.serving import OCPP, UPGRADE, basic
from tests.wire import Client, until

BOOT = {"chargePointVendor": "Fabrik", "chargePointModel": "M1"}
AVAILABLE = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def dial(door: FrontDoor, charger: AddedStation, *headers: str, password: str | bytes = "") -> Client:
    identity = charger.station.identity
    login = basic(identity, password or charger.password)
    status, _, client = door.knock(f"/ocpp/{identity}", *UPGRADE, login, OCPP, *headers)
    assert status == 101
    return client


def refused(door: FrontDoor, charger: AddedStation, *headers: str) -> tuple[int, dict[str, str]]:
    return door.knock(f"/ocpp/{charger.station.identity}", *UPGRADE, *headers)[:2]


def log_of(charger: AddedStation) -> list[StationConnection]:
    """The newest first."""
    return connections(SYSTEM, StationId(charger.station.id))


def ended(charger: AddedStation, ending: Ending) -> StationConnection:
    """Wait until the newest connection is over for this reason."""
    row: StationConnection = until(lambda: (rows := log_of(charger)) and rows[0].ending is ending and rows[0])
    assert row.closed_at is not None
    return row


def row(charger: AddedStation) -> Station:
    found: Station = scene.row(Station, charger.station.id)
    return found


def socket_of(door: FrontDoor, charger: AddedStation) -> Charger:
    """The gateway's side of the charger's newest socket."""
    found: Charger = until(lambda: door.gateway._chargers.get(charger.station.id))
    return found


def later(door: FrontDoor, charger: AddedStation, seconds: float) -> None:
    """Have the hub look at the socket as it will so much later."""
    connection = socket_of(door, charger).connection
    assert connection is not None
    door.gateway.hub.call_soon(connection.sweep, door.gateway.hub.time() + seconds)

"""Reservations, local lists and limits over real sockets: what the charger gets, what it answers, what stands then."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

import ocpp_ws
from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.jobs import JOBS
from charging.models import ChargingProfile, Reservation
from charging.queries import composite_schedules, local_list
from charging.reactions import REACTIONS
from charging.use_cases import (
    add_tag,
    ask_local_list_version,
    cancel_reservation,
    limit_power,
    reserve_connector,
    update_local_list,
)
from charging.values import ProfileCheck, ProfileState, RateUnit, ReservationId, ReservationState
from kit import bus, clock, worker
from kit.hub import Hub
from ocpp_ws import schemas, sockets
from stations.models import Station
from stations.queries import SocketStation
from stations.values import NewConnector, StationId
from tests import scene
from tests.talk import iso
from tests.wire import PATIENCE_S, Client, pair

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def station(database: str, program: object) -> Station:
    """A station with two connectors, not connected yet."""
    return scene.station(connectors=[NewConnector()] * 2, online=False)


@pytest.fixture
def charger(station: Station) -> Iterator[Client]:
    """Its socket in the hub's hands; events are carried when the test says so."""
    worker.bind([REACTIONS], JOBS)
    bus.connect(None)
    hub = Hub()
    hub.start()
    ocpp_ws.start(hub)
    gateway = sockets.current()
    assert gateway is not None
    near, far = pair()
    gateway.adopt(far, b"", SocketStation(station.id, station.account_id, station.identity, ""))
    yield Client(near)
    hub.stop()
    worker.bind([], [])


def until(what: Callable[[], Any]) -> Any:
    """Carry events until something becomes true; it is returned."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        worker.drain()
        time.sleep(0.01)
    return found


def asked(charger: Client, action: str, **answer: Any) -> dict[str, Any]:
    """The next call of the platform, held against its schema, answered; its payload."""
    kind, message_id, name, payload = charger.next_frame()
    assert (kind, name) == (2, action)
    assert schemas.schema(action).is_valid(payload), schemas.violation(action, payload)
    charger.send(json.dumps([3, message_id, answer]).encode())
    found: dict[str, Any] = payload
    return found


def test_a_reservation_is_sent_agreed_and_used(station: Station, charger: Client) -> None:
    account = AccountId(station.account_id)
    for tag in ("04AA", "04BB"):
        add_tag(SYSTEM, account, tag, parent_id_tag="HAUS")
    made = reserve_connector(
        SYSTEM, StationId(station.id), connector_number=1, id_tag="04aa", expires_at=clock.now() + timedelta(hours=1)
    )
    payload = asked(charger, "ReserveNow", status="Accepted")
    assert (payload["connectorId"], payload["idTag"], payload["parentIdTag"]) == (1, "04AA", "HAUS")

    def state() -> ReservationState:
        found: ReservationState = scene.row(Reservation, made.id).state
        return found

    until(lambda: state() is ReservationState.IN_FORCE)
    assert charger.call("a", "Authorize", {"idTag": "04BB"})[2]["idTagInfo"]["parentIdTag"] == "HAUS"
    start = {"connectorId": 1, "idTag": "04BB", "meterStart": 0, "timestamp": iso(clock.now())}
    charger.call("s", "StartTransaction", start | {"reservationId": payload["reservationId"]})
    until(lambda: state() is ReservationState.USED)
    assert scene.row(Reservation, made.id).session_id is not None


def test_a_cancelling_is_sent_and_may_be_refused(station: Station, charger: Client) -> None:
    made = reserve_connector(
        SYSTEM, StationId(station.id), connector_number=0, id_tag="X", expires_at=clock.now() + timedelta(hours=1)
    )
    number = asked(charger, "ReserveNow", status="Accepted")["reservationId"]
    until(lambda: scene.row(Reservation, made.id).state is ReservationState.IN_FORCE)
    for status, state, reason in (
        ("Rejected", ReservationState.IN_FORCE, "cancel_refused"),
        ("Accepted", ReservationState.CANCELLED, ""),
    ):
        cancel_reservation(SYSTEM, ReservationId(made.id))
        assert asked(charger, "CancelReservation", status=status) == {"reservationId": number}
        until(lambda: (row := scene.row(Reservation, made.id)) and (row.state, row.reason) == (state, reason))  # noqa: B023  # used at once


def test_a_local_list_is_asked_for_and_sent(station: Station, charger: Client) -> None:
    add_tag(SYSTEM, AccountId(station.account_id), "04AA", expires_at=clock.now() + timedelta(days=1))
    ask_local_list_version(SYSTEM, StationId(station.id))
    assert asked(charger, "GetLocalListVersion", listVersion=0) == {}
    until(lambda: local_list(SYSTEM, StationId(station.id)).version == 0)
    update_local_list(SYSTEM, StationId(station.id), full=True)
    sent = asked(charger, "SendLocalList", status="Accepted")
    assert (sent["updateType"], sent["listVersion"]) == ("Full", 1)
    assert [entry["idTagInfo"]["status"] for entry in sent["localAuthorizationList"]] == ["Accepted"]
    until(lambda: local_list(SYSTEM, StationId(station.id)).version == 1)
    add_tag(SYSTEM, AccountId(station.account_id), "04BB")
    update_local_list(SYSTEM, StationId(station.id))
    sent = asked(charger, "SendLocalList", status="Failed")
    assert [entry["idTag"] for entry in sent["localAuthorizationList"]] == ["04BB"]
    until(lambda: local_list(SYSTEM, StationId(station.id)).problem == "Failed")
    assert local_list(SYSTEM, StationId(station.id)).version == 1


def test_a_limit_is_sent_in_other_words_and_checked(station: Station, charger: Client) -> None:
    limit_power(SYSTEM, StationId(station.id), connector_number=0, limit=Decimal("12.5"), unit=RateUnit.AMPERE)
    first = asked(charger, "SetChargingProfile", status="NotSupported")
    assert first["csChargingProfiles"]["chargingProfilePurpose"] == "ChargePointMaxProfile"
    until(lambda: len(scene.rows(ChargingProfile)) == 2)
    second = asked(charger, "SetChargingProfile", status="Accepted")
    assert second["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 12.5}]}
    until(lambda: scene.rows(ChargingProfile, ChargingProfile.check_command_id.is_not(None)))
    asked(charger, "GetCompositeSchedule", status="Accepted", connectorId=0, chargingSchedule=schedule)
    until(lambda: scene.rows(ChargingProfile, ChargingProfile.check == ProfileCheck.CONFIRMED))
    states = [row.state for row in scene.rows(ChargingProfile)]
    assert states == [ProfileState.REFUSED, ProfileState.INSTALLED]
    (found,) = composite_schedules(SYSTEM, StationId(station.id))
    assert found.points == ((0, Decimal("12.5")),)

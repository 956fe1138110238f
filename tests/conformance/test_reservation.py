"""The 10 cases of the Reservation profile."""

from datetime import datetime, timedelta
from typing import Any

from tests.conformance.harness import Platform, Station, accepted, refused, until

RESERVE = """mutation($station: UUID!, $connector: Int!, $tag: String!, $until: DateTime!) {
  reserveConnector(stationId: $station, connectorNumber: $connector, idTag: $tag, expiresAt: $until) {
    __typename ... on Reservation { id reservationNumber commandId }
    ... on Problem { code fields { field code } } } }"""
CANCEL = """mutation($id: UUID!) { cancelReservation(id: $id) {
    __typename ... on Reservation { cancelCommandId } ... on Problem { code } } }"""
RESERVATION = "query($id: UUID!) { reservation(id: $id) { state reason sessionId connectorNumber } }"
AN_HOUR = timedelta(hours=1)


class Reserved:
    """A reservation that the operator asked for, and the message that the station got."""

    def __init__(self, station: Station, tag: str, *, connector: int, lasts: timedelta, answer: str) -> None:
        self.station = station
        expires_at = station.platform.now() + lasts
        made = station.platform.do(
            RESERVE, station=station.id, connector=connector, tag=tag, until=expires_at.isoformat()
        )
        self.id, self.number = made["id"], made["reservationNumber"]
        self.sent = station.asked("ReserveNow", status=answer)
        assert (self.sent["connectorId"], self.sent["idTag"]) == (connector, tag)
        assert self.sent["reservationId"] == self.number
        assert abs(datetime.fromisoformat(self.sent["expiryDate"]) - expires_at) <= timedelta(seconds=1)
        assert station.outcome(made["commandId"]) == (accepted() if answer == "Accepted" else refused(answer))

    def shown(self) -> dict[str, Any]:
        """As it is shown."""
        return dict(self.station.platform.ask(RESERVATION, id=self.id)["reservation"])

    def is_now(self, state: str, reason: str = "") -> None:
        """It comes to stand so."""
        until(lambda: (self.shown()["state"], self.shown()["reason"]) == (state, reason))

    def cancelled(self, answer: str) -> dict[str, Any]:
        """The operator cancels it, the station answers; what is shown of the message."""
        command = self.station.platform.do(CANCEL, id=self.id)["cancelCommandId"]
        assert self.station.asked("CancelReservation", status=answer) == {"reservationId": self.number}
        return self.station.outcome(command)

    def used_by(self, tag: str, connector: int = 1) -> None:
        """A session begins on it, as the station says, and both are linked."""
        self.station.status("Preparing", connector=connector)
        started = self.station.start(tag, connector=connector, reservationId=self.number)
        assert started["idTagInfo"]["status"] == "Accepted"
        self.station.status("Charging", connector=connector)
        self.is_now("USED")
        assert self.shown()["sessionId"] == self.station.session()["id"]


def reserve(
    station: Station,
    tag: str | None = None,
    *,
    connector: int = 1,
    lasts: timedelta = AN_HOUR,
    answer: str = "Accepted",
) -> Reserved:
    """The operator reserves a connector, the station answers."""
    made = Reserved(station, tag or station.platform.tag(), connector=connector, lasts=lasts, answer=answer)
    if answer == "Accepted":
        made.is_now("IN_FORCE")
    return made


def test_tc_046_csms_a_reserved_connector_is_used_by_its_tag(platform: Platform, station: Station) -> None:
    tag = platform.tag()
    made = reserve(station, tag)
    station.status("Reserved")
    assert station.connector()["status"] == "RESERVED"
    assert station.authorize(tag) == {"status": "Accepted"}
    made.used_by(tag)


def test_tc_047_csms_a_reservation_runs_out(platform: Platform, station: Station) -> None:
    made = reserve(station, lasts=timedelta(seconds=60))
    station.status("Reserved")
    platform.forward(timedelta(seconds=75))
    station.status("Available")
    made.is_now("EXPIRED")
    assert station.connector()["state"] == "AVAILABLE"
    assert station.sessions() == []


def refuses(station: Station, answer: str) -> None:
    """The station can't keep a connector free, and its reason is shown."""
    reserve(station, answer=answer).is_now("REFUSED", answer)


def test_tc_048_1_csms_a_faulted_connector_can_not_be_reserved(station: Station) -> None:
    station.status("Faulted", error="GroundFailure")
    refuses(station, "Faulted")


def test_tc_048_2_csms_an_occupied_connector_can_not_be_reserved(station: Station) -> None:
    station.charging()
    refuses(station, "Occupied")


def test_tc_048_3_csms_an_unavailable_connector_can_not_be_reserved(station: Station) -> None:
    asked = station.command("CHANGE_AVAILABILITY", connectorId=1, type="Inoperative")
    assert station.asked("ChangeAvailability", status="Accepted") == {"connectorId": 1, "type": "Inoperative"}
    assert station.outcome(asked) == accepted()
    station.status("Unavailable")
    assert station.connector()["status"] == "UNAVAILABLE"
    refuses(station, "Unavailable")


def test_tc_048_4_csms_a_station_rejects_a_reservation(station: Station) -> None:
    refuses(station, "Rejected")


def test_tc_049_csms_a_whole_station_is_reserved_and_used_at_one_connector(
    platform: Platform, station: Station
) -> None:
    tag = platform.tag()
    made = reserve(station, tag, connector=0)
    assert made.shown()["connectorNumber"] == 0
    station.status("Reserved", connector=2)
    assert station.authorize(tag) == {"status": "Accepted"}
    made.used_by(tag, connector=2)
    assert station.session()["connectorNumber"] == 2


def test_tc_051_csms_a_reservation_is_cancelled(station: Station) -> None:
    made = reserve(station)
    station.status("Reserved")
    assert made.cancelled("Accepted") == accepted()
    station.status("Available")
    made.is_now("CANCELLED")


def test_tc_052_csms_a_refused_cancelling_leaves_the_reservation_in_force(station: Station) -> None:
    made = reserve(station)
    assert made.cancelled("Rejected") == refused("Rejected")
    made.is_now("IN_FORCE", "cancel_refused")


def test_tc_053_csms_a_reservation_is_used_by_another_tag_of_its_group(platform: Platform, station: Station) -> None:
    reserved, other = platform.tag(parentIdTag="FLEET"), platform.tag(parentIdTag="FLEET")
    made = reserve(station, reserved)
    assert made.sent["parentIdTag"] == "FLEET"
    station.status("Reserved")
    assert station.authorize(other) == {"status": "Accepted", "parentIdTag": "FLEET"}
    made.used_by(other)


def test_a_reservation_may_be_written_by_hand(platform: Platform, station: Station) -> None:
    tag, expires_at = platform.tag(), station.stamp(platform.now() + AN_HOUR)
    payload = {"connectorId": 1, "idTag": tag, "reservationId": 4711, "expiryDate": expires_at}
    asked = station.command("RESERVE_NOW", **payload)
    sent = station.asked("ReserveNow", status="Accepted")
    assert sent == payload
    assert station.outcome(asked) == accepted()
    query = "query($station: UUID!) { reservations(stationId: $station) { nodes { reservationNumber state } } }"
    found = {"reservationNumber": 4711, "state": "IN_FORCE"}
    until(lambda: platform.ask(query, station=station.id)["reservations"]["nodes"] == [found])

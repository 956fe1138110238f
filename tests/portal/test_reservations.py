"""Reservations in the browser: asked for, shown with what the station said, taken back."""

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.models import Reservation
from kit import worker
from stations.models import Station
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState, NewConnector
from tests import scene
from tests.portal.office import Office, office


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property with two connectors."""
    return scene.station(property=at_work.people.home, name="Ost", connectors=[NewConnector()] * 2)


def only() -> Reservation:
    (row,) = scene.rows(Reservation)
    found: Reservation = row
    return found


def answered(command_id: CommandId, state: CommandState, status: str) -> None:
    mark_command_sent(SYSTEM, command_id)
    finish_command(SYSTEM, command_id, state, answer={"status": status})
    worker.drain()


def test_a_reservation_is_made_seen_and_cancelled(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/reservations"
    assert "Nothing was reserved here yet" in bob.get(path).text
    sent = bob.post(path, connector="0", tag="04aa", until="2099-07-01T18:00", group="")
    assert (sent.status, sent.headers["Location"]) == (303, path)
    assert "Any connector 04AA · until 01.07.2099, 18:00 Asked for" in bob.get(path).text
    assert only().expires_at.isoformat() == "2099-07-01T16:00:00+00:00"
    answered(only().command_id, CommandState.ACCEPTED, "Accepted")
    assert "Reserved for 04AA until 01.07.2099, 18:00" in bob.get(f"/stations/{station.id}").text
    assert "Ost, Any connector" in bob.get("/reservations?state=in_force").text
    bob.post(f"/reservations/{only().id}/cancel", at=path)
    cancelling = only().cancel_command_id
    assert cancelling is not None
    answered(cancelling, CommandState.REFUSED, "Rejected")
    text = bob.get(path).text
    assert "the station did not cancel it" in text
    assert "In force" in text


def test_the_word_of_the_station_is_told(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/reservations"
    at_work.bob.post(path, connector="1", tag="04aa", until="2099-07-01T18:00")
    answered(only().command_id, CommandState.REFUSED, "Faulted")
    text = at_work.bob.get(path).text
    assert "Connector 1 04AA · until 01.07.2099, 18:00 · the connector has a fault Refused" in text
    at_work.bob.post(f"/reservations/{only().id}/cancel", at=path)
    assert "This reservation is over already." in at_work.bob.get(path).text


def test_problems_stand_at_their_fields(at_work: Office, station: Station) -> None:
    good = {"connector": "1", "tag": "04AA", "until": "2099-07-01T18:00"}
    for field, value in (("connector", "9"), ("tag", ""), ("until", "soon"), ("until", "2020-01-01T00:00")):
        page = at_work.bob.post(f"/stations/{station.id}/reservations", **good | {field: value})
        assert page.status == 422
        assert f'id="{field}-problem"' in page.html
    assert scene.rows(Reservation) == []


def test_strangers_see_nothing(at_work: Office, station: Station) -> None:
    assert at_work.charlie.get(f"/stations/{station.id}/reservations").status == 404
    assert at_work.charlie.get("/reservations").status == 200

"""Work orders in the browser: choose, look, send, follow, take back, try again."""

import re

import pytest
from flask import Flask

from accounts.access import SYSTEM
from stations.models import Station, StationCommand, WorkOrder
from stations.use_cases import finish_command, order_work
from stations.values import Action, CommandId, CommandState, Selection
from tests import scene
from tests.portal.office import Office, office
from tests.portal.phone import Page

RESET = "/work-orders/new/Reset"
WISH = {"type": "Soft", "wait": "3600", "per_minute": "60", "name": "Herbst"}


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def stations(at_work: Office) -> list[Station]:
    """Two of Bob's property, the second one asleep, and one next door."""
    home, next_door = at_work.people.home, at_work.people.next_door
    return [
        scene.station(property=home, name="Platz 1"),
        scene.station(property=home, name="Platz 2", online=False),
        scene.station(property=next_door, name="Fremd"),
    ]


def hidden(page: Page) -> dict[str, str]:
    """What the page carries on to its next step."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.html)
    return {name: value for name, value in found if name != "csrf_token"}


def test_an_order_is_looked_at_before_it_is_sent(at_work: Office, stations: list[Station]) -> None:
    form = at_work.bob.get(RESET)
    assert "Platz 1" in form.text
    assert "Platz 2" in form.text
    assert "Fremd" not in form.text
    look = at_work.bob.post(RESET, all="1", **WISH)
    assert (look.status, scene.rows(WorkOrder)) == (200, [])
    assert "2 stations get this message" in look.text
    assert "Running sessions end, and the stations can't charge until they are back." in look.text
    sent = at_work.bob.post(RESET, **hidden(look), confirmed="1")
    (order,) = scene.rows(WorkOrder)
    assert (sent.status, sent.headers["Location"]) == (303, f"/work-orders/{order.id}")
    assert at_work.bob.post(RESET, **hidden(look), confirmed="1").headers["Location"] == sent.headers["Location"]
    assert (order.name, order.wait_s, len(scene.rows(StationCommand))) == ("Herbst", 3600, 2)
    page = at_work.bob.get(f"/work-orders/{order.id}")
    assert "Platz 1" in page.text
    assert "offline" in page.text
    assert f'/work-orders/{order.id}/live"' in page.html
    assert "Herbst" in at_work.bob.get("/work-orders").text
    assert f'href="/work-orders/{order.id}"' in at_work.bob.get(f"/commands/{scene.rows(StationCommand)[0].id}").html


def test_new_passwords_are_ordered_for_many_and_seen_by_nobody(at_work: Office, stations: list[Station]) -> None:
    address = "/work-orders/new/ChangeConfiguration"
    assert "leave the value empty" in at_work.bob.get(address).text
    wish = WISH | {"key": "AuthorizationKey", "value": ""}
    del wish["type"]
    look = at_work.bob.post(address, all="1", **wish)
    assert "2 stations get this message" in look.text
    at_work.bob.post(address, **hidden(look), confirmed="1")
    passwords = {row.payload["value"] for row in scene.rows(StationCommand)}
    assert len(passwords) == 2
    page = at_work.bob.get(f"/work-orders/{scene.rows(WorkOrder)[0].id}").html
    assert not any(password in page for password in passwords)


def test_going_back_and_narrowing_keep_what_was_entered(at_work: Office, stations: list[Station]) -> None:
    look = at_work.bob.post(RESET, station=str(stations[0].id), **WISH)
    assert "One station gets this message" in look.text
    back = at_work.bob.post(RESET, **hidden(look), narrow="1")
    assert 'value="Herbst"' in back.html
    assert re.search(rf'value="{stations[0].id}"\s+checked', back.html)
    narrowed = at_work.bob.post(RESET, text="platz 2", narrow="1", **WISH)
    assert "Platz 2" in narrowed.text
    assert "Platz 1" not in narrowed.text
    assert scene.rows(WorkOrder) == []


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({}, "station-problem"),
        ({"all": "1", "type": "Gentle"}, "type-problem"),
        ({"all": "1", "per_minute": "0"}, "per_minute-problem"),
        ({"station": "nonsense"}, "station-problem"),
    ],
)
def test_what_can_not_be_ordered_stands_at_its_field(
    at_work: Office, stations: list[Station], fields: dict[str, str], at: str
) -> None:
    page = at_work.bob.post(RESET, **(WISH | fields))
    assert page.status == 422
    assert f'id="{at}"' in page.html
    assert scene.rows(WorkOrder) == []


def test_a_message_may_be_written_as_json(at_work: Office, stations: list[Station]) -> None:
    path = f"{RESET}?json=1"
    wrong = at_work.bob.post(path, all="1", payload='{"type": "Gentle"}', **WISH)
    assert wrong.status == 422
    assert 'id="payload-problem"' in wrong.html
    look = at_work.bob.post(path, all="1", payload='{"type": "Gentle"}', unchecked="1", **WISH)
    at_work.bob.post(path, **{name: value.replace("&#34;", '"') for name, value in hidden(look).items()}, confirmed="1")
    assert [row.payload for row in scene.rows(StationCommand)] == [{"type": "Gentle"}] * 2


def test_start_and_stop_are_not_offered(at_work: Office, stations: list[Station]) -> None:
    menu = at_work.bob.get("/work-orders/new?text=platz")
    assert "/work-orders/new/Reset?text=platz" in menu.html
    assert "RemoteStart" not in menu.html
    assert at_work.bob.get("/work-orders/new/RemoteStopTransaction").status == 404


def test_what_waits_is_taken_back_and_what_failed_tried_again(at_work: Office, stations: list[Station]) -> None:
    bob = at_work.people.bob
    order = order_work(bob, at_work.people.home.id, Selection(), Action.CLEAR_CACHE, {})  # type: ignore[arg-type]
    path, first = f"/work-orders/{order.id}", CommandId(scene.rows(StationCommand)[0].id)
    finish_command(SYSTEM, first, CommandState.REFUSED, answer={"status": "Rejected"})
    assert "Again for one station" in at_work.bob.get(path).text
    assert at_work.bob.post(f"{path}/cancel", at=path).headers["Location"] == path
    assert "Cancelled: 1" in at_work.bob.get(path).text
    assert "Platz 2" not in at_work.bob.get(f"{path}?state=refused").text
    again = at_work.bob.post(f"{path}/repeat", at=path, request_key="k").headers["Location"]
    assert again != path
    assert f'href="{path}"' in at_work.bob.get(again).html


def test_an_answer_that_is_no_refusal_counts_as_none(at_work: Office, stations: list[Station]) -> None:
    bob = at_work.people.bob
    order = order_work(bob, at_work.people.home.id, Selection(), Action.DATA_TRANSFER, {"vendorId": "x"})  # type: ignore[arg-type]
    path, (first, second) = f"/work-orders/{order.id}", scene.rows(StationCommand)
    finish_command(SYSTEM, CommandId(first.id), CommandState.REFUSED, answer={"status": "UnknownVendorId"})
    page = at_work.bob.get(path).text
    assert "Answered: 1" in page
    assert "Refused by the station" not in page
    assert "Again for" not in page
    at_work.bob.post(f"{path}/repeat", at=path, request_key="k")
    assert len(scene.rows(WorkOrder)) == 1
    finish_command(SYSTEM, CommandId(second.id), CommandState.REFUSED, answer={"status": "Rejected"})
    page = at_work.bob.get(path).text
    assert "Refused by the station: 1" in page
    assert "Again for one station" in page
    assert "Platz 2" not in at_work.bob.get(f"{path}?state=told").text
    assert "Platz 1" not in at_work.bob.get(f"{path}?state=refused").text
    at_work.bob.post(f"{path}/repeat", at=path, request_key="k")
    assert [one.station_id for one in scene.rows(StationCommand)][2:] == [second.station_id]


def test_a_stranger_finds_nothing(at_work: Office, stations: list[Station]) -> None:
    bob = at_work.people.bob
    order = order_work(bob, at_work.people.home.id, Selection(), Action.CLEAR_CACHE, {}, name="Herbst")  # type: ignore[arg-type]
    assert at_work.charlie.get(f"/work-orders/{order.id}").status == 404
    assert "Herbst" not in at_work.charlie.get("/work-orders").text
    assert "Platz" not in at_work.charlie.get(RESET).text

"""Tags in the browser: the list, one of them, a file of many."""

import io
import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import Tag
from charging.use_cases import add_tag
from charging.values import TagState
from tests import scene
from tests.portal.desk import Desk
from tests.portal.office import Office, office
from tests.portal.phone import Page


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


def only() -> Tag:
    (tag,) = scene.rows(Tag)
    found: Tag = tag
    return found


def send_file(desk: Desk, account: object, content: bytes) -> Page:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/tags/import").html)
    assert token
    fields = {"csrf_token": token.group(1), "account": str(account), "rows": (io.BytesIO(content), "tags.csv")}
    return Page(desk.client.post("/tags/import", data=fields, content_type="multipart/form-data"))


def test_a_tag_is_added_found_changed_blocked_and_removed(at_work: Office) -> None:
    bob, home = at_work.bob, str(at_work.people.home.id)
    assert "No tags yet" in bob.get("/tags").text
    facts = {"name": "Anna", "valid_until": "2030-03-31", "group": "haus"}
    sent = bob.post("/tags/new", account=home, id_tag="04aa", **facts)
    assert (sent.status, sent.headers["Location"]) == (303, "/tags")
    tag = only()
    assert (tag.id_tag, tag.parent_id_tag, tag.account_id) == ("04AA", "HAUS", at_work.people.home.id)
    assert tag.expires_at == datetime(2030, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Zürich
    text = bob.get("/tags?text=haus").text
    assert "Anna 04AA · Group HAUS · until 01.04.2030, 00:00 · never used · Haus am See Valid" in text
    assert "No tag fits" in bob.get("/tags?state=blocked").text
    page = f"/tags/{tag.id}"
    assert 'value="2030-03-31"' in bob.get(page).html
    bob.post(page, name="Anna M.", valid_until="2030-03-31", group="")
    assert (only().name, only().expires_at, only().parent_id_tag) == ("Anna M.", tag.expires_at, "")
    bob.post(page, name="Anna M.", valid_until="", group="")
    assert only().expires_at is None
    bob.post(f"{page}/block", at=page)
    assert only().state is TagState.BLOCKED
    bob.post(f"{page}/unblock", at=page)
    assert only().state is TagState.VALID
    bob.post(f"{page}/delete", at=page)
    assert scene.rows(Tag) == []


def test_problems_stand_at_their_fields(at_work: Office) -> None:
    home = str(at_work.people.home.id)
    for fields, at in (
        ({"id_tag": ""}, "id_tag"),
        ({"id_tag": "04AA", "valid_until": "tomorrow"}, "valid_until"),
        ({"id_tag": "04AA", "group": "g" * 21}, "group"),
    ):
        page = at_work.bob.post("/tags/new", account=home, **fields)
        assert page.status == 422
        assert f'id="{at}-problem"' in page.html
    assert scene.rows(Tag) == []


def test_strangers_see_no_tag(at_work: Office) -> None:
    tag = add_tag(SYSTEM, AccountId(at_work.people.home.id), "04AA", name="Anna")
    assert at_work.charlie.get(f"/tags/{tag.id}").status == 404
    assert "Anna" not in at_work.charlie.get("/tags").text


@pytest.mark.parametrize(
    "content",
    [
        "Tag number;Name;Valid until;Group;State\n04aa;Zoë;2030-03-31;haus;\n\n04bb;;;;blocked\n".encode("utf-8-sig"),
        "04aa,Zoë,31.03.2030,haus\n04bb,,,,gesperrt".encode("cp1252"),
    ],
)
def test_a_file_brings_many_tags(at_work: Office, content: bytes) -> None:
    sent = send_file(at_work.bob, at_work.people.home.id, content)
    assert (sent.status, sent.headers["Location"]) == (303, "/tags")
    assert "New tags: 2. Changed: 0." in at_work.bob.get("/tags").text
    stored = {row.id_tag: (row.name, row.expires_at, row.parent_id_tag, row.state) for row in scene.rows(Tag)}
    assert stored == {
        "04AA": ("Zoë", datetime(2030, 3, 31, 22, 0, tzinfo=UTC), "HAUS", TagState.VALID),
        "04BB": ("", None, "", TagState.BLOCKED),
    }


def test_a_file_with_a_wrong_row_brings_nothing_and_says_where(at_work: Office) -> None:
    home = at_work.people.home.id
    page = send_file(at_work.bob, home, b"04aa;Anna;soon\n04bb")
    assert page.status == 422
    assert "Row 1, Valid until: Please enter a day, such as 2027-03-31." in page.text
    page = send_file(at_work.bob, home, b"04aa\n04AA")
    assert "Row 2, Tag number: This stands in the file twice." in page.text
    assert 'id="rows-problem"' in send_file(at_work.bob, home, b"").html
    assert scene.rows(Tag) == []

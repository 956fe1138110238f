"""Who did what, in the browser: the list and its filters, page by page, and as a file."""

import csv
import io
import json

import pytest
from flask import Flask

from accounts.jobs import seal_audit
from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit.i18n import speaking
from kit.masking import MASK
from portal.audit_words import differences
from tests import make
from tests.portal.office import Office, office

UPDATE = "stations.use_cases.stations.update_station"


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


def test_an_owner_reads_who_changed_what_and_from_where(at_work: Office) -> None:
    alice, people = at_work.alice, at_work.people
    station = make.station(property=people.home, owner=people.alice, name="Garage")
    edit = f"/stations/{station.id}/edit"
    place = {"street": "Bahnhofstrasse 1", "postcode": "6300", "city": "Zug", "country": "CH"}
    saved = alice.post(edit, **place, name="Hof", description="", latitude="", longitude="")
    assert saved.status == 303
    seal_audit()
    shown = alice.get(f"/audit?thing=stations:{station.id}&all=1")
    assert "Station changed Station «Hof»" in shown.text
    assert "Garage → Hof" in shown.text
    assert "in the portal" in shown.text
    assert "Station added" in shown.text
    assert MASK not in shown.text, "a new row shows what it has, and no secrets"
    assert "sealed up to number" in shown.text
    assert "Station changed" in alice.get(f"/audit?door={UPDATE}").text
    assert "No deed fits" in alice.get(f"/audit?door={UPDATE}&until=2020-01-01T00:00").text
    assert "Station geändert" in alice.get(f"/audit?door={UPDATE}&lang=de").text


def test_instants_read_like_other_times() -> None:
    change = {"deed": "changed", "before": {"ends_at": None}, "after": {"ends_at": "2026-11-30T21:40:23.285064+00:00"}}
    with speaking("de", "Europe/Zurich"):
        assert differences(change) == [("Endet am", "–", "30.11.2026, 22:40:23")]


def test_only_who_may_sees_it(at_work: Office) -> None:
    assert "/audit" not in at_work.bob.get("/stations").html
    assert at_work.bob.get("/audit").status == 403


def test_the_lines_are_exported_for_spreadsheets_and_for_programs(app: Flask, at_work: Office) -> None:
    people = at_work.people
    make.station(property=people.home, owner=people.alice, name="Garage")
    answer = at_work.alice.get("/audit.csv?all=1")
    rows = list(csv.reader(io.StringIO(answer.raw.decode().lstrip("\ufeff")), delimiter=";"))
    assert rows[0][:5] == ["Time", "Account", "Who", "Reference", "What"]
    assert any(row[4] == "Station added" and row[3] == people.alice.reference for row in rows)
    account = AccountId(people.master.id)
    token = create_api_token(people.alice, account, name="export", rights=[Right.VIEW_AUDIT]).secret
    header = {"Authorization": f"Bearer {token}"}
    said = app.test_client().get("/audit.jsonl", headers=header, buffered=True).get_data(as_text=True)
    doors = [json.loads(line)["door"] for line in said.splitlines()]
    assert "stations.use_cases.stations.add_station" in doors
    assert app.test_client().get("/audit.jsonl?nonsense=1", headers=header).status_code == 422

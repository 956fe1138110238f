"""The message log as a file: what the filter shows, for people and for programs, as CSV and as JSON lines."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit.masking import MASK
from portal.message_exports import seats
from stations import message_export, message_search
from stations.values import Sender
from tests import make
from tests.log_rows import log, said
from tests.made import MadeStation
from tests.portal.desk import at_a_desk
from tests.portal.office import Office, office

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)  # 13:00 in Zürich


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> MadeStation:
    """A station of the property where Bob works."""
    return make.station(property=at_work.people.home, owner=at_work.people.alice, name="=Garage")


@pytest.fixture
def token(at_work: Office) -> str:
    """A key for programs, to the whole master account."""
    return create_api_token(
        at_work.people.alice, AccountId(at_work.people.master.id), name="export", role=Role.API_CLIENT
    ).secret


def asked_for(app: Flask, path: str, token: str) -> TestResponse:
    return app.test_client().get(path, headers={"Authorization": f"Bearer {token}"}, buffered=True)


def lines(answer: TestResponse) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]


def test_a_spreadsheet_gets_what_the_filter_shows_in_the_readers_language(
    at_work: Office, station: MadeStation
) -> None:
    call = '{"key": "AuthorizationKey", "value": "hunter22"}'
    log(
        said(station, at=AT, action="ChangeConfiguration", call=call, answer='{"status": "Rejected"}', message_id="-1"),
        said(station, at=AT, action="", call="=cmd", answer=None, error="Unreadable"),
        said(station, at=AT + timedelta(days=1)),
    )
    shown = at_work.bob.get(f"/messages?station={station.id}&until=2026-01-15T14:00")
    (link,) = re.findall(r'href="(/messages\.csv[^"]*)"', shown.html)
    answer = at_work.bob.get(f"{unescape(link)}&lang=de")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=messages-")
    text = answer.raw.decode()
    assert text.startswith("\ufeff")
    head, unreadable, change = csv.reader(io.StringIO(text[1:]), delimiter=";")
    assert head[:4] == ["Zeit", "Station", "Von wem", "Art der Nachricht"]
    assert unreadable[5:] == [
        "Unreadable",
        "Was ankam, liess sich nicht als Nachricht lesen. Der Hersteller sollte es sehen.",
        "12",
        "'=cmd",
        "",
    ]
    assert change == [
        "2026-01-15 13:00:00.000+01:00",
        "'=Garage",
        "Station",
        "ChangeConfiguration",
        "'-1",
        "",
        "Die Station lehnt diesen Wert ab oder lässt die Einstellung nicht ändern.",
        "12",
        f'{{"key":"AuthorizationKey","value":"{MASK}"}}',
        '{"status":"Rejected"}',
    ]


def test_a_program_gets_lines_of_json_with_its_key(
    app: Flask, at_work: Office, station: MadeStation, token: str
) -> None:
    other = make.station(property=at_work.people.next_door, owner=at_work.people.alice)
    beat, reset, lost = log(
        said(station, at=AT),
        said(station, at=AT + timedelta(hours=1), action="Reset", sender=Sender.PLATFORM, call='{"type": "Soft"}'),
        said(other, at=AT + timedelta(hours=2), action="", call="[2,", answer=None, error="FormationViolation"),
    )
    answer = asked_for(app, "/messages.jsonl", token)
    assert answer.content_type == "application/jsonl; charset=utf-8"
    found = lines(answer)
    assert [int(row["id"]) for row in found] == [lost, reset, beat]
    assert found[1] == {
        "id": str(reset),
        "accountId": str(at_work.people.home.id),
        "stationId": str(station.id),
        "stationName": "=Garage",
        "at": "2026-01-15T13:00:00+00:00",
        "sender": "PLATFORM",
        "action": "Reset",
        "messageId": "1",
        "call": {"type": "Soft"},
        "answer": {},
        "error": "",
        "latencyMs": 12,
    }
    for question, expected in {
        f"station={station.id}": [reset, beat],
        f"account={at_work.people.next_door.id}": [lost],
        "sender=PLATFORM": [reset],
        "errors=1": [lost],
        "since=2026-01-15T13:00:00Z&until=2026-01-15T14:00:00Z": [reset],
        f"before={lost}": [reset, beat],
    }.items():
        numbers = [int(row["id"]) for row in lines(asked_for(app, f"/messages.jsonl?{question}", token))]
        assert numbers == expected, question


def test_a_program_is_told_what_is_wrong_with_its_question(app: Flask, station: MadeStation, token: str) -> None:
    for question, field, code in (
        ("staton=1", "staton", "unknown"),
        ("station=1", "station", "invalid"),
        ("sender=nobody", "sender", "invalid"),
        ("since=yesterday", "since", "invalid"),
        ("since=2026-01-15T13:00:00", "since", "without_zone"),
        ("before=x", "before", "invalid"),
    ):
        answer = asked_for(app, f"/messages.jsonl?{question}", token)
        assert (answer.status_code, answer.json) == (422, {"code": "invalid", field: code})


def test_all_that_fits_is_in_the_file_stretch_by_stretch_up_to_a_bound(
    app: Flask, at_work: Office, station: MadeStation, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stations = [station, *(make.station(property=at_work.people.next_door, owner=at_work.people.alice) for _ in "ab")]
    numbers = log(*(said(stations[n % 3], at=AT + timedelta(minutes=n), message_id=str(n % 7)) for n in range(50)))
    newest_first = numbers[::-1]
    monkeypatch.setattr(message_export, "STRETCH", 4)
    monkeypatch.setattr(message_search, "MOST_MERGED", 2)  # a file is read along other ways than a page
    monkeypatch.setattr(message_search, "BUDGET", 5)
    for few in (16, 1):
        monkeypatch.setattr(message_search, "FEW_ACCOUNTS", few)
        found = [int(row["id"]) for row in lines(asked_for(app, "/messages.jsonl", token))]
        assert found == newest_first, few
        found = [int(row["id"]) for row in lines(asked_for(app, "/messages.jsonl?message_id=0", token))]
        assert found == newest_first[::7], few
    monkeypatch.setattr(message_export, "MOST_EXPORTED", 10)
    first = [int(row["id"]) for row in lines(asked_for(app, "/messages.jsonl", token))]
    rest = [int(row["id"]) for row in lines(asked_for(app, f"/messages.jsonl?before={first[-1]}", token))]
    assert first + rest == newest_first[:20]


def test_the_file_is_for_those_who_may_read_the_log(app: Flask, at_work: Office, station: MadeStation) -> None:
    log(said(station))
    reader = create_api_token(at_work.people.alice, AccountId(at_work.people.master.id), name="r", role=Role.VIEWER)
    assert asked_for(app, f"/messages.csv?station={station.id}", reader.secret).status_code == 403
    assert lines(asked_for(app, "/messages.jsonl", reader.secret)) == []
    assert asked_for(app, "/messages.jsonl", "wrong").status_code == 401
    assert app.test_client().get("/messages.csv").status_code == 302
    assert at_work.charlie.get(f"/messages.csv?station={station.id}").status == 404
    assert at_work.charlie.get("/messages.jsonl").raw == b""
    viewer = at_a_desk(app, make.login(account=at_work.people.home, role=Role.VIEWER).email)
    assert viewer.get(f"/messages.csv?station={station.id}").status == 403
    assert viewer.get("/messages.jsonl").raw == b""


def test_only_some_files_are_written_at_once(at_work: Office, station: MadeStation) -> None:
    for _ in range(2):
        seats.take()
    try:
        assert at_work.bob.get("/messages.csv").status == 503
    finally:
        for _ in range(2):
            seats.leave()
    for _ in range(4):  # each gives its seat back
        assert at_work.bob.get("/messages.csv").status == 200

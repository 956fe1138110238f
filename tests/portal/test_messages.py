"""The message log in the browser: the list and its filters, page by page, one message with what it belongs to."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from accounts.rights import Role
from kit import clock
from stations import message_search
from stations.use_cases import request_command
from stations.values import Action, Sender
from tests import make, scene
from tests.log_rows import log, said
from tests.made import MadeStation
from tests.portal.desk import at_a_desk
from tests.portal.office import Office, office

ROW = re.compile(r'<tr id="message-(\d+)"')
GOES_ON = re.compile(r'<div hx-get="([^"]+)"')
PAGER = re.compile(r'<a class="btn"\s+(?:rel="\w+"\s+)?href="([^"]+)">(?:<svg.*?</svg>)?(\w+)')
CHARGING = '{"connectorId": 1, "errorCode": "NoError", "status": "Charging"}'


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> MadeStation:
    """A station of the property where Bob works."""
    return make.station(property=at_work.people.home, owner=at_work.people.alice, name="Garage")


def test_a_technician_reads_what_was_said(at_work: Office, station: MadeStation) -> None:
    bob = at_work.bob
    assert "No messages yet They appear here as soon as a station connects." in bob.get("/messages").text
    (number,) = log(said(station, action="StatusNotification", call=CHARGING))
    text = bob.get("/messages").text
    assert "Garage State of a connector Station: StatusNotification connectorId 1 · status Charging" in text
    assert "12 ms" in text
    shown = bob.get(f"/messages/{number}")
    assert "<h1>State of a connector</h1>" in shown.html.replace("\n", "")
    assert "&#34;status&#34;: &#34;Charging&#34;" in shown.html
    assert f'href="/messages?station={station.id}"' in bob.get(f"/stations/{station.id}").html


def test_a_refusal_is_told_in_the_words_of_who_refused(at_work: Office, station: MadeStation) -> None:
    answer = '{"errorDescription": "door is open", "errorDetails": {"line": 7}}'
    (number,) = log(
        said(station, action="Reset", sender=Sender.PLATFORM, answer=answer, error="InternalError"),
    )
    assert "→ errorDescription door is open" in at_work.bob.get("/messages").text
    text = at_work.bob.get(f"/messages/{number}").text
    assert "In its own words: door is open" in text
    assert 'Details: { "line": 7 }' in text


def test_every_filter_is_part_of_the_address(at_work: Office, station: MadeStation) -> None:
    other = make.station(property=at_work.people.home, owner=at_work.people.alice, name="Hof")
    at = datetime(2026, 1, 15, 12, tzinfo=UTC)  # 13:00 in Zürich
    heartbeat, charging, reset, broken = log(
        said(station, at=at),
        said(
            other,
            at=at + timedelta(hours=1),
            action="StatusNotification",
            call=CHARGING,
            message_id="a-7",
            latency_ms=5000,
        ),
        said(
            station, at=at + timedelta(hours=2), action="Reset", sender=Sender.PLATFORM, error="TimedOut", answer=None
        ),
        said(other, at=at + timedelta(hours=3), action="", call="[2,", answer=None, error="FormationViolation"),
    )
    found = {
        "": [broken, reset, charging, heartbeat],
        f"station={station.id}": [reset, heartbeat],
        "action=StatusNotification": [charging],
        "sender=platform": [reset],
        "errors=1": [broken, reset],
        "error=TimedOut": [reset],
        "error=NotSupported": [],
        "text=CHARGING": [charging],
        "text=timedout": [reset],
        "message_id=a-7": [charging],
        "action=Nonsense": [],
        "latency_from_ms=13": [charging],
        "latency_from_ms=5001": [],
        "latency_from_ms=-1": [broken, reset, charging, heartbeat],
        "since=2026-01-15T14:00&until=2026-01-15T16:00": [reset, charging],
        "sender=nonsense&since=never&before=x": [broken, reset, charging, heartbeat],
    }
    for query, expected in found.items():
        html = at_work.bob.get(f"/messages?{query}").html
        shown = [number for number in (broken, reset, charging, heartbeat) if f'"/messages/{number}"' in html]
        assert shown == expected, query


def test_the_pages_lead_from_the_newest_to_the_oldest_and_back(at_work: Office, station: MadeStation) -> None:
    at = clock.now() - timedelta(hours=3)
    numbers = log(*(said(station, at=at + timedelta(minutes=n)) for n in range(120)))[::-1]

    def shown(path: str) -> tuple[list[int], dict[str, str]]:
        html = at_work.bob.get(path).html
        links = {words: unescape(url) for url, words in PAGER.findall(html)}
        return [int(number) for number in ROW.findall(html)], links

    newest, links = shown("/messages")
    assert (newest, set(links)) == (numbers[:50], {"Older", "Oldest"})
    middle, links = shown(links["Older"])
    assert (middle, set(links)) == (numbers[50:100], {"Newest", "Newer", "Older", "Oldest"})
    assert shown(links["Newer"])[0] == shown(links["Newest"])[0] == newest
    oldest, links = shown(links["Oldest"])
    assert (oldest, set(links)) == (numbers[70:], {"Newest", "Newer"})
    assert shown(links["Newer"])[0] == numbers[20:70]
    # fewer than a page are newer than this: the newest page is shown whole
    assert shown(f"/messages?after={numbers[20]}") == (newest, shown("/messages")[1])


def test_a_search_through_much_says_how_far_it_is(
    at_work: Office, station: MadeStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message_search, "BUDGET", 3)
    at = datetime(2026, 1, 15, 12, tzinfo=UTC)
    numbers = log(*(said(station, at=at + timedelta(minutes=n), message_id=str(n)) for n in range(5)))
    page = at_work.bob.get(f"/messages?station={station.id}&message_id=0")
    assert "Nothing that fits so far" in page.text
    assert "It has got to 15.01.2026, 13:02:00; the next page goes on from there." in page.text
    (older,) = [unescape(url) for url, words in PAGER.findall(page.html) if words == "Older"]
    assert [unescape(url) for url in GOES_ON.findall(page.html)] == [older], "a browser goes on by itself"
    assert GOES_ON.findall(at_work.bob.get(older).html) == []
    assert ROW.findall(at_work.bob.get(older).html) == [str(numbers[0])]


def test_a_message_leads_to_its_command_and_its_session(at_work: Office, station: MadeStation) -> None:
    alice = at_work.people.alice
    command = request_command(alice, station.id, Action.RESET, {"type": "Soft"})
    session = scene.session(connector=station.connector)
    reset, stop, nothing = log(
        said(station, action="Reset", sender=Sender.PLATFORM, message_id=command.id.hex, call='{"type": "Soft"}'),
        said(station, action="StopTransaction", call=f'{{"transactionId": {session.transaction_id}}}'),
        said(station, action="StopTransaction", call='{"transactionId": 99999999999}', message_id=command.id.hex),
    )
    assert f'href="/commands/{command.id}"' in at_work.bob.get(f"/messages/{reset}").html
    assert f'href="/sessions/{session.id}"' in at_work.bob.get(f"/messages/{stop}").html
    html = at_work.bob.get(f"/messages/{nothing}").html
    assert "/commands/" not in html
    assert "/sessions/" not in html


def test_what_went_wrong_is_said_in_words(at_work: Office, station: MadeStation) -> None:
    late, odd = log(
        said(station, action="Reset", sender=Sender.PLATFORM, answer=None, error="TimedOut"),
        said(station, action="<b>", call="<script>", answer=None, error="HouseOnFire"),
    )
    assert "TimedOut No answer came in time." in at_work.bob.get(f"/messages/{late}").text
    shown = at_work.bob.get(f"/messages/{odd}")
    assert "HouseOnFire" in shown.text
    assert "<b>" not in shown.html
    assert "&lt;script&gt;" in shown.html


def test_codes_are_explained_beside_the_message_and_in_the_list(at_work: Office, station: MadeStation) -> None:
    (number,) = log(said(station, action="StatusNotification", call=CHARGING.replace("Charging", "SuspendedEV")))
    shown = at_work.bob.get(f"/messages/{number}")
    assert "SuspendedEV The car takes nothing at the moment: it is full, or waits." in shown.text
    assert (
        'title="The car takes nothing at the moment: it is full, or waits. No fault."'
        in at_work.bob.get("/messages").html
    )
    assert 'href="/messages/words"' in shown.html


def test_the_words_are_a_page_that_can_be_searched(at_work: Office) -> None:
    assert 'href="/messages/words"' in at_work.bob.get("/messages").html
    text = at_work.bob.get("/messages/words").text
    assert "Reset.conf.status Accepted The station will restart." in text
    assert "NoSuchCall This answers a call that was never made" in text
    found = at_work.bob.get("/messages/words?text=CONTACTOR").text
    assert "PowerSwitchFailure The contactor does not switch." in found
    assert "GroundFailure" not in found
    assert "No word fits" in at_work.bob.get("/messages/words?text=xyz").text


def test_the_log_is_in_the_menu_of_those_who_may_read_it(app: Flask, at_work: Office) -> None:
    assert 'href="/messages"' in at_work.bob.get("/stations").html
    viewer = at_a_desk(app, make.login(account=at_work.people.home, role=Role.VIEWER).email)
    assert 'href="/messages"' not in viewer.get("/stations").html


def test_secrets_stay_masked(at_work: Office, station: MadeStation) -> None:
    call = '{"key": "AuthorizationKey", "value": "hunter22"}'
    (number,) = log(said(station, action="ChangeConfiguration", sender=Sender.PLATFORM, call=call))
    for path in ("/messages", f"/messages/{number}"):
        assert "hunter22" not in at_work.alice.get(path).html


def test_strangers_and_viewers_see_nothing(app: Flask, at_work: Office, station: MadeStation) -> None:
    (number,) = log(said(station))
    for path in (f"/messages/{number}", f"/messages?station={station.id}", "/messages/12", "/messages/" + "9" * 30):
        assert at_work.charlie.get(path).status == 404
    assert str(number) not in at_work.charlie.get("/messages").html
    viewer = at_a_desk(app, make.login(account=at_work.people.home, role=Role.VIEWER).email)
    assert viewer.get(f"/messages/{number}").status == 403
    assert viewer.get(f"/messages?station={station.id}").status == 403
    assert str(number) not in viewer.get("/messages").html
    assert "/messages" not in viewer.get(f"/stations/{station.id}").html


def test_the_newest_are_followed_live_when_asked(at_work: Office, station: MadeStation) -> None:
    assert "ws-connect" not in at_work.bob.get("/messages").html
    html = at_work.bob.get(f"/messages?live=1&errors=1&station={station.id}").html
    (address,) = re.findall(r'ws-connect="([^"]+)"', html)
    assert unescape(address).endswith(f"/messages/live?station={station.id}&errors=1")

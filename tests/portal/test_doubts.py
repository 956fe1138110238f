"""The page of what somebody should look at: ends without a session, and doubts in plain words."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.models import ChargingSession, DoubtfulFact, OrphanStop
from charging.use_cases import close_stale_session
from charging.values import OrphanState, SessionId
from portal.doubt_words import SENTENCES, doubt_sentence
from stations.models import Station
from tests import scene
from tests.portal.office import Office, office
from tests.talk import Talk, ago, iso

PATH = "/to-look-at"


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def charger(at_work: Office) -> Talk:
    """A charger of Bob's property."""
    return Talk(scene.station(property=at_work.people.home, name="Ost"))


def station(charger: Talk) -> Station:
    return charger.station


def orphan() -> OrphanStop:
    found: OrphanStop
    (found,) = scene.rows(OrphanStop)
    return found


def test_doubts_are_sentences_and_can_be_marked(at_work: Office, charger: Talk) -> None:
    charger.start(tag="04FF", wh=5000)
    text = at_work.bob.get(PATH).text
    assert "Unknown tag Charging began with the tag 04FF, which may not charge here." in text
    assert "04FF" not in at_work.charlie.get(PATH).text
    (row,) = scene.rows(DoubtfulFact)
    at_work.bob.post(f"{PATH}/looked", at=PATH, doubt=str(row.id))
    assert "Nothing to look at" in at_work.bob.get(PATH).text
    assert "04FF" in at_work.bob.get(f"{PATH}?show=all").text


def test_a_station_shows_what_is_its_own_and_all_of_an_account_are_not_marked_from_there(
    at_work: Office, charger: Talk
) -> None:
    other = Talk(scene.station(property=at_work.people.home, name="West"))
    for each in (charger, other):
        each.start(tag="04FF", wh=1)
        each.stop(999, wh=5)
    page = at_work.bob.get(f"{PATH}?station={station(charger).id}")
    assert ("Ost" in page.text, "West" in page.text) == (True, False)
    assert ("Show all" in page.text, "Looked at all" in page.text) == (True, False)
    assert "Looked at all" in at_work.bob.get(PATH).text


def test_all_of_an_account_are_marked_at_once_and_kinds_are_told_apart(at_work: Office, charger: Talk) -> None:
    for wh in (1, 2):
        charger.start(tag="04FF", wh=wh)
    assert "Nothing to look at" in at_work.bob.get(f"{PATH}?kind=clock").text
    at_work.bob.post(f"{PATH}/looked", at=PATH)
    assert "Marked as looked at:" in at_work.bob.get(PATH).text


def test_an_end_is_attached_accepted_or_dismissed_on_its_page(at_work: Office, charger: Talk) -> None:
    begun = ago(hours=3)
    transaction = charger.start(wh=1000, at=iso(begun))["transactionId"]
    (ended,) = scene.rows(ChargingSession)
    close_stale_session(SYSTEM, SessionId(ended.id))
    charger.stop(transaction, wh=8000, at=iso(begun + timedelta(hours=2)))
    path = f"{PATH}/ends/{orphan().id}"
    text = at_work.bob.get(path).text
    assert "The station reported the end of a session that we had ended with its last reading." in text
    assert "named by the station" in text
    assert at_work.charlie.get(path).status == 404
    at_work.bob.post(path, how="attach", session=str(ended.id))
    assert scene.row(ChargingSession, ended.id).energy_wh == 7000
    assert orphan().state is OrphanState.ATTACHED
    again = at_work.bob.get(path)
    assert "Belongs to a session" in again.text
    assert "csrf_token" not in again.html.partition("<main")[2]


def test_the_session_of_an_end_without_a_plug_says_so_in_words(at_work: Office, charger: Talk) -> None:
    charger.status("Available", connector=2)
    charger.stop(999, wh=5_000)
    (session,) = scene.rows(ChargingSession)
    assert "Unknown connector" in at_work.bob.get(f"/sessions/{session.id}").text
    text = at_work.bob.get("/sessions").text
    assert ("Unknown connector" in text, "Connector 0" in text) == (True, False)


def test_a_session_of_its_own_needs_a_plug_a_begin_and_a_register(at_work: Office, charger: Talk) -> None:
    charger.stop(4711, wh=9000, at=iso(ago(hours=1)))
    path = f"{PATH}/ends/{orphan().id}"
    plug = str(scene.connector(charger.station).id)
    good = {"how": "accept", "connector": plug, "started_at": "2000-01-01T00:00", "meter_start": "2"}
    for field, value, words in (
        ("connector", "", "Please choose one of the list."),
        ("started_at", "soon", "Please enter a day and a time"),
        ("meter_start", "10", "This number is out of range."),
    ):
        answer = at_work.bob.post(path, **(good | {field: value}))
        assert (answer.status, words in answer.text) == (422, True)
    answer = at_work.bob.post(path, how="dismiss", reason="")
    assert (answer.status, "Please fill this in." in answer.text) == (422, True)
    at_work.bob.post(path, how="dismiss", reason="A test of the maker")
    assert (orphan().state, orphan().note) == (OrphanState.DISMISSED, "A test of the maker")


def test_a_second_word_on_an_end_is_refused_in_words(at_work: Office, charger: Talk) -> None:
    charger.stop(4711, wh=9000)
    path = f"{PATH}/ends/{orphan().id}"
    page = at_work.bob.get(path)
    at_work.bob.post(path, how="dismiss", reason="one")
    at_work.bob.client.post(
        path,
        data={
            "csrf_token": page.html.partition('name="csrf_token" value="')[2].partition('"')[0],
            "how": "dismiss",
            "reason": "two",
        },
    )
    assert "Somebody has settled this already." in at_work.bob.get(path).text
    assert orphan().note == "one"


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_whole_even_when_facts_are_missing(code: str) -> None:
    words = doubt_sentence(DoubtfulFact(code=code, facts={}, detail=""))
    assert words
    assert "%(" not in words


def test_an_old_doubt_keeps_its_own_text() -> None:
    assert doubt_sentence(DoubtfulFact(code="", facts={}, detail="old")) == ""

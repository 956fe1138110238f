"""How stations connect, in the browser: which come by which TLS, and the log of one."""

import pytest
from flask import Flask

from accounts.access import Actor
from kit.ids import new_id
from stations.use_cases import note_connection, note_connection_end, note_refusal
from stations.values import Arrival, Ending, Proof
from tests import make
from tests.made import MadeStation
from tests.portal.office import Office, office

NEW = Arrival(
    peer="198.51.100.4",
    address="/ocpp/CP1",
    protocol="ocpp1.6",
    proof=Proof.CERTIFICATE,
    tls_version="TLSv1.3",
    tls_cipher="TLS_AES_128_GCM_SHA256",
    tls_name="ladepark.example",
    other_user="installer",
)
OLD = Arrival(peer="198.51.100.4", tls_version="TLSv1.1", proof=Proof.PASSWORD)


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> MadeStation:
    """A station at Bob's property."""
    return make.station(property=at_work.people.home, owner=at_work.people.alice)


def test_the_report_says_which_stations_come_how(at_work: Office, station: MadeStation) -> None:
    other = make.station(property=at_work.people.home, owner=at_work.people.alice, name="Tor")
    for made, arrival in ((station, OLD), (other, NEW)):
        note_connection(made.actor, at_work.people.home.id, new_id(), arrival)
    note_refusal(station.actor, at_work.people.home.id, OLD, Ending.NO_PASSWORD)
    text = at_work.bob.get("/stations/connections").text
    for words in ("Outdated TLS", "TLSv1.3 · TLS_AES_128_GCM_SHA256", "Its own certificate", "Refused: wrong password"):
        assert words in text, words
    only_old = at_work.bob.get("/stations/connections?transport=outdated_tls").text
    assert ("TLSv1.1" in only_old, "TLSv1.3" in only_old) == (True, False)
    assert "No station fits" in at_work.charlie.get("/stations/connections").text


def test_the_page_of_a_station_tells_how_it_is_connected_and_how_it_went(at_work: Office, station: MadeStation) -> None:
    account_id, page = at_work.people.home.id, f"/stations/{station.id}/connections"
    assert "It has never connected" in at_work.bob.get(page).text
    old, actor = new_id(), Actor.station(station.id)
    note_connection(actor, account_id, old, OLD)
    assert "Its TLS is outdated" in at_work.bob.get(page).text
    note_connection_end(actor, old, Ending.SILENT)
    note_refusal(actor, account_id, OLD, Ending.TOO_OFTEN)
    note_connection(actor, account_id, new_id(), NEW)
    text = at_work.bob.get(page).text
    for words in (
        "Connected now",
        "ladepark.example",
        "198.51.100.4",
        "/ocpp/CP1",
        "The station fell silent",
        "logged in as installer",
        "Refused: it connects too often",
    ):
        assert words in text, words
    assert "Its TLS is outdated" not in text
    assert at_work.charlie.get(page).status == 404


def test_who_connects_again_and_again_is_marked_and_the_log_has_pages(at_work: Office, station: MadeStation) -> None:
    actor, page = Actor.station(station.id), f"/stations/{station.id}/connections"
    rows = [new_id() for _ in range(30)]
    for each in rows:
        note_connection(actor, at_work.people.home.id, each, NEW)
        note_connection_end(actor, each, Ending.HUNG_UP)
    assert "It connects again and again: 30 times in the last ten minutes." in at_work.bob.get(page).text
    older = at_work.bob.get(f"{page}?before={rows[5]}").text
    assert older.count("The station hung up") == 5

"""How stations come: by which kind of TLS, and how often they were refused."""

import pytest

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from kit.ids import new_id
from stations.models import Station
from stations.queries import connection_health, transport_report
from stations.use_cases import note_connection, note_refusal
from stations.values import Arrival, Ending, Proof, StationId, Transport
from tests import make, scene
from tests.people import People

pytestmark = pytest.mark.usefixtures("database", "program")
GOOD = Arrival(proof=Proof.CERTIFICATE, tls_version="TLSv1.3", tls_cipher="TLS_AES_128_GCM_SHA256")


def came(station: Station, arrival: Arrival) -> None:
    note_connection(Actor.station(station.id), station.account_id, new_id(), arrival)


JUDGED = {
    ("", ""): Transport.PLAIN,
    ("TLSv1.3", "TLS_AES_128_GCM_SHA256"): Transport.TLS,
    ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"): Transport.TLS,
    ("TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305"): Transport.TLS,
    ("tls1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"): Transport.TLS,  # as Caddy writes it
    ("TLS", ""): Transport.TLS,  # the proxy tells no more
    ("TLSv1.2", "AES128-SHA"): Transport.OUTDATED_TLS,
    ("TLSv1.1", "ECDHE-RSA-AES128-SHA"): Transport.OUTDATED_TLS,
    ("TLSv1", ""): Transport.OUTDATED_TLS,
    ("tls1.0", ""): Transport.OUTDATED_TLS,
}


def test_what_the_proxy_says_of_tls_is_judged_by_the_program_and_the_database_alike() -> None:
    owned = scene.account()
    for (version, cipher), transport in JUDGED.items():
        station = scene.station(property=owned, name=f"{version}|{cipher}", online=False)
        came(station, Arrival(tls_version=version, tls_cipher=cipher))
        assert connection_health(SYSTEM, StationId(station.id)).transport is transport
    rows = transport_report(SYSTEM).page.items
    assert {row.station.name: row.transport for row in rows} == {"|".join(tls): kind for tls, kind in JUDGED.items()}


def test_the_newest_connection_that_was_let_in_counts() -> None:
    owned = scene.account()
    station, never = scene.station(property=owned, name="B"), scene.station(property=owned, name="A")
    came(station, Arrival())
    came(station, GOOD)
    note_refusal(Actor.station(station.id), owned.id, Arrival(), Ending.NO_TLS)
    note_refusal(Actor.station(never.id), owned.id, GOOD, Ending.NO_PASSWORD)
    report = transport_report(SYSTEM, AccountId(owned.id))
    assert report.counts == {Transport.NEVER: 1, Transport.TLS: 1}
    assert report.refusals == {Ending.NO_TLS: 1, Ending.NO_PASSWORD: 1}
    assert [(row.station.name, row.transport) for row in report.page.items] == [
        ("A", Transport.NEVER),
        ("B", Transport.TLS),
    ]
    latest = report.page.items[1].latest
    assert latest is not None
    assert (latest.proof, latest.tls_version) == (Proof.CERTIFICATE, "TLSv1.3")


def test_one_kind_is_asked_for_a_page_at_a_time() -> None:
    owned = scene.account()
    for name in ("A", "B", "C"):
        came(scene.station(property=owned, name=name), Arrival())
    came(scene.station(property=owned, name="D"), GOOD)
    second = transport_report(SYSTEM, transport=Transport.PLAIN, number=2, size=2).page
    assert [row.station.name for row in second.items] == ["C"]
    assert (second.total, second.pages, second.next) == (3, 2, None)


def test_everybody_sees_only_his_own(people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    came(scene.row(Station, made.id), GOOD)
    note_refusal(made.actor, people.home.id, GOOD, Ending.TOO_OFTEN)
    for actor, seen in ((people.bob, 1), (people.charlie, 0)):
        report = transport_report(actor)
        assert (report.page.total, len(report.refusals), len(report.counts)) == (seen, seen, seen)

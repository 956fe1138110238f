"""How safe a station's connection is, in the browser: certificates, roots, profile, and what the station reported."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.use_cases import make_staff
from kit import clock, worker
from stations.models import InstalledCertificate, Station, StationCertificate, StationCommand
from stations.pem import written
from stations.queries import own_root
from stations.use_cases import create_authority, finish_command, mark_command_sent
from stations.values import Action, CertificateState, CommandId, CommandState, SecurityProfile
from tests import certificates, scene
from tests.portal.desk import at_a_desk
from tests.portal.office import Office, office
from tests.talk import Talk, iso


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property."""
    return scene.station(property=at_work.people.home, name="Ost")


def commands() -> list[tuple[Action, dict[str, object]]]:
    return [(row.action, row.payload) for row in scene.rows(StationCommand)]


def answered(row: StationCommand, state: CommandState, **answer: object) -> None:
    mark_command_sent(SYSTEM, CommandId(row.id))
    finish_command(SYSTEM, CommandId(row.id), state, answer=answer)
    worker.drain()


def test_a_certificate_is_asked_for_signed_shown_and_revoked(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    assert "The station has no certificate of its own" in bob.get(path).text
    sent = bob.post(f"{path}/ask", at=path)
    assert (sent.status, sent.headers["Location"]) == (303, path)
    assert commands() == [(Action.EXTENDED_TRIGGER_MESSAGE, {"requestedMessage": "SignChargePointCertificate"})]
    Talk(station).call("SignCertificate", {"csr": certificates.request_pem(station.identity)})
    assert "Asked for by the station" in bob.get(path).text
    worker.drain()
    answered(scene.rows(StationCommand)[1], CommandState.ACCEPTED, status="Accepted")
    text = bob.get(path).text
    assert f"{station.identity} Good until" in text
    assert "In force" in text
    (row,) = scene.rows(StationCertificate)
    bob.post(f"/certificates/{row.id}/revoke", at=path)
    assert scene.rows(StationCertificate)[0].state is CertificateState.REVOKED
    assert "Revoked" in bob.get(path).text


def test_a_request_that_was_declined_says_why(at_work: Office, station: Station) -> None:
    Talk(station).call("SignCertificate", {"csr": certificates.request_pem("somebody else")})
    text = at_work.bob.get(f"/stations/{station.id}/security").text
    assert "It names neither the station's identity nor its serial number." in text


def test_roots_are_read_installed_and_removed(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    root = certificates.self_signed("Fabrik Root")
    wrong = bob.post(path, deed="install", kind="ManufacturerRootCertificate", root="nonsense")
    assert (wrong.status, "This is not a certificate in PEM format." in wrong.text) == (422, True)
    bob.post(path, deed="install", kind="ManufacturerRootCertificate", root=written(root))
    (install,) = scene.rows(StationCommand)
    answered(install, CommandState.ACCEPTED, status="Accepted")
    assert "Fabrik Root Root of the manufacturer" in bob.get(path).text
    (row,) = scene.rows(InstalledCertificate)
    bob.post(f"/installed-certificates/{row.id}/delete", at=path)
    answered(scene.rows(StationCommand)[1], CommandState.ACCEPTED, status="Accepted")
    assert "Fabrik Root" not in bob.get(path).text
    bob.post(f"{path}/read", at=path)
    assert [payload for action, payload in commands() if action is Action.GET_INSTALLED_CERTIFICATE_IDS] == [
        {"certificateType": "CentralSystemRootCertificate"},
        {"certificateType": "ManufacturerRootCertificate"},
    ]


def test_the_platforms_own_root_is_installed_by_one_button(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    assert "Install this platform" not in bob.get(path).text
    create_authority(SYSTEM)
    assert "Install this platform" in bob.get(path).text
    root = own_root(SYSTEM) or ""
    bob.post(path, deed="install", kind="CentralSystemRootCertificate", root=root.replace("\n", "\r\n"))
    assert commands() == [
        (Action.INSTALL_CERTIFICATE, {"certificateType": "CentralSystemRootCertificate", "certificate": root})
    ]


def test_the_profile_is_told_to_the_station_or_set_by_hand(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    bob.post(path, deed="tell", told="2")
    (row,) = scene.rows(StationCommand)
    assert row.payload == {"key": "SecurityProfile", "value": "2"}
    answered(row, CommandState.ACCEPTED, status="Accepted")
    assert "The station was told 2 – Password, only over TLS" in bob.get(path).text
    bob.post(path, deed="profile", profile="3")
    found = scene.row(Station, station.id)
    assert (found.security_profile, found.next_security_profile) == (SecurityProfile.CERTIFICATE_TLS, None)
    assert "3 – Own certificate, only over TLS" in bob.get(path).text


def test_a_new_password_is_sent_and_one_that_is_on_its_way_is_enough(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    assert bob.post(path, deed="push").status == 303
    (row,) = scene.rows(StationCommand)
    assert (row.action, row.payload["key"]) == (Action.CHANGE_CONFIGURATION, "AuthorizationKey")
    again = bob.post(path, deed="push")
    assert (again.status, "is on its way to the station already" in again.text) == (409, True)
    mark_command_sent(SYSTEM, CommandId(row.id))
    page = bob.get(path)
    assert "a new one was sent; the old one opens until the station comes with it" in page.text
    assert str(row.payload["value"]) not in page.html + bob.get(f"/stations/{station.id}").html


def test_a_raise_is_shown_step_by_step(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    bob.post(path, deed="tell", told="2")
    assert "the station is being told its new profile" in bob.get(path).text
    answered(scene.rows(StationCommand)[0], CommandState.ACCEPTED, status="Accepted")
    assert [action for action, _ in commands()] == [Action.CHANGE_CONFIGURATION, Action.RESET]
    assert "The station was told 2 – Password, only over TLS" in bob.get(path).text
    lower = bob.post(path, deed="tell", told="1")
    assert (lower.status, "The station is at least as safe already." in lower.text) == (422, True)


def test_an_open_station_is_shown_as_not_secured(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    assert "Not secured" not in bob.get(path).text
    bob.post(path, deed="profile", profile="0")
    assert "Not secured: whoever knows its address" in bob.get(path).text


def test_a_certificate_that_is_entered_and_ends_soon_is_shown_with_the_stations(
    at_work: Office, station: Station
) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/security"
    assert bob.post(path, deed="bring", certificate="x").status == 422
    soon = certificates.self_signed("Werk 1", until=clock.now() + timedelta(days=9))
    assert bob.post(path, deed="bring", certificate=written(soon)).status == 303
    assert "Ends soon" in bob.get(path).text
    assert "Certificates that end soon" not in bob.get("/stations").text
    bob.post(path, deed="profile", profile="3")
    assert "can't connect any more: Ost – Good until" in bob.get("/stations").text


def test_events_are_shown_in_plain_words_and_narrowed(at_work: Office, station: Station) -> None:
    talk = Talk(station)
    for kind in ("TamperDetectionActivated", "InvalidMessages", "DoorAjar"):
        talk.call("SecurityEventNotification", {"type": kind, "timestamp": iso(clock.now()), "techInfo": "x1"})
    text = at_work.bob.get("/security-events").text
    for words in ("The housing was opened or tampered with.", "messages it could not accept", "DoorAjar"):
        assert words in text
    critical = at_work.bob.get(f"/security-events?critical=1&station={station.id}").text
    assert "The housing was opened" in critical
    assert "DoorAjar" not in critical
    assert "The housing was opened" in at_work.bob.get(f"/stations/{station.id}/security").text
    assert "The housing was opened" not in at_work.charlie.get("/security-events").text


def test_a_stranger_sees_and_changes_nothing(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/security"
    assert at_work.charlie.get(path).status == 404
    for form in ({"deed": "profile", "profile": "0"}, {"deed": "tell", "told": "2"}):
        assert at_work.charlie.post(path, at="/me", **form).status == 404
    assert at_work.charlie.get(f"/security-events?station={station.id}").status == 404
    assert commands() == []
    assert at_work.alice.get("/platform/certificates").status == 404


def test_staff_makes_renews_and_downloads_the_platforms_certificates(app: Flask, at_work: Office) -> None:
    make_staff(SYSTEM, email=at_work.people.alice_login.email)
    staff = at_a_desk(app, at_work.people.alice_login.email)
    path = "/platform/certificates"
    assert "There are none yet" in staff.get(path).text
    for fields in ({}, {"renew": "issuing"}, {"renew": "root"}):
        assert staff.post(path, **fields).status == 303
    text = staff.get(path).text
    assert (text.count("Signs now"), text.count("Still valid")) == (2, 3)
    assert staff.get(f"{path}/station-ca.pem").raw.count(b"BEGIN CERTIFICATE") == 5
    assert staff.get(f"{path}/station-ca.crl").raw.count(b"BEGIN X509 CRL") == 5

"""A station's own certificate: which one opens a connection, and which one does no more."""

import base64
from datetime import timedelta
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.access import SYSTEM, Actor
from kit import clock
from kit.errors import Invalid, NotFound
from stations import jobs
from stations.models import InstalledCertificate, StationCertificate, StationCommand
from stations.pem import written
from stations.queries import expiring_certificates, fitting_certificate, station_certificates
from stations.use_cases import (
    bring_certificate,
    delete_installed,
    finish_command,
    mark_command_sent,
    note_installed,
    request_command,
    revoke_certificate,
    set_security_profile,
)
from stations.values import (
    Action,
    CertificateId,
    CertificateState,
    CommandId,
    CommandState,
    InstalledId,
    SecurityProfile,
    StationId,
)
from tests import certificates, make, scene
from tests.people import People

pytestmark = pytest.mark.usefixtures("database", "program")


def certificate_fits(actor: Actor, station_id: StationId, certificate: str) -> bool:
    return fitting_certificate(actor, station_id, certificate) is not None


def station_id() -> StationId:
    return StationId(scene.station().id)


def test_exactly_the_certificate_that_was_entered_opens_a_connection_in_whatever_form_the_proxy_sends_it() -> None:
    here, elsewhere = station_id(), station_id()
    mine, twin = certificates.self_signed("CH-A"), certificates.self_signed("CH-A")
    bring_certificate(SYSTEM, here, certificate=written(mine))
    forms = (
        written(mine),
        quote(written(mine), safe=""),
        base64.b64encode(mine.public_bytes(Encoding.DER)).decode(),
    )
    assert [certificate_fits(SYSTEM, here, form) for form in forms] == [True, True, True]
    assert not certificate_fits(SYSTEM, here, written(twin)), "the same name is not the same certificate"
    assert not certificate_fits(SYSTEM, elsewhere, written(mine))
    assert [certificate_fits(SYSTEM, here, nothing) for nothing in ("", "x", "%00", "-----BEGIN")] == [False] * 4


@pytest.mark.parametrize(("since", "until"), [(timedelta(1), timedelta(2)), (timedelta(-2), timedelta(seconds=-1))])
def test_a_certificate_opens_nothing_before_and_after_its_time(
    since: timedelta, until: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, now = station_id(), clock.now()
    mine = certificates.self_signed("CH-A", since=now + since, until=now + until)
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=1))
    bring_certificate(SYSTEM, here, certificate=written(mine))
    monkeypatch.setattr(clock, "now", lambda: now)
    assert not certificate_fits(SYSTEM, here, written(mine))


def test_a_revoked_certificate_opens_nothing_and_stays_in_the_list(people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    mine = certificates.self_signed("CH-A")
    row = bring_certificate(people.bob, made.id, certificate=written(mine))
    assert certificate_fits(SYSTEM, made.id, written(mine))
    revoke_certificate(people.bob, CertificateId(row.id))
    assert not certificate_fits(SYSTEM, made.id, written(mine))
    (shown,) = station_certificates(people.bob, made.id).own
    assert (shown.certificate.state, shown.certificate.ended_at is not None) == (CertificateState.REVOKED, True)


@pytest.mark.parametrize(("text", "code"), [("", "not_a_certificate"), ("no certificate", "not_a_certificate")])
def test_what_is_no_certificate_is_refused_at_its_field(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        bring_certificate(SYSTEM, station_id(), certificate=text)
    assert refused.value.fields == {"certificate": code}


def test_an_expired_certificate_and_one_that_is_known_are_refused() -> None:
    here = station_id()
    old = certificates.self_signed("CH-A", until=clock.now() - timedelta(days=1))
    with pytest.raises(Invalid) as refused:
        bring_certificate(SYSTEM, here, certificate=written(old))
    assert refused.value.fields == {"certificate": "certificate_expired"}
    mine = written(certificates.self_signed("CH-A"))
    bring_certificate(SYSTEM, here, certificate=mine)
    with pytest.raises(Invalid) as refused:
        bring_certificate(SYSTEM, here, certificate=mine)
    assert refused.value.fields == {"certificate": "taken"}


def test_a_station_whose_last_certificate_ends_within_30_days_is_asked_to_renew_it_once_a_day(people: People) -> None:
    now, stations = clock.now(), {}
    for name, days, profile in (
        ("soon", 29, SecurityProfile.CERTIFICATE_TLS),
        ("later", 31, SecurityProfile.CERTIFICATE_TLS),
        ("with a password", 29, SecurityProfile.PASSWORD_TLS),
        ("renewed", 29, SecurityProfile.CERTIFICATE_TLS),
    ):
        made = make.station(property=people.home, owner=people.alice, name=name)
        set_security_profile(people.bob, made.id, profile=profile)
        for until in (days, 300)[: 2 if name == "renewed" else 1]:
            mine = certificates.self_signed(name, until=now + timedelta(days=until))
            bring_certificate(people.bob, made.id, certificate=written(mine))
        stations[name] = made
    assert [row.station_name for row in expiring_certificates(people.bob)] == ["soon"]
    assert [row.station_name for row in expiring_certificates(people.alice, people.master.id)] == ["soon"]
    assert expiring_certificates(people.charlie) == []
    for _ in range(2):
        next(job for job in jobs.JOBS if job.name == "stations.renew_certificates").run()
    (command,) = scene.rows(StationCommand)
    assert (command.station_id, command.action) == (stations["soon"].id, Action.EXTENDED_TRIGGER_MESSAGE)
    assert command.payload == {"requestedMessage": "SignChargePointCertificate"}
    assert command.expires_at - command.requested_at == timedelta(days=1)


def test_a_stranger_can_neither_revoke_nor_have_anything_removed(people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    own = bring_certificate(people.bob, made.id, certificate=written(certificates.self_signed("mine")))
    facts = {"certificateType": "ManufacturerRootCertificate", "certificate": written(certificates.self_signed("root"))}
    command = CommandId(request_command(people.bob, made.id, Action.INSTALL_CERTIFICATE, facts).id)
    mark_command_sent(SYSTEM, command)
    finish_command(SYSTEM, command, CommandState.ACCEPTED, answer={"status": "Accepted"})
    note_installed(SYSTEM, command)
    (root,) = scene.rows(InstalledCertificate)
    for deed in (
        lambda: revoke_certificate(people.charlie, CertificateId(own.id)),
        lambda: delete_installed(people.charlie, InstalledId(root.id)),
        lambda: set_security_profile(people.charlie, made.id, profile=SecurityProfile.OPEN),
    ):
        with pytest.raises(NotFound):
            deed()
    assert scene.row(StationCertificate, own.id).state is CertificateState.IN_FORCE
    assert len(scene.rows(StationCommand)) == 1

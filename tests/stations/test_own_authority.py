"""The platform's own certificates: made when they are needed, renewed, written out for the proxy."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

import wsgi
from accounts.access import SYSTEM, Actor, ActorKind
from kit import clock, db, settings
from kit.errors import Forbidden, NotFound
from kit.ids import new_id
from stations import proxy_files
from stations.models import AuthorityCertificate
from stations.pem import certificate_in, written
from stations.queries import authorities, own_root
from stations.use_cases import create_authority, renew_authority
from stations.use_cases.authority import issuer_of, issuing_row
from stations.values import AuthorityKind
from tests.people import People
from tests.serving import settled

STAFF = Actor(ActorKind.USER, new_id(), staff=True)


def numbers() -> list[tuple[str, int]]:
    return [(row.kind.value, row.number) for row in authorities(SYSTEM)]


@pytest.mark.usefixtures("database", "program")
def test_the_first_use_makes_a_root_and_an_issuing_certificate_and_the_next_uses_none() -> None:
    assert own_root(SYSTEM) is None
    for _ in range(2):
        create_authority(STAFF)
    assert numbers() == [("root", 1), ("issuing", 1)]


@pytest.mark.usefixtures("database", "program")
def test_keys_are_encrypted_at_rest() -> None:
    row = create_authority(SYSTEM)
    assert "PRIVATE KEY" in row.private_key["pem"]
    with db.transaction(writing=False) as unit:
        stored = unit.session.connection().exec_driver_sql("SELECT private_key FROM authority_certificates").scalars()
        assert ["PRIVATE" in text or "BEGIN" in text for text in stored] == [False, False]


@pytest.mark.usefixtures("database", "program")
def test_a_renewed_certificate_signs_from_then_on_and_the_old_ones_stay() -> None:
    create_authority(SYSTEM)
    renew_authority(STAFF)
    assert numbers() == [("root", 1), ("issuing", 2), ("issuing", 1)]
    renew_authority(STAFF, root=True)
    assert numbers() == [("root", 2), ("root", 1), ("issuing", 3), ("issuing", 2), ("issuing", 1)]
    newest = next(row for row in authorities(SYSTEM) if row.kind is AuthorityKind.ISSUING)
    root, issuing = certificate_in(own_root(SYSTEM) or ""), certificate_in(newest.certificate)
    assert root is not None
    assert issuing is not None
    issuing.verify_directly_issued_by(root)


@pytest.mark.usefixtures("database", "program")
def test_an_issuing_certificate_near_its_end_is_renewed_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    row = create_authority(SYSTEM)
    last = row.not_after - timedelta(days=settings.current().station_certificate_days + 30)
    monkeypatch.setattr(clock, "now", lambda: last)
    assert create_authority(SYSTEM).number == 1
    monkeypatch.setattr(clock, "now", lambda: last + timedelta(seconds=1))
    assert create_authority(SYSTEM).number == 2


def test_only_staff_may_touch_them(people: People) -> None:
    for actor in (people.alice, people.bob):
        for deed in (create_authority, renew_authority, authorities):
            with pytest.raises((NotFound, Forbidden)):
                deed(actor)
    with db.transaction(writing=False) as unit:
        assert unit.session.query(AuthorityCertificate).count() == 0


@pytest.mark.usefixtures("database", "program")
def test_the_proxys_files_appear_with_the_authority_and_change_with_it(tmp_path: Path) -> None:
    assert proxy_files.write(tmp_path / "new") == []
    create_authority(SYSTEM)
    assert [path.name for path in proxy_files.write(tmp_path / "new")] == ["station-ca.pem", "station-ca.crl"]
    before = x509.load_pem_x509_certificates((tmp_path / "new" / "station-ca.pem").read_bytes())
    renew_authority(SYSTEM)
    assert "station-ca.pem" in [path.name for path in proxy_files.write(tmp_path / "new")]
    after = x509.load_pem_x509_certificates((tmp_path / "new" / "station-ca.pem").read_bytes())
    assert (len(before), len(after), set(before) < set(after)) == (2, 3, True)
    assert (tmp_path / "new" / "station-ca.crl").read_text().count("BEGIN X509 CRL") == 3


def test_the_command_line_makes_renews_and_shows_them(tmp_path: Path) -> None:
    environ = {"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "CA_KEY": "rsa"}
    settled(tmp_path / "var")
    db.disconnect()
    said = []
    for words in (["create"], ["renew"], ["write", str(tmp_path / "other")], ["show"]):
        outcome = CliRunner(env=environ).invoke(wsgi.cli, ["certificates", *words])
        db.disconnect()
        assert outcome.exit_code == 0, outcome.output
        said.append(outcome.output)
    assert said[0].count("Written: ") == 2
    assert f"Written: {tmp_path}/other/station-ca.crl" in said[2]
    assert [line.split(":")[0] for line in said[3].splitlines() if "good until" in line] == [
        "root 1",
        "issuing 2",
        "issuing 1",
    ]
    text = subprocess.run(
        ["openssl", "crl", "-in", "var/certificates/station-ca.crl", "-noout", "-text"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert "sha256WithRSAEncryption" in text


@pytest.mark.usefixtures("database", "program")
def test_the_issuer_that_signs_can_be_read_back() -> None:
    with db.transaction(writing=True):
        row = issuing_row()
        issuer = issuer_of(row)
    assert written(issuer.certificate) == row.certificate
    assert issuer.key.public_key() == issuer.certificate.public_key()

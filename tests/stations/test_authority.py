"""Our certificate authority as sums: what it signs, what it declines, how it reads what chargers send."""

import base64
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID
from hypothesis import given
from hypothesis import strategies as st

from kit import clock
from kit.settings import KeyKind
from stations import authority, pem
from stations.authority import Issuer, make_issuing, make_root, problem_of, sign_request
from stations.values import CertificateProblem, HashAlgorithm
from tests import certificates


def made(kind: KeyKind = "ec") -> tuple[Issuer, Issuer]:
    now = clock.now().replace(microsecond=0)
    root = make_root("Strom AG", kind, now)
    return root, make_issuing(root, "Strom AG", kind, now)


@pytest.mark.parametrize(
    ("kind", "signature"),
    [("ec", SignatureAlgorithmOID.ECDSA_WITH_SHA256), ("rsa", SignatureAlgorithmOID.RSA_WITH_SHA256)],
)
@pytest.mark.parametrize("key", [certificates.ec_key, certificates.rsa_key])
def test_a_chain_holds_for_openssl_and_is_signed_with_plain_sha256(
    tmp_path: Path, kind: KeyKind, signature: Any, key: Any
) -> None:
    now = clock.now().replace(microsecond=0)
    root, issuing = made(kind)
    leaf = sign_request(issuing, certificates.request("CH-A", "Strom AG", key()), now, 365)
    assert {one.signature_algorithm_oid for one in (root.certificate, issuing.certificate, leaf)} == {signature}
    for file, certificate in (("root", root.certificate), ("issuing", issuing.certificate), ("leaf", leaf)):
        (tmp_path / file).write_text(pem.written(certificate))
    verify = ["openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "root", "-untrusted", "issuing"]
    assert subprocess.run([*verify, "leaf"], cwd=tmp_path, capture_output=True, text=True).stdout == "leaf: OK\n"


def test_a_station_gets_its_name_its_key_and_nothing_but_the_right_to_be_a_client() -> None:
    now = clock.now().replace(microsecond=0)
    _, issuing = made()
    key = certificates.ec_key()
    leaf = sign_request(issuing, certificates.request("SN 4711", "Strom AG", key), now, 90)
    assert [(part.oid, part.value) for part in leaf.subject] == [
        (NameOID.ORGANIZATION_NAME, "Strom AG"),
        (NameOID.COMMON_NAME, "SN 4711"),
    ]
    assert leaf.public_key() == key.public_key()
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (now - timedelta(days=1), now + timedelta(days=90))


def test_no_certificate_outlives_the_one_that_signed_it() -> None:
    now = clock.now().replace(microsecond=0)
    root, issuing = made()
    late = issuing.certificate.not_valid_after_utc - timedelta(days=10)
    leaf = sign_request(issuing, certificates.request("A"), late, 365)
    assert leaf.not_valid_after_utc == issuing.certificate.not_valid_after_utc
    last = root.certificate.not_valid_after_utc - timedelta(days=100)
    assert make_issuing(root, "x", "ec", last).certificate.not_valid_after_utc == root.certificate.not_valid_after_utc
    assert issuing.certificate.not_valid_after_utc == now + authority.ISSUING_VALID


@pytest.mark.parametrize(
    ("common", "owner", "told", "problem"),
    [
        ("CH-A", None, None, None),
        ("ch-a", None, "Strom AG", None),  # it names no owner: nothing to compare
        ("SN4711", "Strom AG", "Strom AG", None),
        ("SN4711", "strom ag", "Strom AG", None),
        ("SN4711", "Somebody", None, None),  # not known what the station was told
        ("SN4711", "Somebody", "Strom AG", CertificateProblem.OTHER_ORGANISATION),
        ("CH-B", "Strom AG", "Strom AG", CertificateProblem.OTHER_NAME),
    ],
)
def test_a_request_is_for_the_station_itself_and_for_its_operator(
    common: str, owner: str | None, told: str | None, problem: CertificateProblem | None
) -> None:
    request = certificates.request(common, owner)
    assert problem_of(request, names=("CH-A", "SN4711"), organisation=told) is problem


def test_a_station_without_a_serial_number_may_not_ask_for_an_empty_name() -> None:
    unnamed = (
        x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(certificates.ec_key(), hashes.SHA256())
    )
    assert problem_of(unnamed, names=("CH-A", ""), organisation=None) is CertificateProblem.OTHER_NAME


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (lambda: certificates.rsa_key(1024), CertificateProblem.WEAK_KEY),
        (lambda: ec.generate_private_key(ec.SECP224R1()), CertificateProblem.WEAK_KEY),
        (ed25519.Ed25519PrivateKey.generate, CertificateProblem.WEAK_KEY),
        (certificates.rsa_key, None),
        (lambda: ec.generate_private_key(ec.SECP384R1()), None),
        (lambda: ec.generate_private_key(ec.SECP521R1()), None),
    ],
)
def test_weak_and_unknown_keys_are_declined(key: Any, problem: CertificateProblem | None) -> None:
    assert problem_of(certificates.request("A", key=key()), names=["A"], organisation=None) is problem


def test_whoever_does_not_prove_to_own_the_key_gets_nothing() -> None:
    der = bytearray(certificates.request("A").public_bytes(Encoding.DER))
    der[-1] ^= 1
    broken = x509.load_der_x509_csr(bytes(der))
    assert problem_of(broken, names=["A"], organisation=None) is CertificateProblem.NOT_PROVEN


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def bare(text: str) -> str:
    return "".join(line for line in text.splitlines() if not line.startswith("-"))


@pytest.mark.parametrize(
    "mangled",
    [
        str,
        str.strip,
        crlf,
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "\\n"),
        lambda text: crlf(text).replace("\r", "\\r").replace("\n", "\\n"),
        lambda text: quote(text, safe=""),
        lambda text: quote(text),
        bare,
        lambda text: bare(text).replace("+", "-").replace("/", "_"),
        lambda text: "\n\n  " + text + "\n\n",
        lambda text: text.replace("NEW CERTIFICATE", "CERTIFICATE"),
    ],
)
def test_a_request_is_read_however_its_lines_end(mangled: Any) -> None:
    request = certificates.request("CH-A", key=certificates.rsa_key())
    found = pem.request_in(mangled(pem.written(request)))
    assert found is not None
    assert pem.written(found) == pem.written(request)


@pytest.mark.parametrize("key", [certificates.ec_key, certificates.rsa_key])
def test_a_certificate_is_read_as_each_proxy_hands_it_over(key: Any) -> None:
    certificate = certificates.self_signed("A", key())
    haproxy = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    nginx = quote(pem.written(certificate), safe="")
    for text in (haproxy, nginx):
        found = pem.certificate_in(text)
        assert found is not None
        assert pem.fingerprint(found) == pem.fingerprint(certificate)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
def test_no_text_at_all_is_more_than_unreadable(text: str) -> None:
    assert pem.request_in(text) is None
    assert pem.certificate_in(text) is None


def test_a_certificate_is_no_request_and_a_request_no_certificate() -> None:
    assert pem.request_in(pem.written(certificates.self_signed("A"))) is None
    assert pem.certificate_in(certificates.request_pem("A")) is None


@pytest.mark.parametrize("algorithm", list(HashAlgorithm))
@pytest.mark.parametrize("key", [certificates.ec_key, certificates.rsa_key])
def test_a_root_has_the_name_that_stations_give_it(algorithm: HashAlgorithm, key: Any) -> None:
    root = certificates.self_signed("Root", key())
    digest = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}[algorithm.value]
    # OCSP names a certificate in the same way
    asked = ocsp.OCSPRequestBuilder().add_certificate(root, root, digest).build()
    found = authority.hash_data(root, algorithm)
    assert found.issuer_name_hash == asked.issuer_name_hash.hex()
    assert found.issuer_key_hash == asked.issuer_key_hash.hex()
    assert found.serial_number == hex(root.serial_number)[2:]


def test_what_was_taken_back_is_on_the_list(tmp_path: Path) -> None:
    now = clock.now().replace(microsecond=0)
    root, issuing = made()
    good, bad = (sign_request(issuing, certificates.request(one), now, 90) for one in ("good", "bad"))
    lists = [
        authority.revocation_list(issuing, [(pem.serial_number(bad), now)], now),
        authority.revocation_list(root, [], now),
    ]
    files = {"ca": pem.written(root.certificate, issuing.certificate), "crl": pem.written(*lists)}
    for file, text in (files | {"good": pem.written(good), "bad": pem.written(bad)}).items():
        (tmp_path / file).write_text(text)
    verify = ["openssl", "verify", "-crl_check_all", "-CAfile", "ca", "-CRLfile", "crl"]
    outcomes = [
        subprocess.run([*verify, file], cwd=tmp_path, capture_output=True, text=True) for file in ("good", "bad")
    ]
    assert [outcome.returncode for outcome in outcomes] == [0, 2]
    assert "certificate revoked" in outcomes[1].stderr


def test_a_chain_that_is_too_long_is_sent_without_the_issuing_certificate() -> None:
    _, issuing = made()
    leaf = sign_request(issuing, certificates.request("A"), clock.now(), 90)
    both, alone = pem.written(leaf, issuing.certificate), pem.written(leaf)
    assert authority.chain(leaf, issuing.certificate, len(both)) == both
    assert authority.chain(leaf, issuing.certificate, len(both) - 1) == alone


def test_the_longest_chain_of_rsa_keys_fits_into_the_message() -> None:
    now = clock.now()
    root = make_root("N" * 80, "rsa", now)
    issuing = make_issuing(root, "N" * 80, "rsa", now)
    leaf = sign_request(issuing, certificates.request("C" * 64, "O" * 64, certificates.rsa_key(4096)), now, 365)
    key = issuing.key.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(leaf.signature, leaf.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256())
    assert len(pem.written(leaf, issuing.certificate)) < 10_000

"""Keys, signing requests and foreign certificates for tests, as chargers and strangers bring them."""

import base64
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kit import clock
from stations.pem import written


def ec_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """An RSA key; made once, since that takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def name(common: str, organisation: str | None = None) -> x509.Name:
    """A name with one or two parts."""
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organisation is not None:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


def request(common: str, organisation: str | None = None, key: Any = None) -> x509.CertificateSigningRequest:
    """A signing request as a charger makes it."""
    key = key or ec_key()
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return x509.CertificateSigningRequestBuilder().subject_name(name(common, organisation)).sign(key, digest)


def request_pem(common: str, organisation: str | None = None, key: Any = None) -> str:
    """The same as text."""
    return written(request(common, organisation, key))


def self_signed(
    common: str, key: Any = None, *, since: datetime | None = None, until: datetime | None = None
) -> x509.Certificate:
    """A certificate that nobody but itself stands for."""
    key, now = key or ec_key(), clock.now()
    return (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since or now - timedelta(days=2))
        .not_valid_after(until or now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def key_pem(key: Any) -> str:
    """A key as text, for a TLS client or a proxy."""
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def base64_der(certificate: x509.Certificate) -> str:
    """A certificate as HAProxy writes it into a header."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()

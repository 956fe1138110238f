"""Our own certificate authority, as far as it is sums: no table, no clock. Every instant is an argument, in UTC.

A root signs issuing certificates, an issuing certificate signs the stations' own. Signatures are plain SHA-256 with RSA
(PKCS #1 v1.5) or ECDSA: what the security white paper of OCPP 1.6 asks for, and what every charger can check.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kit.settings import KeyKind
from stations.pem import certificate_in, written
from stations.values import CertificateProblem, HashAlgorithm

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

ROOT_VALID = timedelta(days=20 * 365)
ISSUING_VALID = timedelta(days=5 * 365)
CRL_VALID = timedelta(days=30)
BACKDATED = timedelta(days=1)  # chargers' clocks run late
RSA_BITS, LEAST_RSA_BITS = 3072, 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_HASHES: dict[HashAlgorithm, type[hashes.HashAlgorithm]] = {
    HashAlgorithm.SHA256: hashes.SHA256,
    HashAlgorithm.SHA384: hashes.SHA384,
    HashAlgorithm.SHA512: hashes.SHA512,
}


@dataclass(frozen=True)
class Issuer:
    """A certificate that may sign, and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def of(cls, certificate: str, key: str) -> "Issuer":
        """From what is stored."""
        found = certificate_in(certificate)
        loaded = load_pem_private_key(key.encode(), None)
        assert found is not None, "a stored certificate can be read"
        assert isinstance(loaded, PrivateKey), "we make keys of these kinds only"
        return cls(found, loaded)

    @property
    def key_pem(self) -> str:
        """The key as text; never stored but encrypted."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


@dataclass(frozen=True)
class HashData:
    """How OCPP names an installed certificate (CertificateHashDataType); texts as the station writes them."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


def make_root(name: str, kind: KeyKind, now: datetime) -> Issuer:
    """A new root; `name` is whom people see as its owner."""
    key = _new_key(kind)
    subject = _name(f"{name[:40]} Charging Root {now:%Y-%m}", name)
    return Issuer(_signed(_builder(subject, key, now, ROOT_VALID), subject, key, path_length=1), key)


def make_issuing(root: Issuer, name: str, kind: KeyKind, now: datetime) -> Issuer:
    """A new issuing certificate below a root; it never outlives it."""
    key = _new_key(kind)
    subject = _name(f"{name[:40]} Charging Stations {now:%Y-%m}", name)
    valid = min(ISSUING_VALID, root.certificate.not_valid_after_utc - now)
    issuer = root.certificate.subject
    return Issuer(_signed(_builder(subject, key, now, valid), issuer, root.key, path_length=0), key)


def sign_request(issuer: Issuer, request: x509.CertificateSigningRequest, now: datetime, days: int) -> x509.Certificate:
    """The certificate of a station, for the name and the key of its request, which was judged before."""
    kept = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    subject = x509.Name([part for part in request.subject if part.oid in kept])
    until = min(now + timedelta(days=days), issuer.certificate.not_valid_after_utc)
    key = request.public_key()
    usage = _usage(digital_signature=True, key_encipherment=isinstance(key, rsa.RSAPublicKey))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_authority_key(issuer.key), critical=False)
    )
    return builder.sign(issuer.key, hashes.SHA256())


def problem_of(
    request: x509.CertificateSigningRequest, *, names: Collection[str], organisation: str | None
) -> CertificateProblem | None:
    """What is wrong with a station's request: its key, its proof of owning the key, or the name in it.

    `names`: the identity and the serial number of the station. `organisation`: the operator's name as the station was
    told it; where that is not known, or the request names none, it is not compared.
    """
    try:
        key, proven = request.public_key(), request.is_signature_valid
        common = [str(part.value) for part in request.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        owners = [str(part.value) for part in request.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return CertificateProblem.UNREADABLE
    if not _strong(key):
        return CertificateProblem.WEAK_KEY
    if not proven:
        return CertificateProblem.NOT_PROVEN
    # a common name holds 64 signs, serial numbers may be longer
    if {name.strip().casefold() for name in common}.isdisjoint(name[:64].strip().casefold() for name in names if name):
        return CertificateProblem.OTHER_NAME
    if organisation and owners and organisation.strip().casefold() not in {one.strip().casefold() for one in owners}:
        return CertificateProblem.OTHER_ORGANISATION
    return None


def revocation_list(
    issuer: Issuer, revoked: Sequence[tuple[str, datetime]], now: datetime
) -> x509.CertificateRevocationList:
    """What an issuer signed and takes back: serial numbers in hex, with the instant."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - BACKDATED)
        .next_update(now + CRL_VALID)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(_authority_key(issuer.key), critical=False)
    )
    for serial, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(at).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256())


def hash_data(certificate: x509.Certificate, algorithm: HashAlgorithm) -> HashData:
    """How a station names a root certificate: by the hashes of its issuer's name and key, which are its own."""

    def digest(content: bytes) -> str:
        made = hashes.Hash(_HASHES[algorithm]())
        made.update(content)
        return made.finalize().hex()

    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        raise ValueError("a root has an RSA or an EC key")
    name = digest(certificate.issuer.public_bytes())
    return HashData(algorithm.value, name, digest(bits), f"{certificate.serial_number:x}")


def chain(leaf: x509.Certificate, issuer: x509.Certificate, longest: int) -> str:
    """What goes to the station: its certificate and the issuing one; the leaf alone where both are too long."""
    both = written(leaf, issuer)
    return both if len(both) <= longest else written(leaf)


def words_of(name: x509.Name) -> str:
    """A name as people read it: the common name, else all of it."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _strong(key: object) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= LEAST_RSA_BITS
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)


def _new_key(kind: KeyKind) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def _name(common: str, organisation: str) -> x509.Name:
    parts = ((NameOID.ORGANIZATION_NAME, organisation[:64]), (NameOID.COMMON_NAME, common[:64]))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _builder(subject: x509.Name, key: PrivateKey, now: datetime, valid: timedelta) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed(
    builder: x509.CertificateBuilder, issuer: x509.Name, key: PrivateKey, *, path_length: int
) -> x509.Certificate:
    return (
        builder.issuer_name(issuer)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(_authority_key(key), critical=False)
        .sign(key, hashes.SHA256())
    )


def _authority_key(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )

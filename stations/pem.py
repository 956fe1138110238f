"""Certificates and signing requests as text: read in whatever shape a charger, a proxy or a person hands them over,
written plainly (PEM, lines end with LF).
"""

import base64
import binascii
import re
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

_ARMOUR = re.compile(r"-----[A-Z0-9 ]*-----")
_URL_SIGNS = str.maketrans("-_", "+/")
LONGEST = 20_000  # signs; longer than any message of OCPP may carry


def certificate_in(text: str) -> x509.Certificate | None:
    """The first certificate of a text (PEM, or DER in base64, percent-encoded or not); None where there is none."""
    der = _der(text)
    try:
        return None if der is None else x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def request_in(text: str) -> x509.CertificateSigningRequest | None:
    """The signing request of a text; None where there is none."""
    der = _der(text)
    try:
        return None if der is None else x509.load_der_x509_csr(der)
    except ValueError:
        return None


def written(*things: x509.Certificate | x509.CertificateSigningRequest | x509.CertificateRevocationList) -> str:
    """One after the other as PEM."""
    return "".join(thing.public_bytes(Encoding.PEM).decode("ascii") for thing in things)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the whole certificate, in hex: no two certificates share it."""
    return certificate.fingerprint(SHA256()).hex()


def serial_number(certificate: x509.Certificate) -> str:
    """The number its issuer gave it, in hex without zeros in front."""
    return f"{certificate.serial_number:x}"


def _der(text: str) -> bytes | None:
    """The bytes of the first thing in the text: line ends may be missing, doubled, or written out as \\n."""
    if len(text) > LONGEST:
        return None
    if "%" in text:
        text = unquote(text)
    for written_out in ("\\r", "\\n"):
        text = text.replace(written_out, "\n")
    bodies = [body for part in _ARMOUR.split(text) if (body := "".join(part.split()))]
    if not bodies:
        return None
    try:
        return base64.b64decode(bodies[0].translate(_URL_SIGNS), validate=True)
    except (binascii.Error, ValueError):
        return None

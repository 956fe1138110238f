"""Passwords of chargers: 16 random bytes, so that a fast keyed hash is enough when a thousand reconnect at once."""

import hashlib
import hmac
import re

from kit import settings

PASSWORD_BYTES = 16  # at random, for those that we make
SHORTEST_PASSWORD, LONGEST_PASSWORD = 16, 40  # characters of those that people choose, as OCPP has it
_HEX = re.compile(rb"[0-9a-fA-F]+")
_PERSON = b"station-password"


def hash_password(raw: bytes) -> str:
    """The keyed hash of the bytes that a charger sends as its password; hex has one, in whatever case it is written."""
    return _hash(raw.upper() if _HEX.fullmatch(raw) else raw)


def password_matches(raw: bytes, stored: str) -> str | None:
    """How these bytes are the password: as its "text" (hex in either case), as the "bytes" that its hex text stands
    for, or not at all.

    Hashes of old are of hex as somebody typed it: it is read in upper case, in lower case, and as it came.
    """
    if any(_same(reading, stored) for reading in (raw, *_cases(raw))):
        return "text"
    return "bytes" if any(_same(reading, stored) for reading in _cases(raw.hex().encode())) else None


def _cases(text: bytes) -> tuple[bytes, ...]:
    return (text.upper(), text.lower()) if _HEX.fullmatch(text) else ()


def _same(reading: bytes, stored: str) -> bool:
    return hmac.compare_digest(_hash(reading), stored)


def _hash(raw: bytes) -> str:
    key = hashlib.blake2b(settings.current().secret_key.encode(), digest_size=64).digest()
    return hashlib.blake2b(raw, key=key, person=_PERSON, digest_size=32).hexdigest()

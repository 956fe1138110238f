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
    """The keyed hash of the bytes that a charger sends as its password."""
    key = hashlib.blake2b(settings.current().secret_key.encode(), digest_size=64).digest()
    return hashlib.blake2b(raw, key=key, person=_PERSON, digest_size=32).hexdigest()


def password_matches(raw: bytes, stored: str) -> str | None:
    """How these bytes are the password: as its "text" (hex in either case), as the "bytes" that its hex text stands
    for, or not at all.
    """
    if _same(raw, stored) or (_HEX.fullmatch(raw) and _same(raw.upper(), stored)):
        return "text"
    as_hex = raw.hex().encode()
    return "bytes" if _same(as_hex.upper(), stored) or _same(as_hex, stored) else None


def _same(reading: bytes, stored: str) -> bool:
    return hmac.compare_digest(hash_password(reading), stored)

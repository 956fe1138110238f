"""Passwords of chargers: 16 random bytes, so that a fast keyed hash is enough when a thousand reconnect at once."""

import hashlib
import hmac

from kit import settings

_PERSON = b"station-password"


def hash_password(raw: bytes) -> str:
    """The keyed hash of the bytes that a charger sends as its password."""
    key = hashlib.blake2b(settings.current().secret_key.encode(), digest_size=64).digest()
    return hashlib.blake2b(raw, key=key, person=_PERSON, digest_size=32).hexdigest()


def password_matches(raw: bytes, stored: str) -> bool:
    """Whether these bytes are the password: as typed, or as the bytes that its hex text stands for."""
    readings = (raw, raw.hex().upper().encode(), raw.hex().encode())
    return any(hmac.compare_digest(hash_password(reading), stored) for reading in readings)

"""Identifiers: time-ordered UUIDs for rows, random text for secrets and links."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7: unique, and roughly sorted by creation."""
    return uuid7()


def secret_text(bytes_: int = 24) -> str:
    """Unguessable URL-safe text for links, tokens and passwords."""
    return secrets.token_urlsafe(bytes_)


def secret_hex(bytes_: int) -> str:
    """Unguessable upper-case hex: what every charger accepts as a tag or a password."""
    return secrets.token_hex(bytes_).upper()

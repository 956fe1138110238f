"""Signed texts that nobody can make without the key: expiring ones for links in mails, short ones for chargers."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from kit import clock, settings
from kit.errors import Conflict


class LinkExpired(Conflict):
    """The link was right once; its time is over."""

    code = "link_expired"


class LinkBroken(Conflict):
    """The link was never made by us, or was cut when it was copied."""

    code = "link_broken"


class _Signer(TimestampSigner):
    """Reads our clock, which stories can move."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret_key, salt=f"link:{purpose}", signer=_Signer)


def sign(purpose: str, payload: dict[str, str]) -> str:
    """A URL-safe text that carries `payload` (readable, not changeable) for one purpose."""
    return str(_serializer(purpose).dumps(payload))


def read(purpose: str, text: str, *, valid_for: timedelta) -> dict[str, str]:
    """The payload of a signed text; raises LinkExpired after `valid_for`, LinkBroken when it is not ours."""
    try:
        payload: Any = _serializer(purpose).loads(text, max_age=int(valid_for.total_seconds()))
    except SignatureExpired as error:
        raise LinkExpired() from error
    except BadSignature as error:
        raise LinkBroken() from error
    return {str(key): str(value) for key, value in payload.items()}


SEAL_LENGTH = 43
_SEAL_BYTES = 16


def seal(purpose: str, row_id: UUID) -> str:
    """A URL-safe text of 43 characters that stands for a row; how long it is good is up to the row.

    Short, because some chargers keep addresses in small fields.
    """
    packed = row_id.bytes + _seal(purpose, row_id.bytes)
    return urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def unseal(purpose: str, text: str) -> UUID:
    """The row that a sealed text stands for; raises LinkBroken when it is not ours."""
    try:
        packed = urlsafe_b64decode(text.encode("ascii") + b"=") if len(text) == SEAL_LENGTH else b""
    except ValueError as error:
        raise LinkBroken() from error
    row_id, given = packed[:16], packed[16:]
    if len(packed) != 16 + _SEAL_BYTES or not hmac.compare_digest(given, _seal(purpose, row_id)):
        raise LinkBroken()
    return UUID(bytes=row_id)


def _seal(purpose: str, row: bytes) -> bytes:
    key = settings.current().secret_key.encode()
    return hmac.digest(key, f"seal:{purpose}:".encode() + row, hashlib.sha256)[:_SEAL_BYTES]

"""Signed, expiring texts for links in mails: nothing is stored, nobody can make one without the key."""

from datetime import timedelta
from typing import Any

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

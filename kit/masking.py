"""Secrets never reach a page, a log or an audit line."""

import re
from typing import Any

import orjson

SECRET_WORDS = ("password", "secret", "token", "cookie", "link_key", "api_key", "card_number", "iban")
_LAST_WORDS = ("authorization", "authorizationkey")  # a header and a setting; a `localAuthorizationList` is none
MASK = "***"

# Names that chargers give to secrets: narrower words than for our own names, since `AuthorizationCacheEnabled`,
# `PublicKey` and `PingInterval` are none. Some say it anywhere in a name, others only at its end.
_KEYS = (
    r"(?:auth|authorization|security|hotspot|wifi|wlan|wpa[23]?|wep|ssid|api|private|access|shared|secret|encryption"
    r"|network|master|admin|sim)[_.-]?key(?!name|length|size|type|enabled|count|version)"
)
_ANYWHERE = rf"(?:passw|passphrase|passcode|secret|token|credential|{_KEYS})"
_AT_END = (
    r"(?:(?<!by)(?<!com)pass|pwd|psk|pin_?code"
    r"|(?:sim|unlock|user|admin|device|security|card|access|apn|modem|bluetooth)[_.-]?pin)\d{0,2}"
)
_SECRET_SETTING = re.compile(rf"{_ANYWHERE}|{_AT_END}$|^pin$|^authorization$", re.I)
# What can't be parsed is searched by sight. Every repetition has a bound, so that no text makes the search slow.
_NAME = rf"(?:{_ANYWHERE}[\w.-]{{0,40}}|{_AT_END})"
_QUOTE = r"""\\{0,8}["']"""
_IS = rf"{_QUOTE}\s{{0,9}}:\s{{0,9}}{_QUOTE}"
_KEY = rf"{_QUOTE}(?:key|name){_IS}[\w.-]{{0,40}}{_NAME}{_QUOTE}"
_VALUE = rf"{_QUOTE}value{_IS}"
_SAID = re.compile(
    rf"""({_NAME}\\{{0,8}}["']?\s{{0,9}}[:=]\s{{0,9}})({_QUOTE})?((?(2)[^"'\\]+|[^\s"',;&}}\]]+))""", re.I
)
_SETTING = re.compile(rf"""({_KEY}[^{{}}]{{0,200}}?{_VALUE})([^"'\\]*)()""", re.I)
_VALUE_FIRST = re.compile(rf"""({_VALUE})([^"'\\]*)({_QUOTE}[^{{}}]{{0,200}}?{_KEY})""", re.I)
_HEADER = re.compile(r"(authorization\W{1,9}(?:basic|bearer)\s{1,9})[\w.~+/=-]+", re.I)
_PRIVATE_KEY = re.compile(r"""(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----)[^"']*?(?=-----END|["']|\Z)""")
# A password may hold an @, and a user be called by a mail address: up to the last @. What is no port is a password.
_LOGIN = re.compile(r"""(://[^/\s:"'\[]{0,80}:)(?!\d{1,5}(?:[/?#]|\Z))(?:(?!://)[^\s"'\\]){1,400}(@)""")
_SIGNED = re.compile(r"""([?&](?:x-amz-|x-goog-)?sig(?:nature)?=)[^&\s"'\\]+""", re.I)
_SEALED = re.compile(r"(/files/(?:up|down)/)[\w-]{43}")  # an address that opens by itself


def is_secret(name: str) -> bool:
    """Whether a value under this name must not be written anywhere."""
    lowered = name.lower()
    named = lowered.endswith(_LAST_WORDS) or any(word in lowered for word in SECRET_WORDS) or is_secret_setting(name)
    return named and not lowered.endswith("_id")


def is_secret_setting(key: str) -> bool:
    """Whether the value of this setting of a charger must not be written anywhere."""
    return _SECRET_SETTING.search(key.strip()) is not None


def mask(value: Any) -> Any:
    """The same structure with every secret replaced: by its name, in a setting's `key` and `value`, in texts."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {key: MASK if item and _hides(key, value) else mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def mask_text(text: str) -> str:
    """The same text with every secret replaced: JSON by its structure, anything else by sight."""
    if text.lstrip().startswith(("{", "[")):
        try:
            value = orjson.loads(text)
            masked = mask(value)
            return text if masked == value else orjson.dumps(masked).decode()
        except (ValueError, TypeError, RecursionError):  # no JSON, or nested too deep for any sense
            pass
    return _by_sight(text)


def _hides(name: Any, entry: dict[Any, Any]) -> bool:
    """Whether what an entry has under this name is a secret: for its own name, or the value of a secret setting."""
    if is_secret(str(name)):
        return True
    if str(name).lower() != "value":
        return False
    named = (str(item) for key, item in entry.items() if str(key).lower() in ("key", "name"))
    return any(is_secret_setting(setting) for setting in named)


def _by_sight(text: str) -> str:
    if ":" not in text and "=" not in text and "-----BEGIN" not in text:
        return text
    for setting in (_SETTING, _VALUE_FIRST):
        text = setting.sub(rf"\1{MASK}\3", text)
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _SAID.sub(lambda found: found[1] + (found[2] or "") + MASK, text)
    text = _PRIVATE_KEY.sub(rf"\1{MASK}", text)
    if "://" in text:
        text = _SEALED.sub(rf"\1{MASK}", _SIGNED.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1{MASK}\2", text)))
    return text

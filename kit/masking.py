"""Secrets never reach a log or an audit line."""

import re
from typing import Any

import orjson

SECRET_WORDS = ("password", "secret", "token", "cookie", "link_key", "api_key", "card_number")
_LAST_WORDS = ("authorization", "authorizationkey")  # a header and a setting; a `localAuthorizationList` is none
MASK = "***"

# Names of chargers' settings: `AuthorizationCacheEnabled` is none, so the words are narrower than for our own names.
_SECRET_SETTING = re.compile(
    r"authorizationkey|passw|passphrase|secret|token|api_?key|private_?key|wifi_?key|psk", re.I
)
# What can't be parsed is searched by sight. Every repetition has a bound, so that no text makes the search slow.
_WORD = r"(?:authorizationkey|passw|passphrase|secret|token|api_?key|private_?key|wifi_?key)[\w.-]{0,40}"
_KEY = rf"""\\{{0,8}}["']key\\{{0,8}}["']\s{{0,9}}:\s{{0,9}}\\{{0,8}}["'][\w.-]{{0,40}}{_WORD}"""
_VALUE = r"""\\{0,8}["']value\\{0,8}["']\s{0,9}:\s{0,9}\\{0,8}["']"""
_SAID = re.compile(
    rf"""({_WORD}\\{{0,8}}["']?\s{{0,9}}[:=]\s{{0,9}})(\\{{0,8}}["'])?((?(2)[^"'\\]+|[^\s"',;&}}\]]+))""", re.I
)
_SETTING = re.compile(rf"""({_KEY}[^{{}}]{{0,200}}?{_VALUE})([^"'\\]*)()""", re.I)
_VALUE_FIRST = re.compile(rf"""({_VALUE})([^"'\\]*)(\\{{0,8}}["'][^{{}}]{{0,200}}?{_KEY})""", re.I)
_LOGIN = re.compile(r"(://[^/@\s:\"']{0,80}:)[^/@\s\"']{1,200}(@)")
_SEALED = re.compile(r"(/files/(?:up|down)/)[\w-]{43}")  # an address that opens by itself


def is_secret(name: str) -> bool:
    """Whether a value under this name must not be written anywhere."""
    lowered = name.lower()
    named = lowered.endswith(_LAST_WORDS) or any(word in lowered for word in SECRET_WORDS)
    return named and not lowered.endswith("_id")


def is_secret_setting(key: str) -> bool:
    """Whether the value of this setting of a charger must not be written anywhere."""
    return _SECRET_SETTING.search(key) is not None


def mask(value: Any) -> Any:
    """The same structure with every secret replaced; a charger's settings (`key` and `value`) and addresses, too."""
    if isinstance(value, str):
        return mask_addresses(value)
    if isinstance(value, dict):
        if value.get("value") and is_secret_setting(str(value.get("key", ""))):
            return {**value, "value": MASK}
        return {key: MASK if is_secret(str(key)) and item else mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value


def mask_addresses(text: str) -> str:
    """The same text without what opens the addresses in it: passwords of logins, seals of files."""
    return _SEALED.sub(rf"\1{MASK}", _LOGIN.sub(rf"\1{MASK}\2", text)) if "://" in text else text


def mask_text(text: str) -> str:
    """The same text with every secret replaced: JSON by its structure, anything else by sight."""
    try:
        value = orjson.loads(text)
        masked = _texts(mask(value))
        return text if masked == value else orjson.dumps(masked).decode()
    except (ValueError, TypeError, RecursionError):  # no JSON, or nested too deep for any sense
        return _by_sight(text)


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        nested = value.lstrip().startswith(("{", "["))
        return mask_text(value) if nested else _by_sight(value)
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return value


def _by_sight(text: str) -> str:
    for setting in (_SETTING, _VALUE_FIRST):
        text = setting.sub(rf"\1{MASK}\3", text)
    text = _SAID.sub(lambda found: found[1] + (found[2] or "") + MASK, text)
    return mask_addresses(text)

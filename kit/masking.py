"""Secrets never reach a log or an audit line."""

from typing import Any

SECRET_WORDS = ("password", "secret", "token", "authorization", "cookie", "link_key", "api_key", "card_number")
MASK = "***"


def is_secret(name: str) -> bool:
    """Whether a value under this name must not be written anywhere."""
    lowered = name.lower()
    return any(word in lowered for word in SECRET_WORDS) and not lowered.endswith("_id")


def mask(value: Any) -> Any:
    """The same structure with every secret replaced; OCPP's AuthorizationKey setting included."""
    if isinstance(value, dict):
        if str(value.get("key", "")).strip().lower() == "authorizationkey" and value.get("value"):
            return {**value, "value": MASK}
        return {key: MASK if is_secret(str(key)) and item else mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return value

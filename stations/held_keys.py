"""What a message about a session is found by while it is held. For rooms."""

from hashlib import blake2b
from typing import Any

import orjson

START, STOP, READINGS = "StartTransaction", "StopTransaction", "MeterValues"
LONGEST_KEY = 40
_OF_START = ("connectorId", "idTag", "meterStart", "timestamp")  # what makes two starts the same


def said_key(action: str, payload: dict[str, Any]) -> str:
    """What a message is found by: a start by what makes it one, others by their transaction."""
    if action == START:
        said = orjson.dumps([payload.get(name) for name in _OF_START], option=orjson.OPT_SORT_KEYS)
        return blake2b(said, digest_size=16).hexdigest()
    return key_of_transaction(action, payload.get("transactionId"))


def key_of_transaction(action: str, transaction_id: object) -> str:
    """The same, of an end or of readings."""
    return f"{'end' if action == STOP else 'of'} {transaction_id}"[:LONGEST_KEY]

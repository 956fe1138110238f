"""What somebody wishes a charger to do: the message, how long it waits and how often it is sent; judged before it is
stored.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from kit.errors import Invalid
from stations.catalogue import CATALOGUE
from stations.payloads import is_password_change, judged
from stations.values import Action

PATIENCE, LONGEST_WAIT = timedelta(minutes=2), timedelta(days=30)
USUAL_TRIES, MOST_TRIES = 3, 10
LARGEST_PAYLOAD, LONGEST_REQUEST_KEY = 100_000, 100
# Whoever waits at the plug should get his start, even told twice: `charging` knows what a second answer means.
_SENT_AGAIN = frozenset({Action.REMOTE_START} | {action for action, kind in CATALOGUE.items() if kind.repeatable})


def judged_wish(action: Action, payload: Mapping[str, Any], *, unchecked: bool) -> dict[str, Any]:
    """The message as it is stored: `action`, `payload` and `unchecked`, which no new password is. Raises Invalid."""
    raw = unchecked and not is_password_change(action, payload)
    return {"action": action, "payload": _raw(payload) if raw else judged(action, payload), "unchecked": raw}


def judge_delivery(expires_in: timedelta, tries: int, request_key: str | None = None) -> None:
    """How long a message may wait, how often it may be sent, and what it is called by its asker. Raises Invalid."""
    if not timedelta() < expires_in <= LONGEST_WAIT:
        raise Invalid(expires_in="out_of_range")
    if not 1 <= tries <= MOST_TRIES:
        raise Invalid(tries="out_of_range")
    if len(request_key or "") > LONGEST_REQUEST_KEY:
        raise Invalid(request_key="too_long")


def tries_of(action: Action, tries: int) -> int:
    """So often it is really sent: what would do harm twice, once."""
    return tries if action in _SENT_AGAIN else 1


def _raw(payload: Mapping[str, Any]) -> dict[str, Any]:
    if len(orjson.dumps(payload, default=str)) > LARGEST_PAYLOAD:
        raise Invalid(payload="too_long")
    return dict(payload)

"""Queries by their hash (Apollo's automatic persisted queries): long texts travel once.

Kept by this process; a program that meets another one, or comes late, is asked for the text again.
"""

import hashlib
from collections import OrderedDict
from threading import Lock
from typing import Any

from graphql_api.limits import LONGEST_TEXT
from kit.errors import Invalid, NotFound

MOST_KEPT = 2000
_texts: OrderedDict[str, str] = OrderedDict()
_lock = Lock()


class QueryUnknown(NotFound):
    """Nobody has sent the text of this hash lately: send both."""

    code = "PERSISTED_QUERY_NOT_FOUND"


def text_of(body: dict[str, Any]) -> str | None:
    """The query of a request, by its text or its hash; None where there is neither. Raises QueryUnknown, Invalid."""
    text, extensions = body.get("query"), body.get("extensions")
    asked = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if not isinstance(asked, dict):
        return text if isinstance(text, str) else None
    name = asked.get("sha256Hash")
    if not isinstance(name, str):
        return None
    with _lock:
        if isinstance(text, str):
            if hashlib.sha256(text.encode()).hexdigest() != name:
                raise Invalid(sha256_hash="other_text")
            if len(text) > LONGEST_TEXT:
                return text  # refused when it is read, and not kept
            _texts[name] = text
            if len(_texts) > MOST_KEPT:
                _texts.popitem(last=False)
        elif name not in _texts:
            raise QueryUnknown()
        _texts.move_to_end(name)
        return _texts[name]

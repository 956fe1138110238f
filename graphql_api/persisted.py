"""Queries by their hash: those on the list of a client, and any other that the program sent before (Apollo's automatic
persisted queries). A client whose list is the only thing that it may send is held to it.

The others are kept by this process, for each program apart; a program that meets another process, or comes late, is
asked for the text again.
"""

import hashlib
from typing import Any

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.queries import ListedProgram, listed_query
from graphql_api.limits import LONGEST_TEXT
from kit.errors import Forbidden, Invalid, NotFound
from kit.kept import Kept

MOST_SIGNS = 10_000_000  # of all texts together
_texts: Kept[tuple[str, str], str] = Kept(MOST_SIGNS)


class QueryUnknown(NotFound):
    """Nobody has sent the text of this hash lately: send both."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class QueryNotListed(Forbidden):
    """The client may send what is on its list, and nothing else."""

    code = "query_not_listed"


def text_of(actor: Actor, body: dict[str, Any]) -> str | None:
    """The query of a request, by its text or its hash; None where there is neither. Raises QueryUnknown, Invalid."""
    text, extensions = body.get("query"), body.get("extensions")
    asked = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if not isinstance(asked, dict):
        return text if isinstance(text, str) else None
    name = asked.get("sha256Hash")
    if not isinstance(name, str):
        return None
    if isinstance(text, str):
        if _hash(text) != name:
            raise Invalid(sha256_hash="other_text")
        if len(text) > LONGEST_TEXT:
            return text  # refused when it is read, and not kept
        return _texts.keep((actor.reference, name), text, len(text))
    found = _texts.get((actor.reference, name)) or _listed(actor, name)
    if found is None:
        raise QueryUnknown()
    return found


def must_be_listed(actor: Actor, text: str) -> None:
    """A client may be held to its list. Raises QueryNotListed."""
    if isinstance(actor, ListedProgram) and _listed(actor, _hash(text)) is None:
        raise QueryNotListed()


def _listed(actor: Actor, name: str) -> str | None:
    return listed_query(SYSTEM, actor.id, name) if actor.kind is ActorKind.TOKEN and actor.id else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()

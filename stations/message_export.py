"""The message log on its way out of the house: everything that fits a filter, a stretch at a time."""

from collections.abc import Iterator

from accounts.access import Actor
from stations.messages import MessageFilter
from stations.queries import MessageRow, messages

MOST_EXPORTED = 1_000_000
STRETCH = 1_000


def exported_messages(
    actor: Actor, wanted: MessageFilter, *, before: int | None = None
) -> Iterator[tuple[MessageRow, ...]]:
    """All messages that fit, newest first, at most `MOST_EXPORTED`; with `before` those older than a number.

    Each stretch is read when it is asked for, in a transaction of its own, and the rights with it; it can be empty.
    Raises NotFound, Forbidden, Invalid, as `messages` does.
    """
    left = MOST_EXPORTED
    while left:
        page = messages(actor, wanted, before=before, limit=min(STRETCH, left))
        yield page.rows
        if page.older is None:
            return
        before = page.older
        left -= len(page.rows)

"""The rules of tags: how numbers are compared, and what several tags with one number are worth together."""

from collections.abc import Sequence
from datetime import datetime

from charging.values import TagInfo, TagState, TagVerdict

LONGEST_TOLD = 500  # of a tag as a charger tells it: more goes into no index, and into no card


def canonical(id_tag: str) -> str:
    """How tags are compared and stored: upper-case, without blanks around them."""
    return id_tag.strip().upper()


def info_of_tags(tags: Sequence[tuple[TagState, datetime | None, str]], now: datetime) -> TagInfo:
    """The account's own tag and those of accounts above it may share a number: one that is valid is enough.

    Of several the one that says most counts, and of those the one that lasts longest.
    """
    if not tags:
        return TagInfo(TagVerdict.INVALID)
    told = [TagInfo(_verdict(state, expires_at, now), parent, expires_at) for state, expires_at, parent in tags]
    return told[0] if len(told) == 1 else max(told, key=_weight)


def state_then(state: TagState, blocked_at: datetime | None, unblocked_at: datetime | None, then: datetime) -> TagState:
    """The state of a tag at an instant, from what it is now and when it was blocked and given back last."""
    if state is TagState.BLOCKED:
        return TagState.VALID if blocked_at is not None and then < blocked_at else state
    was_blocked = blocked_at is not None and unblocked_at is not None and blocked_at <= then < unblocked_at
    return TagState.BLOCKED if was_blocked else state


def _verdict(state: TagState, expires_at: datetime | None, now: datetime) -> TagVerdict:
    if state is TagState.BLOCKED:
        return TagVerdict.BLOCKED
    return TagVerdict.ACCEPTED if expires_at is None or expires_at > now else TagVerdict.EXPIRED


def _weight(info: TagInfo) -> tuple[int, bool, float]:
    order = (TagVerdict.BLOCKED, TagVerdict.EXPIRED, TagVerdict.ACCEPTED)
    return order.index(info.verdict), info.expires_at is None, info.expires_at.timestamp() if info.expires_at else 0.0

"""What this room does when something happened. Every function may run twice."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kit.events import Event
from smart_me import connecting
from smart_me.events import AccountWanted
from smart_me.values import LinkId


def sign_up(event: AccountWanted) -> None:
    """Ask smart-me for the account."""
    connecting.sign_up(LinkId(event.link_id))


REACTIONS: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {AccountWanted: [sign_up]}

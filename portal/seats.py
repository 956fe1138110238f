"""How many live pages may be open at once, judged before a socket is opened: each costs renderings while it is open.

Counted in this process, which is the one whose threads render them.
"""

import threading
from collections import Counter

from flask import request

from kit.throttle import Throttle
from portal.actor import current_person
from portal.security import network_address

MOST_PER_PAYMENT, MOST_PER_LOGIN, MOST_PER_ADDRESS, MOST_ANONYMOUS = 5, 10, 50, 2_000
ANONYMOUS = "anonymous"

# Many phones share one address of their mobile network, and all come back at once after a restart of ours.
_knocks = Throttle(300, 60.0)


class Seats:
    """Open live pages by whom they count for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()

    def take(self, wanted: dict[str, int]) -> bool:
        """One seat in each of these groups, that hold at most so many; False: one is full, and nothing was taken."""
        with self._lock:
            if any(self._taken[group] >= most for group, most in wanted.items()):
                return False
            self._taken.update(wanted.keys())
            return True

    def leave(self, wanted: dict[str, int]) -> None:
        """Give them back."""
        with self._lock:
            self._taken.subtract(wanted.keys())
            for group in wanted:
                if self._taken[group] <= 0:
                    del self._taken[group]


seats = Seats()


def knocked_too_often() -> bool:
    """Count a try to open a live page from this address; True: too many of late."""
    return not _knocks.hit(network_address())


def groups() -> dict[str, int]:
    """Whom the live page of this request counts for, and how many those may have."""
    person = current_person()
    if person is not None:
        return {f"login:{person.login_id}": MOST_PER_LOGIN}
    everybody = {ANONYMOUS: MOST_ANONYMOUS}
    link_key = (request.view_args or {}).get("link_key")
    if link_key is not None:
        return everybody | {f"payment:{link_key}": MOST_PER_PAYMENT}
    return everybody | {f"address:{network_address()}": MOST_PER_ADDRESS}

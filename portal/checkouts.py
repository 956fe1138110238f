"""Checkouts that are open and not paid: each keeps others from a connector for a while, so nobody may have many."""

import threading
import time
from collections.abc import Iterable

from accounts.access import Actor
from billing.queries import payment_view
from billing.values import CHECKOUT_BLOCKS, PaymentId, PaymentStage
from kit import clock
from kit.errors import NotFound

MOST_OPEN = 3
MOST_ADDRESSES = 50_000


class OpenCheckouts:
    """Who opened what lately, by network address. Kept in this process, as long as a checkout keeps others out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, dict[PaymentId, float]] = {}

    def room(self, address: str, remembered: Iterable[PaymentId], *, instead_of: PaymentId | None) -> bool:
        """Whether one more may be opened: from this address, and by the browser that remembers these payments."""
        own = set(remembered) - {instead_of}
        near = set(self._lately(address)) - {instead_of}
        return all(len(some) < MOST_OPEN or sum(map(_keeps_others_out, some)) < MOST_OPEN for some in (own, near))

    def note(self, address: str, payment_id: PaymentId) -> None:
        """A checkout was opened from this address."""
        now = time.monotonic()
        with self._lock:
            if len(self._of) >= MOST_ADDRESSES:
                self._forget_old(now)
            self._of.setdefault(address, {})[payment_id] = now

    def _lately(self, address: str) -> list[PaymentId]:
        earliest = time.monotonic() - CHECKOUT_BLOCKS.total_seconds()
        with self._lock:
            kept = {each: at for each, at in self._of.pop(address, {}).items() if at > earliest}
            if kept:
                self._of[address] = kept
            return list(kept)

    def _forget_old(self, now: float) -> None:
        earliest = now - CHECKOUT_BLOCKS.total_seconds()
        for address in [address for address, of in self._of.items() if max(of.values()) < earliest]:
            del self._of[address]


def _keeps_others_out(payment_id: PaymentId) -> bool:
    try:
        view = payment_view(Actor.payer(payment_id), payment_id)
    except NotFound:
        return False
    return view.stage is PaymentStage.CHECKOUT and clock.now() - view.created_at < CHECKOUT_BLOCKS


open_checkouts = OpenCheckouts()

"""Counting tries, by the key of whoever tries: cheap, in this process, for doors that stand before everything else."""

import threading
import time
from ipaddress import IPv6Address, ip_address

MOST_KEYS = 50_000


class Throttle:
    """At most `most` counted tries per key in each window of `per_s` seconds. Any thread may ask."""

    def __init__(self, most: int, per_s: float) -> None:
        self.most = most
        self.per_s = per_s
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._ends_at = 0.0

    def full(self, key: str) -> bool:
        """Whether this key has used its tries up; counts nothing."""
        with self._lock:
            self._turn()
            return self._counts.get(key, 0) >= self.most

    def hit(self, key: str) -> bool:
        """Count a try; False: it is one too many."""
        with self._lock:
            self._turn()
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
            return count <= self.most

    def _turn(self) -> None:
        """A new window begins for all keys at once; so does it when far too many of them are remembered."""
        now = time.monotonic()
        if now >= self._ends_at or len(self._counts) >= MOST_KEYS:
            self._counts.clear()
            self._ends_at = now + self.per_s


def neighbourhood(address: str) -> str:
    """Who counts as one: an IPv4 address, or a /64 of IPv6, of which one household has a whole one to itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))

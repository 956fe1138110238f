"""Stations that connect again and again: counted, slowed down, and made to wait when they go on."""

import threading
import time
from collections import deque
from uuid import UUID

from stations.values import FLAPS_FROM, FLAPS_WITHIN

TOO_OFTEN = 40  # connections in FLAPS_WITHIN; whoever comes more often has to wait
LONGEST_WAIT_S = 300
MOST_REMEMBERED = 50_000


class Arrivals:
    """When each station connected lately, in this process. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[UUID, deque[float]] = {}

    def came(self, station_id: UUID) -> bool:
        """It connected; True when it does so again and again."""
        with self._lock:
            if len(self._times) >= MOST_REMEMBERED:
                self._times.clear()
            times = self._lately(station_id)
            times.append(time.monotonic())
            self._times[station_id] = times
            return len(times) >= FLAPS_FROM

    def wait_s(self, station_id: UUID) -> int:
        """How long it has to wait before it may connect again; 0: not at all."""
        with self._lock:
            times = self._lately(station_id)
            if len(times) < TOO_OFTEN:
                return 0
            return min(LONGEST_WAIT_S, 1 + int(times[0] + FLAPS_WITHIN.total_seconds() - time.monotonic()))

    def _lately(self, station_id: UUID) -> deque[float]:
        times = self._times.get(station_id) or deque(maxlen=TOO_OFTEN)
        since = time.monotonic() - FLAPS_WITHIN.total_seconds()
        while times and times[0] <= since:
            times.popleft()
        return times


arrivals = Arrivals()

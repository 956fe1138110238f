"""The stations that this process knows by name without asking the database, since thousands may come at once.

Whoever changes a station tells of it, and `ocpp_ws.renewals` finds what nobody told; so a station counts for long. Who
is not there may be entered any moment, and is looked up again soon.
"""

import threading
import time
from uuid import UUID

from ocpp_ws.addresses import Asked
from stations.queries import SocketStation

LASTING_S = 3600.0
PASSING_S = 5.0
MOST = 50_000


class Remembered:
    """What is asked for, and the station behind it. Any thread may ask."""

    def __init__(self) -> None:
        self.changes = 0  # of stations, as far as we were told
        self._lock = threading.Lock()
        self._found: dict[Asked, tuple[SocketStation | None, float]] = {}  # None: nobody is called so
        self._names: dict[UUID, set[Asked]] = {}

    def get(self, asked: Asked) -> tuple[SocketStation | None] | None:
        """What was found under this name; None when it has to be looked up."""
        found, until = self._found.get(asked, (None, 0.0))
        return (found,) if until > time.monotonic() else None

    def put(self, asked: Asked, found: SocketStation | None, changes: int) -> None:
        """Remember what was looked up after so many changes; not when there was another one since."""
        with self._lock:
            if changes != self.changes:
                return
            while len(self._found) >= MOST:
                self._drop(next(iter(self._found)))
            lasting = found is not None and found.by_own_name and found.by_account == (asked.code is not None)
            self._found[asked] = found, time.monotonic() + (LASTING_S if lasting else PASSING_S)
            if found is not None:
                self._names.setdefault(found.id, set()).add(asked)

    def forget(self, station_id: UUID) -> None:
        """Something about the station changed: what is remembered counts no more, nor what is being looked up."""
        with self._lock:
            self.changes += 1
            for asked in list(self._names.get(station_id, ())):
                self._drop(asked)

    def drop(self, asked: Asked) -> None:
        """Look this name up the next time."""
        with self._lock:
            self._drop(asked)

    def _drop(self, asked: Asked) -> None:
        found, _ = self._found.pop(asked, (None, 0.0))
        if found is not None:
            names = self._names.get(found.id, set())
            names.discard(asked)
            if not names:
                self._names.pop(found.id, None)

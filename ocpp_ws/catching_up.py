"""What is held of a charger is stored before what it says now: in bites, so that others have their turn in between.

Everything runs on the hub's thread; the bites go through the writer as any other deed.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from ocpp_ws import held
from ocpp_ws.caller import Caller
from stations.use_cases import held_messages

if TYPE_CHECKING:
    from ocpp_ws.charger import FrameJob
    from ocpp_ws.sockets import Gateway

log = structlog.get_logger()


class CatchUp:
    """One charger's messages that are held, and its calls that wait for them (`behind`); `then` when all is done.

    A message that can't be stored stays held, and does not keep the charger from going on.
    """

    def __init__(self, gateway: "Gateway", caller: Caller, then: Callable[[], None]) -> None:
        self.behind: deque[FrameJob] = deque()
        self._gateway = gateway
        self._caller = caller
        self._then = then
        self._left: deque[UUID] = deque()
        self._alone = 0  # so many of them are stored one by one, since one of them fails
        self._failed = 0
        self._read()

    def _do(self, deed: Callable[[], object], then: Callable[[Any], None]) -> None:
        self._gateway.do(deed, then, of=self._caller.station_id)

    def _read(self) -> None:
        self._do(partial(held_messages, self._caller.actor, skip=self._failed), self._found)

    def _found(self, some: Any) -> None:
        if isinstance(some, Exception) or not some:
            self._caller.unstored = False
            self._caller.owed = bool(some or self._failed)
            self._then()
        else:
            self._left.extend(some)
            self._next()

    def _next(self) -> None:
        if not self._left:
            self._read()
            return
        bite = [self._left[0]] if self._alone else list(self._left)
        self._do(partial(held.store, self._caller, bite, within_s=held.BITE_S), self._stored)

    def _stored(self, outcome: Any) -> None:
        if not isinstance(outcome, Exception):
            self._take(outcome)
        elif self._alone or len(self._left) == 1:
            log.error("held.failed", station_id=str(self._caller.station_id), held_id=str(self._left[0]))
            self._failed += 1
            self._take(1)
        else:
            self._alone = len(self._left)
        self._next()

    def _take(self, count: int) -> None:
        for _ in range(count):
            self._left.popleft()
        self._alone = max(0, self._alone - count)

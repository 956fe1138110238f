"""The charger behind a socket, as far as messages are concerned: who it is, and what it said last."""

from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from accounts.access import Actor
from ocpp_ws.frames import Call

REMEMBERED = 8
MOST_DOUBTS = 50


@dataclass(slots=True, eq=False)
class Caller:
    """One connected charger. `answers` are the last ones, so that a call repeated word for word gets the same again."""

    actor: Actor
    station_id: UUID
    answers: "OrderedDict[object, tuple[int, bytes]] | None" = None
    doubts: set[str] = field(default_factory=set)

    def answered_before(self, call: Call) -> bytes | None:
        """The stored answer to the same call: same id, same content."""
        if self.answers is None:
            return None
        known = self.answers.get(call.id)
        return known[1] if known is not None and known[0] == call.digest else None

    def remember(self, call: Call, answer: bytes) -> None:
        """Keep an answer once it is on disk."""
        if self.answers is None:
            self.answers = OrderedDict()
        self.answers[call.id] = (call.digest, answer)
        if len(self.answers) > REMEMBERED:
            self.answers.popitem(last=False)

    def first_time(self, doubt: str) -> bool:
        """Whether this doubt is new on this socket: a vendor's habit is noted once, not with every message."""
        if doubt in self.doubts or len(self.doubts) >= MOST_DOUBTS:
            return False
        self.doubts.add(doubt)
        return True

"""The charger behind a socket, as far as messages are concerned: who it is, and what it said last."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.access import Actor
from ocpp_ws.frames import Call, Reply

MOST_DOUBTS = 50
REPEATED_WITHIN_S = 60.0


@dataclass(slots=True, eq=False)
class Caller:
    """One connected charger, and the last call of it that was answered.

    A charger has one call open at a time, so a repetition follows at once. Older calls are not compared: ids start anew
    after a while (some have only one), `Available` said again is news, and a tag that was unknown may be known now.
    `waiting`: nobody accepted it yet, so it is no station.
    `unstored`: something is held of what it said before, and comes first. `owed`: something stays held, and what is
    about the same session has to wait for it.
    `measured`: its first readings on this socket are answered. Those may be the last of an earlier socket, told again;
    what follows is new, since a charger has one call open at a time.
    `flapping`: it connects again and again. `booted` and `told`: on this socket it said what it is, and how its
    connectors are.
    """

    actor: Actor
    station_id: UUID
    account_id: UUID
    last_id: Any = None
    last_digest: int = 0
    last_answer: Reply | None = None
    last_at_s: float = 0.0
    waiting: bool = False
    unstored: bool = False
    owed: bool = False
    measured: bool = False
    flapping: bool = False
    booted: bool = False
    told: bool = False
    doubts: set[str] = field(default_factory=set)

    def answered_before(self, call: Call) -> Reply | None:
        """The stored answer, when this is the last call repeated word for word."""
        same = call.id == self.last_id and call.digest == self.last_digest
        return self.last_answer if same and time.monotonic() - self.last_at_s < REPEATED_WITHIN_S else None

    def remember(self, call: Call, answer: Reply) -> None:
        """Keep an answer once it is on disk."""
        self.last_id, self.last_digest, self.last_answer = call.id, call.digest, answer
        self.last_at_s = time.monotonic()
        self.measured |= call.action == "MeterValues"

    def first_time(self, doubt: str) -> bool:
        """Whether this doubt is new on this socket: a vendor's habit is noted once, not with every message."""
        if doubt in self.doubts or len(self.doubts) >= MOST_DOUBTS:
            return False
        self.doubts.add(doubt)
        return True

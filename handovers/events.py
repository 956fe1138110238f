"""What hand-overs announce."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class HandOverRequested(Event):
    """An owner wants to hand an account over, and is to confirm it by mail."""

    hand_over_id: UUID


@dataclass(frozen=True)
class HandOverOffered(Event):
    """The old owner has confirmed; the new one is asked."""

    hand_over_id: UUID


@dataclass(frozen=True)
class HandOverAgreed(Event):
    """Both have agreed to a day that is still to come."""

    hand_over_id: UUID


@dataclass(frozen=True)
class HandOverEnded(Event):
    """It was declined or undone: nothing changes."""

    hand_over_id: UUID


@dataclass(frozen=True)
class AccountHandedOver(Event):
    """An account belongs to somebody else. Both get the protocol."""

    hand_over_id: UUID
    account_id: UUID
    archive_id: UUID

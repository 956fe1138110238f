"""The vocabulary of charging."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

SessionId = NewType("SessionId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
TagId = NewType("TagId", UUID)
ReservationId = NewType("ReservationId", UUID)

PLUG_IN_WINDOW = timedelta(seconds=90)
FIRST_TRANSACTION_ID, LAST_TRANSACTION_ID = 1, 2_147_483_647


class AuthorisationState(Enum):
    """A permission to charge once at one connector, and what became of it."""

    WAITING = "waiting"
    USED = "used"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SessionState(Enum):
    """A charging session: running, or over."""

    ACTIVE = "active"
    ENDED = "ended"


class SessionKind(Enum):
    """Why energy could flow: paid at the connector, started in the portal, by a tag, or nobody was asked (orphan)."""

    PAID = "paid"
    OPERATOR = "operator"
    TAG = "tag"
    UNAUTHORISED = "unauthorised"
    ORPHAN = "orphan"


class TagVerdict(Enum):
    """What a charger is told of a tag (OCPP 1.6 AuthorizationStatus)."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    CONCURRENT = "ConcurrentTx"


class TagState(Enum):
    """Whether an RFID tag may start a session. EXPIRED is what time makes of a valid one; it is never stored."""

    VALID = "valid"
    BLOCKED = "blocked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class TagInfo:
    """What a charger is told of a tag: the verdict, its group (empty: none) and until when it may be remembered."""

    verdict: TagVerdict
    parent_id_tag: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True)
class NewTag:
    """A tag that is about to be added, or to replace what is known of it. `parent_id_tag` names its group."""

    id_tag: str
    name: str = ""
    expires_at: datetime | None = None
    parent_id_tag: str = ""
    blocked: bool = False


class ReservationState(Enum):
    """How far a reservation came: asked for, kept by the station, or over."""

    REQUESTED = "requested"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def open(self) -> bool:
        """Whether the station may keep a place free for it."""
        return self in (ReservationState.REQUESTED, ReservationState.IN_FORCE)


class Doubt(Enum):
    """Why a stored fact should be looked at before it is trusted."""

    SCHEMA = "schema"
    CLOCK = "clock"
    REGISTER_BACKWARDS = "register_backwards"
    UNKNOWN_TRANSACTION = "unknown_transaction"
    UNKNOWN_TAG = "unknown_tag"
    STOP_DIFFERS = "stop_differs"
    ESTIMATED = "estimated"
    IMPLAUSIBLE = "implausible"

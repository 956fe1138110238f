"""The vocabulary of charging."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import NewType
from uuid import UUID

from kit.spelling import plain

SessionId = NewType("SessionId", UUID)
OrphanId = NewType("OrphanId", UUID)
DoubtId = NewType("DoubtId", UUID)
AuthorisationId = NewType("AuthorisationId", UUID)
TagId = NewType("TagId", UUID)
ReservationId = NewType("ReservationId", UUID)
ProfileId = NewType("ProfileId", UUID)
HandStartId = NewType("HandStartId", UUID)

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
    """Why energy could flow: paid at the connector, started in the portal, by a tag, or nobody was asked (orphan).
    Imported: another platform led it.
    """

    PAID = "paid"
    OPERATOR = "operator"
    TAG = "tag"
    UNAUTHORISED = "unauthorised"
    ORPHAN = "orphan"
    IMPORTED = "imported"


class StopReason(Enum):
    """Why a session ended (OCPP 1.6 Reason)."""

    DEAUTHORIZED = "DeAuthorized"
    EMERGENCY_STOP = "EmergencyStop"
    EV_DISCONNECTED = "EVDisconnected"
    HARD_RESET = "HardReset"
    LOCAL = "Local"
    OTHER = "Other"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCK_COMMAND = "UnlockCommand"

    @classmethod
    def of(cls, said: str) -> "StopReason":
        """What a charger's words come to, whatever their case and blanks; OTHER where that is not to be told."""
        return next((one for one in cls if plain(one.value) == plain(said)), cls.OTHER)


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


class ProfilePurpose(Enum):
    """What a charging profile limits (OCPP 1.6): the whole station, every session, or one session."""

    STATION = "ChargePointMaxProfile"
    DEFAULT = "TxDefaultProfile"
    SESSION = "TxProfile"


class ProfileKind(Enum):
    """What the times of a charging profile count from (OCPP 1.6)."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrency(Enum):
    """How often a recurring profile starts anew (OCPP 1.6)."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


class RateUnit(Enum):
    """Amperes per phase, or watts in all."""

    AMPERE = "A"
    WATT = "W"


class ScheduleStyle(Enum):
    """How limits have to be written for a station: begun a little in the past, exactly on time, or relative only."""

    PAST = "past"
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class ProfileState(Enum):
    """How far a charging profile came. INSTALLED only when the station said so; what follows means it is gone."""

    REQUESTED = "requested"
    INSTALLED = "installed"
    REFUSED = "refused"
    REPLACED = "replaced"
    CLEARED = "cleared"
    ENDED = "ended"


class ProfileCheck(Enum):
    """What the station's own schedule says of a profile that it accepted; WANTED: it is to be asked."""

    UNCHECKED = "unchecked"
    WANTED = "wanted"
    CONFIRMED = "confirmed"
    IGNORED = "ignored"


@dataclass(frozen=True)
class SchedulePeriod:
    """A limit from so many seconds after the begin of the schedule on."""

    start_s: int
    limit: Decimal
    phases: int | None = None


@dataclass(frozen=True)
class NewProfile:
    """A charging profile that is about to be sent. Without `starts_at` it begins as the station likes it."""

    purpose: ProfilePurpose
    unit: RateUnit
    periods: tuple[SchedulePeriod, ...]
    stack_level: int = 0
    kind: ProfileKind = ProfileKind.ABSOLUTE
    recurrency: Recurrency | None = None
    starts_at: datetime | None = None
    duration_s: int | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None


class Doubt(Enum):
    """Why a stored fact should be looked at before it is trusted."""

    SCHEMA = "schema"
    UNSTORED = "unstored"
    CLOCK = "clock"
    REGISTER_BACKWARDS = "register_backwards"
    UNKNOWN_TRANSACTION = "unknown_transaction"
    UNKNOWN_TAG = "unknown_tag"
    STOP_DIFFERS = "stop_differs"
    ESTIMATED = "estimated"
    IMPLAUSIBLE = "implausible"
    GAP = "gap"


class OrphanState(Enum):
    """What became of an end whose session nobody knew, or that we had ended ourselves before it came.

    MATCHED: its start arrived later. The other three are an operator's word.
    """

    OPEN = "open"
    MATCHED = "matched"
    ATTACHED = "attached"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"

"""The vocabulary of accounts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NewType
from uuid import UUID

AccountId = NewType("AccountId", UUID)
UserId = NewType("UserId", UUID)
GrantId = NewType("GrantId", UUID)
InvitationId = NewType("InvitationId", UUID)
OwnRoleId = NewType("OwnRoleId", UUID)
StationGroupId = NewType("StationGroupId", UUID)
ApiTokenId = NewType("ApiTokenId", UUID)
LoginId = NewType("LoginId", UUID)
PasskeyId = NewType("PasskeyId", UUID)
ProviderId = NewType("ProviderId", UUID)
ApiClientId = NewType("ApiClientId", UUID)
ClientQueryId = NewType("ClientQueryId", UUID)
SupportVisitId = NewType("SupportVisitId", UUID)


class AccountKind(Enum):
    """A master holds accounts below it; a property holds stations and earns its own income."""

    MASTER = "master"
    PROPERTY = "property"


class InvitationKind(Enum):
    """A role is offered to a person, or to a company for its people; or a company asks an account for one."""

    PERSON = "person"
    COMPANY = "company"
    REQUEST = "request"


class InvitationState(Enum):
    """What became of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SupportState(Enum):
    """Where the wish of the platform's staff to see an account stands. Over: ended, withdrawn, or never answered."""

    WAITING = "waiting"
    OPEN = "open"
    DECLINED = "declined"
    OVER = "over"


LONGEST_VISIT_H, VISIT_WAITS = 24, timedelta(days=7)
LANGUAGES = ("de", "fr", "it", "en")


class SignInMethod(Enum):
    """How a person proved who they are."""

    PASSWORD = "password"  # noqa: S105  # a kind, not a secret
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105
    PASSWORD_AND_RECOVERY_CODE = "password_and_recovery_code"  # noqa: S105
    PASSWORD_AND_PASSKEY = "password_and_passkey"  # noqa: S105
    PASSKEY = "passkey"
    COMPANY = "company"
    OTHER_PLATFORM = "other_platform"


TWO_FACTORS = frozenset(SignInMethod) - {SignInMethod.PASSWORD, SignInMethod.OTHER_PLATFORM}
BY_PASSKEY = frozenset({SignInMethod.PASSKEY, SignInMethod.PASSWORD_AND_PASSKEY})


class CredentialChange(Enum):
    """What changed of that by which a person signs in."""

    CODES_ON = "codes_on"
    CODES_OFF = "codes_off"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    FORGOTTEN = "forgotten"


class EmailSide(Enum):
    """Which of the two addresses of a change somebody speaks for."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True)
class Browser:
    """From where somebody signs in. `device_secret` is what the browser keeps to be known again, `agent` what it says
    of itself.
    """

    device_secret: str
    agent: str
    address: str

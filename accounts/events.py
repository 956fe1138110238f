"""What accounts announces."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import Event


@dataclass(frozen=True)
class UserRegistered(Event):
    """Somebody asked for a login (maybe again); the address is to be confirmed by a link."""

    user_id: UUID


@dataclass(frozen=True)
class RegistrationRepeated(Event):
    """Somebody registered with the address of an existing login; only its owner is told."""

    user_id: UUID


@dataclass(frozen=True)
class PasswordResetRequested(Event):
    """Somebody who knows the address of this login forgot the password."""

    user_id: UUID


@dataclass(frozen=True)
class PasswordChanged(Event):
    """The password of this login is a new one; all other logins ended."""

    user_id: UUID


@dataclass(frozen=True)
class UserInvited(Event):
    """A person was given a role on an account; `fresh` when the login was made for it and has no password yet."""

    user_id: UUID
    account_id: UUID
    role: str
    fresh: bool


@dataclass(frozen=True)
class NewDeviceUsed(Event):
    """Somebody signed in as this person in a browser that was never seen with them before."""

    login_id: UUID


@dataclass(frozen=True)
class CredentialChanged(Event):
    """Something by which this person signs in is new or gone (`accounts.values.CredentialChange`)."""

    user_id: UUID
    change: str


@dataclass(frozen=True)
class EmailChangeRequested(Event):
    """A login wants another address; both are asked."""

    change_id: UUID


@dataclass(frozen=True)
class EmailChanged(Event):
    """A login has another address; both have agreed."""

    change_id: UUID


@dataclass(frozen=True)
class TimeZoneChanged(Event):
    """An account has another time zone: by it hours are meant and read."""

    account_id: UUID


@dataclass(frozen=True)
class InvitationSent(Event):
    """A role waits for somebody's consent; the mail with the link is to be sent."""

    invitation_id: UUID


@dataclass(frozen=True)
class InvitationAnswered(Event):
    """Somebody accepted or declined a role; whoever sent it is told."""

    invitation_id: UUID


@dataclass(frozen=True)
class SupportVisitAsked(Event):
    """The platform's staff asks to see an account; whoever decides there is told."""

    visit_id: UUID


@dataclass(frozen=True)
class SupportVisitAnswered(Event):
    """Somebody agreed to a visit or declined it; whoever asked is told."""

    visit_id: UUID


@dataclass(frozen=True)
class LoginDeleted(Event):
    """A person has no login any more; the last letter goes to where they were reached."""

    email: str
    name: str
    language: str


@dataclass(frozen=True)
class SuspensionChanged(Event):
    """The platform stopped an account, or lets it go on."""

    account_id: UUID

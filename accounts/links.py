"""The links in our mails: who may open them, and for how long."""

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from accounts.models import Invitation, User
from accounts.values import EmailSide, InvitationState
from kit import clock, db, settings, signing

CONFIRMATION_VALID, RESET_VALID, INVITATION_VALID = timedelta(days=3), timedelta(hours=2), timedelta(days=14)
EMAIL_CHANGE_VALID = timedelta(days=3)


def confirmation(user: User) -> str:
    """The address of the page that confirms this person's e-mail."""
    return _url("confirm", signing.sign("confirm", {"user": str(user.id), "email": user.email}))


def user_of_confirmation(link_token: str) -> User:
    """Whose e-mail a confirmation link is about. Raises LinkExpired, also when the address changed, LinkBroken."""
    payload = signing.read("confirm", link_token, valid_for=CONFIRMATION_VALID)
    user = db.session().get(User, UUID(payload["user"]))
    if user is None or user.email != payload["email"]:
        raise signing.LinkExpired()
    return user


def reset(user: User) -> str:
    """The address of the page that sets a new password; worthless once the password has changed."""
    return _url("reset", signing.sign("reset", {"user": str(user.id), "state": _state(user)}))


def invitation(user: User) -> str:
    """The same page for a person who has no password yet; open for longer."""
    return _url("reset", signing.sign("invite", {"user": str(user.id), "state": _state(user)}))


def user_of_reset(link_token: str) -> User:
    """The person of a reset or invitation link. Raises LinkExpired also when it was used already, LinkBroken."""
    try:
        payload = signing.read("reset", link_token, valid_for=RESET_VALID)
    except signing.LinkBroken:
        payload = signing.read("invite", link_token, valid_for=INVITATION_VALID)
    user = db.session().get(User, UUID(payload["user"]))
    if user is None or not hmac.compare_digest(payload["state"], _state(user)):
        raise signing.LinkExpired()
    return user


def email_change(change_id: UUID, side: EmailSide) -> str:
    """The page on which one of the two addresses agrees to the change, or the old one stops it."""
    return _url("email", signing.sign("email", {"change": str(change_id), "side": side.value}))


def read_email_change(link_token: str) -> tuple[UUID, EmailSide]:
    """Which change a link is about, and for which address it speaks. Raises LinkExpired, LinkBroken."""
    payload = signing.read("email", link_token, valid_for=EMAIL_CHANGE_VALID)
    return UUID(payload["change"]), EmailSide(payload["side"])


def offer(invitation: Invitation) -> str:
    """The address of the page on which a role is accepted or declined."""
    return _url("invitation", signing.sign("offer", {"invitation": str(invitation.id)}))


def invitation_of_offer(link_token: str) -> Invitation:
    """The invitation behind a link that is still to be answered. Raises LinkExpired, LinkBroken."""
    payload = signing.read("offer", link_token, valid_for=INVITATION_VALID)
    found = db.session().get(Invitation, UUID(payload["invitation"]))
    if found is None or found.state is not InvitationState.OPEN or found.expires_at <= clock.now():
        raise signing.LinkExpired()
    return found


def page(path: str) -> str:
    """A page of ours for a mail."""
    return f"{settings.current().public_url}/{path}"


def _state(user: User) -> str:
    return hashlib.sha256(user.session_key.encode()).hexdigest()[:16]


def _url(path: str, link_token: str) -> str:
    return page(f"{path}/{link_token}")

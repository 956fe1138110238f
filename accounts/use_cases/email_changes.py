"""Another e-mail address for a login: both the old and the new one have to agree, and the old one can stop it."""

from sqlalchemy import exists, select, update

from accounts import access, links
from accounts.access import Actor
from accounts.addresses import clean_email
from accounts.events import EmailChanged, EmailChangeRequested
from accounts.models import EmailChange, User
from accounts.use_cases.second_factors import oneself_fresh
from accounts.values import EmailSide, UserId
from kit import clock, db
from kit.errors import Conflict, Invalid
from kit.events import record
from kit.ids import new_id, secret_text
from kit.signing import LinkExpired
from kit.use_case import use_case


@use_case
def request_email_change(actor: Actor, *, email: str) -> EmailChange:
    """Ask both addresses whether the login may go over to the new one. An earlier wish is over.

    Whether somebody else has the new address is not told: then no letter goes there. Raises CheckNeeded, Invalid.
    """
    user_id = oneself_fresh(actor)
    user, email = db.session().get_one(User, user_id), clean_email(email)
    if email == user.email:
        raise Invalid(email="same")
    _end_open(user_id)
    change = EmailChange(id=new_id(), user_id=user_id, old_email=user.email, new_email=email, requested_at=clock.now())
    db.session().add(change)
    record(EmailChangeRequested(change.id))
    return change


@use_case
def cancel_email_change(actor: Actor) -> None:
    """Leave the address as it is after all; twice is harmless. Raises CheckNeeded."""
    _end_open(oneself_fresh(actor))


@use_case
def agree_to_email_change(actor: Actor, link_token: str) -> EmailChange:
    """One of the two addresses agrees; when both have, the login has the new one. Twice is harmless.

    Raises LinkExpired, LinkBroken, Conflict("email_taken").
    """
    access.public("the signed link is the right")
    change, side = _open_of_link(link_token)
    if side is EmailSide.OLD:
        change.old_agreed_at = change.old_agreed_at or clock.now()
    else:
        change.new_agreed_at = change.new_agreed_at or clock.now()
    if change.old_agreed_at and change.new_agreed_at:
        _carry_out(change)
    return change


@use_case
def stop_email_change(actor: Actor, link_token: str) -> EmailChange:
    """The old address says no. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    change, side = _open_of_link(link_token)
    if side is not EmailSide.OLD:
        raise LinkExpired()
    change.ended_at = clock.now()
    return change


def _open_of_link(link_token: str) -> tuple[EmailChange, EmailSide]:
    change_id, side = links.read_email_change(link_token)
    change = db.session().get(EmailChange, change_id, with_for_update=True)
    if change is None or change.ended_at is not None:
        raise LinkExpired()
    return change, side


def _carry_out(change: EmailChange) -> None:
    if db.session().scalar(select(exists().where(User.email == change.new_email))):
        raise Conflict("email_taken")
    user = db.session().get_one(User, change.user_id)
    user.email = change.new_email
    user.session_key = secret_text()  # links that were mailed to the old address are worthless
    change.ended_at = clock.now()
    record(EmailChanged(change.id))


def _end_open(user_id: UserId) -> None:
    open_ = update(EmailChange).where(EmailChange.user_id == user_id, EmailChange.ended_at.is_(None))
    db.session().execute(open_.values(ended_at=clock.now()))

"""From the wish of the old owner to the consent of the new one. Nothing changes before both have agreed."""

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from accounts import access
from accounts.access import SYSTEM, Actor, ActorKind, allowed
from accounts.addresses import clean_email
from accounts.errors import OtherPerson
from accounts.models import Account, User
from accounts.presence import fresh
from accounts.queries.actors import grants_of
from accounts.rights import Right
from accounts.use_cases.people import new_user
from accounts.values import AccountId
from billing import payees
from handovers import inventory, links
from handovers.errors import AccountsBelow, HandOverOpen, InvoicesOpen, KnownAlready, TooLateToUndo
from handovers.events import HandOverAgreed, HandOverEnded, HandOverOffered, HandOverRequested
from handovers.models import HandOver
from handovers.use_cases.carrying_out import carry_out
from handovers.values import ANSWER_WITHIN, LONGEST_AHEAD, UNDOABLE, HandOverId, HandOverState, Side
from kit import clock, db, signing
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case
from licensing.holdings import overdue_invoices

LONGEST_NAME = 120


@use_case
def request_hand_over(
    actor: Actor, account_id: AccountId, *, email: str, name: str = "", on: date | None = None
) -> HandOver:
    """Name the new owner of an account. `on`: the day from whose beginning it is his, in the account's zone; None: as
    soon as both have agreed. The old owner confirms by mail first.

    Raises CheckNeeded, AccountsBelow, HandOverOpen, InvoicesOpen, Conflict("suspended"), Invalid(email=, on=).
    """
    account = allowed(actor, Right.HAND_OVER, Account, account_id, lock=True)
    fresh(actor)
    if inventory.accounts_below(account):
        raise AccountsBelow()
    if links.under_way(account_id) is not None:
        raise HandOverOpen()
    if payees.suspended(account_id):
        raise Conflict("suspended")
    if overdue_invoices(account_id):
        raise InvoicesOpen()
    asking = db.session().get_one(User, actor.id)
    address, now = clean_email(email), clock.now()
    if address == asking.email:
        raise Invalid(email="same")
    due_at = None if on is None else _begin_of(on, account.time_zone)
    row = HandOver(
        id=new_id(),
        account_id=account_id,
        state=HandOverState.REQUESTED,
        email=address,
        name=" ".join(name.split())[:LONGEST_NAME],
        requested_by=asking.id,
        requested_at=now,
        due_at=due_at,
        expires_at=now + ANSWER_WITHIN,
    )
    db.session().add(row)
    record(HandOverRequested(row.id))
    return row


@use_case
def confirm_hand_over(actor: Actor, link_token: str) -> HandOver:
    """The old owner means it: the new one is asked. Raises LinkExpired, LinkBroken, CheckNeeded."""
    hand_over_id, _ = links.read(link_token)
    allowed(actor, Right.HAND_OVER, HandOver, hand_over_id, lock=True)
    fresh(actor)
    row = links.waiting(link_token, Side.OLD)
    row.state, row.old_agreed_at = HandOverState.OFFERED, clock.now()
    record(HandOverOffered(row.id))
    return row


@use_case
def cancel_hand_over(actor: Actor, hand_over_id: HandOverId) -> HandOver:
    """Undo it, as long as the new owner has not agreed; twice is harmless. Raises TooLateToUndo."""
    row = allowed(actor, Right.HAND_OVER, HandOver, hand_over_id, lock=True)
    if row.state is HandOverState.CANCELLED:
        return row
    if row.state not in UNDOABLE:
        raise TooLateToUndo()
    _end(row, HandOverState.CANCELLED, actor)
    return row


@use_case
def accept_hand_over(actor: Actor, link_token: str) -> HandOver:
    """Take the account, as the person whose address was named. Raises LinkExpired, LinkBroken, OtherPerson."""
    row = links.waiting(link_token, Side.NEW, lock=True)
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id, row.account_id)
    user = db.session().get(User, actor.id)
    if user is None or user.email != row.email:
        raise OtherPerson()
    return _agree(row, user.id)


@use_case
def store_new_owner(actor: Actor, link_token: str, *, password_hash: str, name: str) -> HandOver:
    """Make a login for the new owner, whose address the link proves, and take the account.

    Raises LinkExpired, LinkBroken, KnownAlready.
    """
    access.public("the signed link is the right")
    row = links.waiting(link_token, Side.NEW, lock=True)
    user = db.session().scalar(select(User).where(User.email == row.email))
    if user is not None and user.password_hash is not None:
        raise KnownAlready()
    account = db.session().get_one(Account, row.account_id)
    user = user or new_user(row.email, name="", language=account.language, password_hash=None)
    user.name, user.password_hash = " ".join(name.split())[:LONGEST_NAME] or row.name, password_hash
    user.confirmed_at = user.confirmed_at or clock.now()
    return _agree(row, user.id)


@use_case
def decline_hand_over(actor: Actor, link_token: str) -> None:
    """The new owner does not want it; the old one is told. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    _end(links.waiting(link_token, Side.NEW, lock=True), HandOverState.DECLINED, actor)


def _agree(row: HandOver, user_id: UUID) -> HandOver:
    if not _still_wanted(row):
        raise signing.LinkExpired()
    row.state, row.user_id, row.new_agreed_at = HandOverState.AGREED, user_id, clock.now()
    db.session().flush()
    if row.due_at is None or row.due_at <= clock.now():
        carry_out(SYSTEM, HandOverId(row.id))
    else:
        record(HandOverAgreed(row.id))
    return row


def _still_wanted(row: HandOver) -> bool:
    """Whoever offers it has to be its owner still."""
    offering = Actor(ActorKind.USER, row.requested_by, grants_of(row.requested_by))
    return access.can(offering, Right.HAND_OVER, row.account_id)


def _end(row: HandOver, state: HandOverState, actor: Actor) -> None:
    row.state, row.ended_at, row.ended_by = state, clock.now(), actor.reference
    record(HandOverEnded(row.id))


def _begin_of(on: date, zone: str) -> datetime:
    """Midnight there. Today is now; what is over can't be chosen. Raises Invalid(on=)."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    if on < today:
        raise Invalid(on="in_the_past")
    if on > today + LONGEST_AHEAD:
        raise Invalid(on="too_large")
    return datetime.combine(on, time.min, tzinfo=ZoneInfo(zone))

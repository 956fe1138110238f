"""Roles offered and asked for: nothing counts before the other side has agreed."""

from typing import Unpack
from uuid import UUID

from sqlalchemy import select

from accounts import access, links
from accounts.access import Actor, ActorKind, allowed
from accounts.addresses import clean_email
from accounts.bounds import must_hold_rights
from accounts.errors import OtherPerson
from accounts.events import InvitationAnswered, InvitationSent
from accounts.models import Account, ApiToken, Grant, Invitation, User
from accounts.queries.actors import grants_of
from accounts.rights import Right, Role
from accounts.use_cases.grants import Terms, TermsGiven, give, judge, terms_rights
from accounts.use_cases.people import new_user
from accounts.values import AccountId, InvitationId, InvitationKind, InvitationState
from kit import clock, db, signing
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case


@use_case
def invite(
    actor: Actor,
    account_id: AccountId,
    *,
    email: str,
    kind: InvitationKind = InvitationKind.PERSON,
    name: str = "",
    **terms: Unpack[TermsGiven],
) -> Invitation:
    """Offer a role to a person or a company by mail, or ask the owner of another account for one (`REQUEST`).

    Raises MoreThanOneHolds, Conflict("invited_already"), Invalid.
    """
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    wanted, address = Terms(**terms), clean_email(email)
    if kind is InvitationKind.REQUEST:
        if wanted.role in (None, Role.API_CLIENT) or wanted.station_id or wanted.group_id:
            raise Invalid(role="unknown")
    else:
        judge(actor, account_id, wanted)
    open_ones = select(Invitation.id).where(
        Invitation.account_id == account_id,
        Invitation.email == address,
        Invitation.kind == kind,
        Invitation.state == InvitationState.OPEN,
        Invitation.expires_at > clock.now(),
        Invitation.role.is_not_distinct_from(wanted.role),
        Invitation.own_role_id.is_not_distinct_from(wanted.own_role_id),
        Invitation.station_id.is_not_distinct_from(wanted.station_id),
        Invitation.group_id.is_not_distinct_from(wanted.group_id),
    )
    if db.session().scalar(open_ones) is not None:
        raise Conflict("invited_already")
    sent = Invitation(
        id=new_id(),
        account_id=account_id,
        kind=kind,
        email=address,
        name=" ".join(name.split())[:120],
        sent_by=actor.reference,
        sent_at=clock.now(),
        expires_at=clock.now() + links.INVITATION_VALID,
        **vars(wanted),
    )
    db.session().add(sent)
    record(InvitationSent(sent.id))
    return sent


@use_case
def withdraw_invitation(actor: Actor, invitation_id: InvitationId) -> None:
    """The link in the mail opens nothing any more; twice is harmless."""
    sent = allowed(actor, Right.MANAGE_PEOPLE, Invitation, invitation_id, lock=True)
    if sent.state is InvitationState.OPEN:
        _answer(sent, InvitationState.WITHDRAWN, actor)


@use_case
def accept_invitation(actor: Actor, link_token: str, *, account_id: AccountId | None = None) -> Grant:
    """Take the role, as the person whose address it was sent to. A company's is taken by whoever manages its people
    (`account_id`); one that is asked for is given by whoever manages the people of `account_id` and holds as much.

    Raises LinkExpired, LinkBroken, OtherPerson, MoreThanOneHolds.
    """
    sent = links.invitation_of_offer(link_token)
    if actor.kind is not ActorKind.USER or actor.id is None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id, sent.account_id)
    user = db.session().get(User, actor.id)
    if user is None or user.email != sent.email:
        raise OtherPerson()
    return _accept(sent, actor, user.id, account_id)


@use_case
def store_invited_login(actor: Actor, link_token: str, *, password_hash: str, name: str) -> User:
    """Make a login for the invited person, whose address the link proves, and take the role.

    Raises LinkExpired, LinkBroken, Conflict("known_already").
    """
    access.public("the signed link is the right")
    sent = links.invitation_of_offer(link_token)
    if sent.kind is not InvitationKind.PERSON:
        raise signing.LinkExpired()
    user = db.session().scalar(select(User).where(User.email == sent.email))
    if user is not None and user.password_hash is not None:
        raise Conflict("known_already")
    account = db.session().get_one(Account, sent.account_id)
    user = user or new_user(sent.email, name="", language=account.language, password_hash=None)
    user.name, user.password_hash = " ".join(name.split())[:120] or sent.name, password_hash
    user.confirmed_at = user.confirmed_at or clock.now()
    _accept(sent, Actor(ActorKind.USER, user.id, grants_of(user.id)), user.id, None)
    return user


@use_case
def decline_invitation(actor: Actor, link_token: str) -> None:
    """Say no; whoever sent it is told. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    sent = links.invitation_of_offer(link_token)
    _answer(sent, InvitationState.DECLINED, actor)
    record(InvitationAnswered(sent.id))


def _accept(sent: Invitation, actor: Actor, user_id: UUID, account_id: AccountId | None) -> Grant:
    terms = Terms(sent.role, sent.own_role_id, sent.station_id, sent.group_id, sent.ends_at)
    if sent.kind is InvitationKind.REQUEST:
        place = _chosen(actor, sent, account_id)
        judge(actor, place, terms)
        grant = give(place, terms, by=actor.reference, holder_id=sent.account_id)
    else:
        _must_still_hold(sent, terms)
        company = sent.kind is InvitationKind.COMPANY
        holder = _chosen(actor, sent, account_id) if company else None
        grantee = {"holder_id": holder} if holder else {"user_id": user_id}
        grant = give(AccountId(sent.account_id), terms, by=sent.sent_by, **grantee)
    sent.grant_id = grant.id
    _answer(sent, InvitationState.ACCEPTED, actor)
    record(InvitationAnswered(sent.id))
    return grant


def _chosen(actor: Actor, sent: Invitation, account_id: AccountId | None) -> AccountId:
    """The account on the answering side."""
    if account_id is None or account_id == sent.account_id:
        raise Invalid(account="unknown")
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    return account_id


def _must_still_hold(sent: Invitation, terms: Terms) -> None:
    """Whoever sent it may have lost the right since."""
    kind, _, number = sent.sent_by.partition(":")
    if kind == ActorKind.TOKEN.value:
        token = db.session().get(ApiToken, UUID(number))
        if token is None or token.revoked_at is not None:
            raise signing.LinkExpired()
    if kind == ActorKind.USER.value:
        sender = Actor(ActorKind.USER, UUID(number), grants_of(UUID(number)))
        if not access.can(sender, Right.MANAGE_PEOPLE, sent.account_id):
            raise signing.LinkExpired()
        must_hold_rights(sender, terms_rights(terms), sent.account_id)
    if terms.ends_at is not None and terms.ends_at <= clock.now():
        raise signing.LinkExpired()


def _answer(sent: Invitation, state: InvitationState, actor: Actor) -> None:
    sent.state, sent.answered_at, sent.answered_by = state, clock.now(), actor.reference

"""Roles that wait for an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts import access, links, shares
from accounts.access import Actor, allowed_in
from accounts.models import Account, Invitation, OwnRole, StationGroup, User
from accounts.queries.people import names_of
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.values import AccountId, InvitationKind, InvitationState
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query


@dataclass(frozen=True)
class OfferedRole:
    """An invitation as people read it. `known`: there is a login with a password under its address."""

    id: UUID
    kind: InvitationKind
    state: InvitationState
    account_id: UUID
    account: str
    email: str
    name: str
    role: Role | None
    own_role: str | None
    rights: frozenset[Right]
    station_id: UUID | None
    group_id: UUID | None
    group: str | None
    ends_at: datetime | None
    by: str | None
    sent_at: datetime
    expires_at: datetime
    known: bool


@query
def invitations(actor: Actor, account_id: AccountId) -> list[OfferedRole]:
    """What this account offered or asked for and nobody has answered yet; the newest first."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    waiting = Invitation.state == InvitationState.OPEN, Invitation.expires_at > clock.now()
    return _offered(Invitation.account_id == account_id, *waiting)


@query
def invitation_of_link(actor: Actor, link_token: str) -> OfferedRole:
    """What a mailed link offers. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    [offered] = _offered(Invitation.id == links.invitation_of_offer(link_token).id)
    return offered


@query
def invitation_letter(actor: Actor, invitation_id: UUID) -> tuple[Invitation, Account, str, User | None]:
    """For letters: an invitation, which account sent it, the language of its reader, and the person who sent it."""
    access.system(actor)
    sent = db.session().get(Invitation, invitation_id)
    if sent is None:
        raise NotFound()
    account = db.session().get_one(Account, sent.account_id)
    reader = db.session().scalar(select(User).where(User.email == sent.email))
    kind, _, number = sent.sent_by.partition(":")
    sender = db.session().get(User, UUID(number)) if kind == access.ActorKind.USER.value else None
    return sent, account, reader.language if reader else account.language, sender


def _offered(*conditions: Any) -> list[OfferedRole]:
    joined = (
        select(Invitation, Account.name, OwnRole.name, StationGroup.name, User.password_hash.is_not(None))
        .join(Account, Account.id == Invitation.account_id)
        .outerjoin(OwnRole, OwnRole.id == Invitation.own_role_id)
        .outerjoin(StationGroup, StationGroup.id == Invitation.group_id)
        .outerjoin(User, User.email == Invitation.email)
        .where(*conditions)
        .order_by(Invitation.sent_at.desc(), Invitation.id.desc())
    )
    rows: list[tuple[Any, ...]] = [tuple(row) for row in db.session().execute(joined)]
    names = names_of(access.SYSTEM, {row[0].sent_by for row in rows})
    copied = ("id", "kind", "state", "account_id", "email", "name", "role", "station_id", "group_id", "ends_at")
    return [
        OfferedRole(
            **{name: getattr(sent, name) for name in (*copied, "sent_at", "expires_at")},
            account=account,
            own_role=own_role,
            rights=ROLE_RIGHTS[sent.role] if sent.role else shares.rights_of_own(sent.own_role_id),
            group=group,
            by=names.get(sent.sent_by),
            known=bool(known),
        )
        for sent, account, own_role, group, known in rows
    ]

"""Roles offered and asked for, which wait for the other side."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.rights import Role
from accounts.values import AccountId, InvitationId, InvitationKind, InvitationState
from graphql_api.accounts import DoneResult, done
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable

strawberry.enum(
    InvitationKind, name="InvitationKind", description="For a person, for a company, or a company asks for a role."
)
strawberry.enum(InvitationState, name="InvitationState")


@strawberry.type(description="A role that waits for the consent of the other side; the mail with its link is sent.")
class Invitation:
    """An invitation."""

    id: UUID
    kind: InvitationKind
    state: InvitationState
    account_id: UUID
    email: str
    role: Role | None
    own_role: str | None
    station_id: UUID | None
    group_id: UUID | None
    ends_at: datetime | None
    sent_at: datetime
    expires_at: datetime


InvitationResult = Annotated[Invitation | Problem, strawberry.union("InvitationResult")]


@strawberry.type
class InvitationQueries:
    """Reading invitations."""

    @strawberry.field(description="What an account offered or asked for and nobody has answered yet.")
    def invitations(self, info: Info, account_id: UUID) -> list[Invitation]:
        """The newest first."""
        return [_shown(one) for one in queries.invitations(info.context.actor, AccountId(account_id))]


@strawberry.type
class InvitationMutations:
    """Sending, answering, withdrawing."""

    @strawberry.mutation(description="Offer a role by mail, or ask another account for one; it counts once accepted.")
    @refusable
    def invite(
        self,
        info: Info,
        account_id: UUID,
        email: str,
        kind: InvitationKind = InvitationKind.PERSON,
        name: str = "",
        role: Role | None = None,
        own_role_id: UUID | None = None,
        station_id: UUID | None = None,
        group_id: UUID | None = None,
        ends_at: datetime | None = None,
    ) -> InvitationResult:
        """An invitation on its way."""
        actor = info.context.actor
        sent = use_cases.invite(
            actor,
            AccountId(account_id),
            email=email,
            kind=kind,
            name=name,
            role=role,
            own_role_id=own_role_id,
            station_id=station_id,
            group_id=group_id,
            ends_at=ends_at,
        )
        return _shown(next(one for one in queries.invitations(actor, AccountId(account_id)) if one.id == sent.id))

    @strawberry.mutation(description="Make the link of an invitation worthless.")
    @refusable
    def withdraw_invitation(self, info: Info, id: UUID) -> DoneResult:
        """An invitation less."""
        use_cases.withdraw_invitation(info.context.actor, InvitationId(id))
        return done()

    @strawberry.mutation(
        description="Accept an invitation by the last part of its link, as the person whose address it went to. "
        "`accountId`: the company that takes the role, or the account that gives the one that was asked for."
    )
    @refusable
    def accept_invitation(self, info: Info, link: str, account_id: UUID | None = None) -> DoneResult:
        """A role taken."""
        chosen = None if account_id is None else AccountId(account_id)
        use_cases.accept_invitation(info.context.actor, link, account_id=chosen)
        return done()

    @strawberry.mutation(description="Decline an invitation by the last part of its link.")
    @refusable
    def decline_invitation(self, info: Info, link: str) -> DoneResult:
        """A role not taken."""
        use_cases.decline_invitation(info.context.actor, link)
        return done()


def _shown(one: queries.OfferedRole) -> Invitation:
    return Invitation(**{name: getattr(one, name) for name in Invitation.__annotations__})

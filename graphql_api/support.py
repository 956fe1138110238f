"""Visits of support: what the platform's staff asks to see, and the account's answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.values import AccountId, SupportState, SupportVisitId
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable

strawberry.enum(SupportState, name="SupportState", description="Over: ended, withdrawn, or never answered.")


@strawberry.type(
    description="Support asks to see an account; it changes nothing there, and sees nothing without consent."
)
class SupportVisit:
    """A visit of support."""

    id: UUID
    account_id: UUID
    who: str = strawberry.field(description="Who asked, and comes.")
    reason: str
    hours: int
    with_import: bool = strawberry.field(description="Support also asks to import for the account.")
    state: SupportState
    asked_at: datetime
    waits_until: datetime = strawberry.field(description="When the question lapses.")
    answered_at: datetime | None
    ends_at: datetime | None = strawberry.field(description="When the visit ends by itself, once agreed to.")
    ended_at: datetime | None


SupportVisitResult = Annotated[SupportVisit | Problem, strawberry.union("SupportVisitResult")]


@strawberry.type
class SupportQueries:
    """Reading visits."""

    @strawberry.field(description="The visits of support in an account, those that wait for an answer first.")
    def support_visits(self, info: Info, account_id: UUID) -> list[SupportVisit]:
        """At most the last fifty."""
        return [_shown(one) for one in queries.visits(info.context.actor, AccountId(account_id))]


@strawberry.type
class SupportMutations:
    """Agreeing, declining, ending."""

    @strawberry.mutation(description="Let support see the account from now on, for as long as it asked.")
    @refusable
    def agree_to_support_visit(self, info: Info, id: UUID) -> SupportVisitResult:
        """A visit that may begin."""
        return _of(info, use_cases.agree_to_visit(info.context.actor, SupportVisitId(id)).account_id, id)

    @strawberry.mutation(description="Do not let support see the account.")
    @refusable
    def decline_support_visit(self, info: Info, id: UUID) -> SupportVisitResult:
        """A visit that does not happen."""
        return _of(info, use_cases.decline_visit(info.context.actor, SupportVisitId(id)).account_id, id)

    @strawberry.mutation(description="End a visit at once. Twice is harmless.")
    @refusable
    def end_support_visit(self, info: Info, id: UUID) -> SupportVisitResult:
        """A visit that is over."""
        return _of(info, use_cases.end_visit(info.context.actor, SupportVisitId(id)).account_id, id)


def _of(info: Info, account_id: UUID, visit_id: UUID) -> SupportVisit:
    found = queries.visits(info.context.actor, AccountId(account_id))
    return _shown(next(one for one in found if one.id == visit_id))


def _shown(one: queries.Visit) -> SupportVisit:
    return SupportVisit(**{name: getattr(one, name) for name in SupportVisit.__annotations__})

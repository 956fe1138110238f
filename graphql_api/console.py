"""The console by GraphQL: accounts of the platform, wishes to be of another legal kind, switches, announcements.

For the staff of the platform, signed in as people; for others nothing of it exists.
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts import queries, use_cases
from accounts.values import AccountId, AccountKind
from announcements import queries as announcing
from announcements import use_cases as announcement_deeds
from announcements.values import AnnouncementId, Audience
from billing import queries as billing
from billing import use_cases as billing_deeds
from billing.values import LegalChangeId, LegalChangeState
from graphql_api.accounts import DoneResult, done
from graphql_api.announcements import Announcement, shown
from graphql_api.connections import Connection, numbered
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.verification import LegalChange
from kit.paging import Page

if TYPE_CHECKING:
    from accounts.models import Account as AccountRow

strawberry.enum(Audience, name="AnnouncementAudience", description="Whom an announcement is for.")


@strawberry.type(description="Any account of the platform, as its staff sees it.")
class Tenant:
    """An account."""

    id: UUID
    kind: AccountKind
    name: str
    legal_name: str
    city: str
    contact_email: str
    platform_fee_percent: Decimal | None = strawberry.field(
        description="Of a paid session, as agreed with this account; null: what the platform takes of everybody."
    )
    suspended_at: datetime | None = strawberry.field(description="Since when no new paid sessions start.")
    reviewed_at: datetime | None = strawberry.field(description="When staff looked at the seller data.")

    @classmethod
    def of(cls, row: "AccountRow") -> Self:
        """As the schema shows it."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


@strawberry.type(description="A wish to be of another legal kind, as the platform's staff decides it.")
class LegalChangeCase(LegalChange):
    """What would change, and why."""

    account_id: UUID
    account_name: str
    before: JSON = strawberry.field(description="The legal data when it was asked.")
    wanted: JSON

    @classmethod
    def of(cls, row: billing.LegalChangeRow) -> Self:
        """As the schema shows it."""
        told = ("id", "account_id", "state", "legal_kind", "reason", "asked_at", "answer", "decided_at")
        facts = {name: getattr(row.change, name) for name in (*told, "before", "wanted")}
        return cls(account_name=row.account_name, legal_name=row.change.wanted["legal_name"], **facts)


@strawberry.type(description="A function that is switched on step by step.")
class Flag:
    """For how many, and for whom in any case."""

    name: str
    percent: int = strawberry.field(description="For so many of a hundred accounts; 100: for everybody.")
    account_ids: list[UUID] = strawberry.field(description="For these in any case, with all below them.")


@strawberry.type(description="An announcement and whom it is for.")
class WrittenAnnouncement:
    """As its writers see it."""

    announcement: Announcement
    audience: Audience
    plan: str
    account_ids: list[UUID]


TenantResult = Annotated[Tenant | Problem, strawberry.union("TenantResult")]
LegalChangeCaseResult = Annotated[LegalChangeCase | Problem, strawberry.union("LegalChangeCaseResult")]


@strawberry.type
class ConsoleQueries:
    """Looking at the whole platform."""

    @strawberry.field(
        description="All accounts of the platform by name. `toReview`: complete seller data that nobody looked at yet. "
        "For staff."
    )
    def tenants(
        self, info: Info, search: str = "", to_review: bool = False, first: int = 25, after: str | None = None
    ) -> Connection[Tenant]:
        """A page of them."""

        def load(number: int, size: int) -> "Page[AccountRow]":
            return queries.tenants(info.context.actor, search=search, to_review=to_review, number=number, size=size)

        return numbered(info, (first, after), load, Tenant.of)

    @strawberry.field(
        description="Wishes to be of another legal kind: those that wait oldest first, others newest first. For staff."
    )
    def legal_changes(
        self,
        info: Info,
        state: LegalChangeState = LegalChangeState.WAITING,
        first: int = 25,
        after: str | None = None,
    ) -> Connection[LegalChangeCase]:
        """A page of them."""

        def load(number: int, size: int) -> Page[billing.LegalChangeRow]:
            return billing.legal_changes(info.context.actor, state=state, number=number, size=size)

        return numbered(info, (first, after), load, LegalChangeCase.of)

    @strawberry.field(description="Every function that is switched on step by step. For staff.")
    def flags(self, info: Info) -> list[Flag]:
        """How far each is on."""
        return [
            Flag(name=row.flag.value, percent=row.percent, account_ids=[one.id for one in row.accounts])
            for row in queries.flags(info.context.actor)
        ]

    @strawberry.field(description="Every announcement, the newest first. For staff.")
    def all_announcements(
        self, info: Info, first: int = 25, after: str | None = None
    ) -> Connection[WrittenAnnouncement]:
        """A page of them."""

        def load(number: int, size: int) -> Page[announcing.Written]:
            return announcing.all_announcements(info.context.actor, number=number, size=size)

        return numbered(info, (first, after), load, _written)


@strawberry.type
class ConsoleMutations:
    """Deciding for the platform."""

    @strawberry.mutation(description="Start no new paid sessions in an account; what runs goes on. For staff.")
    @refusable
    def suspend_tenant(self, info: Info, account_id: UUID) -> TenantResult:
        """It sells no more."""
        return Tenant.of(use_cases.suspend_account(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(description="Lift a suspension. For staff.")
    @refusable
    def resume_tenant(self, info: Info, account_id: UUID) -> TenantResult:
        """It sells again."""
        return Tenant.of(use_cases.resume_account(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(description="Note that the seller data were looked at and are right. For staff.")
    @refusable
    def review_tenant(self, info: Info, account_id: UUID) -> TenantResult:
        """It is looked at."""
        return Tenant.of(use_cases.review_account(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(
        description="Agree on a fee with one account, in percent of a paid session; null: as with everybody. For staff."
    )
    @refusable
    def set_platform_fee(self, info: Info, account_id: UUID, percent: Decimal | None = None) -> TenantResult:
        """Another fee."""
        return Tenant.of(use_cases.set_platform_fee(info.context.actor, AccountId(account_id), percent=percent))

    @strawberry.mutation(description="Grant a wish to be of another legal kind. For staff.")
    @refusable
    def approve_legal_change(self, info: Info, id: UUID, answer: str = "") -> LegalChangeCaseResult:
        """The operator is verified anew."""
        billing_deeds.approve_legal_change(info.context.actor, LegalChangeId(id), answer=answer)
        return LegalChangeCase.of(billing.legal_change(info.context.actor, LegalChangeId(id)))

    @strawberry.mutation(description="Decline such a wish; the operator reads why. For staff.")
    @refusable
    def decline_legal_change(self, info: Info, id: UUID, answer: str) -> LegalChangeCaseResult:
        """It stays as it is."""
        billing_deeds.decline_legal_change(info.context.actor, LegalChangeId(id), answer=answer)
        return LegalChangeCase.of(billing.legal_change(info.context.actor, LegalChangeId(id)))

    @strawberry.mutation(
        description="Switch a function on for so many of a hundred accounts, and for these with all below. For staff."
    )
    @refusable
    def set_flag(self, info: Info, name: str, percent: int, account_ids: list[UUID]) -> DoneResult:
        """It counts at once."""
        use_cases.set_flag(info.context.actor, name, percent=percent, account_ids=account_ids)
        return done()

    @strawberry.mutation(description="Show an announcement no more; it stays on the list. For staff.")
    @refusable
    def end_announcement(self, info: Info, id: UUID) -> DoneResult:
        """It is over."""
        announcement_deeds.end_announcement(info.context.actor, AnnouncementId(id))
        return done()


def _written(one: announcing.Written) -> WrittenAnnouncement:
    return WrittenAnnouncement(
        announcement=shown(one.notice),
        audience=one.row.audience,
        plan=one.row.plan,
        account_ids=[row.id for row in one.accounts],
    )

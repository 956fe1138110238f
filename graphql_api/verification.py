"""How far the operator of an account is verified, and the steps to it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from accounts.values import AccountId
from billing import onboarding, queries, use_cases
from billing.values import Earning, LegalChangeState, LegalKind, VerificationState
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.former_payees import FormerPayee

strawberry.enum(LegalKind, name="LegalKind", description="Who an operator is before the law.")
strawberry.enum(
    VerificationState,
    name="VerificationState",
    description="How far an operator is verified. Restricted: the time for it is over, or the provider refused.",
)
strawberry.enum(Earning, name="Earning", description="A step of earning money that a verification may be needed for.")
strawberry.enum(
    LegalChangeState, name="LegalChangeState", description="What became of a wish to be of another legal kind."
)


@strawberry.type(description="A wish to be a company instead of a private person, or the other way round.")
class LegalChange:
    """What staff of the platform decide."""

    id: UUID
    state: LegalChangeState
    legal_kind: LegalKind
    legal_name: str
    reason: str
    asked_at: datetime
    answer: str
    decided_at: datetime | None


@strawberry.type(description="How far the operator of an account is verified.")
class Verification:
    """The state and what is missing."""

    account_id: UUID
    holder_id: UUID = strawberry.field(
        description="The account whose verification counts here: this one, or one above."
    )
    state: VerificationState
    legal_kind: LegalKind | None
    blocked: list[Earning] = strawberry.field(description="What is not possible in this state.")
    due_at: datetime | None = strawberry.field(description="Until when there is time for what is missing.")
    restricted_at: datetime | None
    requirements: list[str] = strawberry.field(description="The provider's own codes of what it still wants.")
    iban: str = strawberry.field(description="The ends of the IBAN; empty without a bank account.")
    payouts_held_at: datetime | None = strawberry.field(
        description="Since when the payment provider keeps the income instead of paying it out."
    )
    changes: list[LegalChange] = strawberry.field(description="The account's own wishes, newest first.")

    @strawberry.field(
        description="What this account had earned through earlier accounts at a payment provider, and what is held "
        "back there still."
    )
    def left_behind(self, info: Info) -> list[FormerPayee]:
        """Since when, and whether it is let go."""
        here = AccountId(self.account_id)
        return [FormerPayee.of(row) for row in queries.payouts_left_behind(info.context.actor, here)]


@strawberry.input(description="Who an operator is before the law; it stands on price pages and receipts.")
class LegalDataInput:
    """What the law asks for."""

    legal_name: str
    street: str
    postcode: str
    city: str
    country: str = strawberry.field(description="ISO 3166, two letters.")
    uid: str = strawberry.field(default="", description="The Swiss UID or the VAT number; it is checked.")
    vat_registered: bool = False

    def facts(self) -> use_cases.LegalData:
        """As the doors take it."""
        return use_cases.LegalData(
            legal_name=self.legal_name,
            street=self.street,
            postcode=self.postcode,
            city=self.city,
            country=self.country,
            uid=self.uid,
            vat_registered=self.vat_registered,
        )


VerificationResult = Annotated[Verification | Problem, strawberry.union("VerificationResult")]


def _verification(info: Info, account_id: AccountId) -> Verification:
    known = queries.verification(info.context.actor, account_id)
    return Verification(
        account_id=account_id,
        holder_id=known.holder_id,
        state=known.state,
        legal_kind=known.legal_kind,
        blocked=sorted(known.blocked, key=lambda step: step.value),
        due_at=known.due_at,
        restricted_at=known.restricted_at,
        requirements=list(known.requirements),
        iban=known.iban,
        payouts_held_at=known.payouts_held_at,
        changes=[
            LegalChange(
                id=row.id,
                state=row.state,
                legal_kind=row.legal_kind,
                legal_name=row.wanted["legal_name"],
                reason=row.reason,
                asked_at=row.asked_at,
                answer=row.answer,
                decided_at=row.decided_at,
            )
            for row in queries.legal_changes_of(info.context.actor, account_id)
        ],
    )


@strawberry.type
class VerificationQueries:
    """Reading how far operators are verified."""

    @strawberry.field(description="How far the operator of an account is verified, and what is missing.")
    def verification(self, info: Info, account_id: UUID) -> Verification:
        """The verification that counts for one account."""
        return _verification(info, AccountId(account_id))


@strawberry.type
class VerificationMutations:
    """The steps to be verified. The second one, the provider's page, is `connectProviderAccount`."""

    @strawberry.mutation(description="The first step: legal data, as a private person or as a company.")
    @refusable
    def tell_legal_data(
        self, info: Info, account_id: UUID, legal_kind: LegalKind, data: LegalDataInput
    ) -> VerificationResult:
        """Who sells."""
        use_cases.tell_legal_data(info.context.actor, AccountId(account_id), legal_kind=legal_kind, **data.facts())
        return _verification(info, AccountId(account_id))

    @strawberry.mutation(description="The third step: the bank account, in the country of the legal data.")
    @refusable
    def set_bank_account(self, info: Info, account_id: UUID, iban: str) -> VerificationResult:
        """Where the income is paid out."""
        onboarding.set_bank_account(info.context.actor, AccountId(account_id), iban)
        return _verification(info, AccountId(account_id))

    @strawberry.mutation(description="Wish to be of the other legal kind; staff of the platform decide.")
    @refusable
    def request_legal_change(
        self, info: Info, account_id: UUID, data: LegalDataInput, reason: str
    ) -> VerificationResult:
        """A person becomes a company, or the other way round."""
        use_cases.request_legal_change(info.context.actor, AccountId(account_id), reason=reason, **data.facts())
        return _verification(info, AccountId(account_id))

    @strawberry.mutation(description="Take such a wish back while it waits.")
    @refusable
    def withdraw_legal_change(self, info: Info, account_id: UUID) -> VerificationResult:
        """Leave it as it is."""
        use_cases.withdraw_legal_change(info.context.actor, AccountId(account_id))
        return _verification(info, AccountId(account_id))

"""Partners: the directory, one's own company, installers whom operators propose."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.connections import Connection, numbered
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit.paging import Page
from partners import queries, use_cases
from partners.queries import Listed
from partners.values import PartnerId, Profile, Region, TrainingState

strawberry.enum(Region, name="Region", description="A canton, or a country around Switzerland, by ISO 3166.")
strawberry.enum(TrainingState, name="TrainingState")


@strawberry.type(description="A company that puts stations into service for operators.")
class Partner:
    """A partner as everybody sees it."""

    id: UUID
    name: str
    email: str
    description: str
    phone: str
    website: str
    street: str
    postcode: str
    city: str
    regions: list[Region]
    languages: list[str]
    training: TrainingState
    trained_until: date | None

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """The partner as the schema shows it."""
        row = listed.partner
        copied = ("id", "name", "email", "description", "phone", "website", "street", "postcode", "city")
        return cls(
            **{name: getattr(row, name) for name in (*copied, "training", "trained_until")},
            regions=list(listed.regions),
            languages=list(listed.languages),
        )


@strawberry.input(description="What a partner says of itself. `languages`: de, fr, it, en.")
class PartnerInput:
    """A partner's profile."""

    name: str
    email: str
    regions: list[Region]
    languages: list[str]
    description: str = ""
    phone: str = ""
    website: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""

    @property
    def profile(self) -> Profile:
        """As the room has it."""
        facts = vars(self) | {"regions": frozenset(self.regions), "languages": frozenset(self.languages)}
        return Profile(**facts)


@strawberry.type(description="An installer whom an operator proposed; the platform asks the company.")
class InstallerProposal:
    """A proposal."""

    id: UUID
    name: str
    email: str


PartnerResult = Annotated[Partner | Problem, strawberry.union("PartnerResult")]
ProposalResult = Annotated[InstallerProposal | Problem, strawberry.union("InstallerProposalResult")]


@strawberry.type
class PartnerQueries:
    """Reading partners."""

    @strawberry.field(description="The directory: partners whose training counts, by name.")
    def partners(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        search: str = "",
        region: Region | None = None,
        language: str | None = None,
    ) -> Connection[Partner]:
        """One page."""

        def load(number: int, size: int) -> Page[Listed]:
            return queries.directory(
                info.context.actor, search=search, region=region, language=language, number=number, size=size
            )

        return numbered(info, (first, after), load, Partner.of)

    @strawberry.field(description="One partner of the directory.")
    def partner(self, info: Info, id: UUID) -> Partner:
        """A partner whose training counts."""
        return Partner.of(queries.listed_partner(info.context.actor, PartnerId(id)))

    @strawberry.field(description="The partner that an account is, found by others or not; null: it is none.")
    def partner_of_account(self, info: Info, account_id: UUID) -> Partner | None:
        """One's own company."""
        own = queries.partner_of_account(info.context.actor, AccountId(account_id))
        return None if own is None else Partner.of(own)


def _own(info: Info, account_id: UUID) -> Partner:
    own = queries.partner_of_account(info.context.actor, AccountId(account_id))
    assert own is not None
    return Partner.of(own)


@strawberry.type
class PartnerMutations:
    """Becoming a partner, proposing one."""

    @strawberry.mutation(description="Make the company behind an account a partner.")
    @refusable
    def register_partner(self, info: Info, account_id: UUID, partner: PartnerInput) -> PartnerResult:
        """It is found once the platform has trained it."""
        use_cases.register_partner(info.context.actor, AccountId(account_id), profile=partner.profile)
        return _own(info, account_id)

    @strawberry.mutation(description="Say anew what a partner does. `listed` false: nobody finds it.")
    @refusable
    def update_partner(self, info: Info, id: UUID, partner: PartnerInput, listed: bool = True) -> PartnerResult:
        """Everything is replaced."""
        row = use_cases.update_partner(info.context.actor, PartnerId(id), profile=partner.profile, listed=listed)
        return _own(info, row.account_id)

    @strawberry.mutation(description="Name a company that should become a partner; it is asked by mail.")
    @refusable
    def propose_installer(self, info: Info, account_id: UUID, name: str, email: str, note: str = "") -> ProposalResult:
        """The platform is told, too."""
        made = use_cases.propose_installer(info.context.actor, AccountId(account_id), name=name, email=email, note=note)
        return InstallerProposal(id=made.id, name=made.name, email=made.email)

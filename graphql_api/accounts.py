"""Accounts, their people and their keys."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.outline import Outline
from accounts.rights import Right, Role
from accounts.values import AccountId, AccountKind, ApiTokenId, GrantId
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info, given
from graphql_api.errors import Problem, refusable
from kit.errors import Invalid

strawberry.enum(Role, name="Role", description="A set of rights with a name.")
strawberry.enum(AccountKind, name="AccountKind")


@strawberry.type(description="A master account or a property. A master acts by the role that the property gave it.")
class Account:
    """An account in the caller's tree."""

    id: UUID
    name: str
    city: str
    kind: AccountKind
    depth: int = strawberry.field(description="0 stands on top of the caller's tree.")
    parent_id: UUID | None = strawberry.field(description="The account above it; null where the caller sees none.")
    branches_below: int = strawberry.field(description="Master accounts below it that the caller sees, at any depth.")
    properties_below: int = strawberry.field(description="Properties below it that the caller sees, at any depth.")
    time_zone: str
    rights: list[str] = strawberry.field(description="What the caller may do there, as `noun:verb`.")

    @classmethod
    def of(cls, node: queries.AccountNode, outline: Outline) -> Self:
        """The account as the schema shows it."""
        parent = outline.parent(node.id)
        return cls(
            parent_id=parent.id if parent else None,
            branches_below=outline.inside(node.id, AccountKind.MASTER),
            properties_below=outline.inside(node.id, AccountKind.PROPERTY),
            rights=sorted(right.value for right in node.rights),
            **{name: getattr(node, name) for name in ("id", "name", "city", "kind", "depth", "time_zone")},
        )


@strawberry.type(description="An account with the seller's data that stand on its receipts.")
class AccountDetails:
    """Everything about one account."""

    id: UUID
    parent_id: UUID | None
    name: str
    kind: AccountKind
    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    contact_email: str
    contact_phone: str
    time_zone: str
    language: str
    currency: str
    uid: str
    vat_registered: bool
    created_at: datetime


@strawberry.type(description="A role of a person. `inheritedFrom` names the account above where it was given.")
class Person:
    """Somebody who may work in an account."""

    grant_id: UUID
    name: str
    email: str
    role: Role | None = strawberry.field(description="One of the ready roles; null for one of the account's own.")
    own_role: str | None
    station_id: UUID | None = strawberry.field(description="Only this station; null: no such limit.")
    group_id: UUID | None = strawberry.field(description="Only this group of stations; null: no such limit.")
    ends_at: datetime | None
    last_used_at: datetime | None
    confirmed: bool
    last_login_at: datetime | None
    inherited_from: str | None
    needed: bool = strawberry.field(description="The role can't be taken back, as nobody else owns the account.")


@strawberry.type(description="A key for programs.")
class ApiToken:
    """A key without its secret."""

    id: UUID
    name: str
    role: Role
    rights: list[str] | None = strawberry.field(description="Chosen ones, as `noun:verb`; null: all those of the role.")
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@strawberry.type(description="A key just made. `secret` is shown this once.")
class NewApiToken:
    """A key with its secret."""

    token: ApiToken
    secret: str


@strawberry.type(description="The account's part of its chargers' addresses, 16 letters and digits.")
class AccountCode:
    """A code."""

    account_id: UUID
    code: str


@strawberry.type(description="The caller's own login.")
class Profile:
    """A person."""

    id: UUID
    email: str
    name: str
    language: str


@strawberry.type
class Done:
    """A deed that returns nothing else."""

    done: bool = True


@strawberry.input(description="What can be changed of an account; a field that is left out stays as it is.")
class AccountInput:
    """Changes to an account."""

    name: str | None = None
    legal_name: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    time_zone: str | None = None
    language: str | None = None
    uid: str | None = None
    vat_registered: bool | None = None


AccountResult = Annotated[AccountDetails | Problem, strawberry.union("AccountResult")]
AccountCodeResult = Annotated[AccountCode | Problem, strawberry.union("AccountCodeResult")]
ProfileResult = Annotated[Profile | Problem, strawberry.union("ProfileResult")]
TokenResult = Annotated[NewApiToken | Problem, strawberry.union("NewApiTokenResult")]
DoneResult = Annotated[Done | Problem, strawberry.union("DoneResult")]


def done() -> Done:
    """It is done."""
    return Done()


def details_of(row: object) -> AccountDetails:
    """An account as it is shown."""
    fields = AccountDetails.__annotations__
    return AccountDetails(**{name: getattr(row, name) for name in fields})


def rights_of(words: list[str]) -> list[Right]:
    """Rights by their words. Raises Invalid(rights=)."""
    try:
        return [Right(word) for word in words]
    except ValueError:
        raise Invalid(rights="unknown") from None


def _token(row: object) -> ApiToken:
    return ApiToken(**{name: getattr(row, name) for name in ApiToken.__annotations__})


@strawberry.type
class AccountQueries:
    """Reading accounts."""

    @strawberry.field(
        description="Every account the caller sees, masters first, each followed by its properties.",
        deprecation_reason="Use `accountsConnection`.",
    )
    def accounts(self, info: Info) -> list[Account]:
        """The tree, flattened."""
        outline = Outline(queries.account_tree(info.context.actor))
        return [Account.of(node, outline) for node in outline.below()]

    @strawberry.field(
        description="The accounts that the caller sees, masters first, each followed by its properties: all, those "
        "`below` one, those with all words of `text` in their name or town."
    )
    def accounts_connection(
        self, info: Info, first: int = 25, after: str | None = None, below: UUID | None = None, text: str = ""
    ) -> Connection[Account]:
        """A page of the tree. Where it went on has to be there still."""
        size, last = page_size(info, first), read_cursor(after, UUID)
        outline = Outline(queries.account_tree(info.context.actor))
        nodes = outline.found(text, below)
        places = {node.id: place for place, node in enumerate(nodes, 1)}
        if last is not None and last not in places:
            raise Invalid(after="unknown")
        begin = 0 if last is None else places[AccountId(last)]
        here = nodes[begin : begin + size]
        cursors = [cursor(node.id) for node in here]
        return connection([Account.of(node, outline) for node in here], cursors, more=begin + size < len(nodes))

    @strawberry.field(description="One account with its seller's data.")
    def account(self, info: Info, id: UUID) -> AccountDetails:
        """One account."""
        return details_of(queries.account(info.context.actor, AccountId(id)))

    @strawberry.field(description="The account's part of its chargers' addresses: `/ocpp/<code>/<identity>`.")
    def account_code(self, info: Info, account_id: UUID) -> AccountCode:
        """A code of 16 signs."""
        code = queries.account_code(info.context.actor, AccountId(account_id))
        return AccountCode(account_id=account_id, code=code)

    @strawberry.field(description="Everybody with a role in an account, those from the accounts above last.")
    def people(self, info: Info, account_id: UUID) -> list[Person]:
        """The people of an account."""
        found = queries.people(info.context.actor, AccountId(account_id))
        return [Person(**{name: getattr(person, name) for name in Person.__annotations__}) for person in found]

    @strawberry.field(description="The keys of an account that work.")
    def api_tokens(self, info: Info, account_id: UUID) -> list[ApiToken]:
        """The keys of an account."""
        return [_token(row) for row in queries.tokens(info.context.actor, AccountId(account_id))]


@strawberry.type
class AccountMutations:
    """Changing accounts."""

    @strawberry.mutation(description="Make a master account of one's own; for people, a key has no owner to name.")
    @refusable
    def create_account(self, info: Info, name: str, language: str = "de") -> AccountResult:
        """A new master account."""
        return details_of(use_cases.create_account(info.context.actor, name=name, language=language))

    @strawberry.mutation(description="Change one's own name and language; what is left out stays as it is.")
    @refusable
    def update_profile(self, info: Info, name: str | None = None, language: str | None = None) -> ProfileResult:
        """Other facts about oneself."""
        row = use_cases.update_user(info.context.actor, **given(name=name, language=language))
        return Profile(id=row.id, email=row.email, name=row.name, language=row.language)

    @strawberry.mutation(description="Add a property under a master account; seller data not given are taken over.")
    @refusable
    def create_property(self, info: Info, parent_id: UUID, facts: AccountInput) -> AccountResult:
        """A new property."""
        row = use_cases.create_property(info.context.actor, AccountId(parent_id), **given(**vars(facts)))
        return details_of(row)

    @strawberry.mutation(description="Change an account.")
    @refusable
    def update_account(self, info: Info, id: UUID, changes: AccountInput) -> AccountResult:
        """Other facts."""
        return details_of(use_cases.update_account(info.context.actor, AccountId(id), **given(**vars(changes))))

    @strawberry.mutation(
        description="Give an account another code: a new one, or one that stands in its chargers already. Chargers "
        "that dial the old one are not let in any more."
    )
    @refusable
    def renew_account_code(self, info: Info, account_id: UUID, code: str = "") -> AccountCodeResult:
        """Another code."""
        renewed = use_cases.renew_account_code(info.context.actor, AccountId(account_id), account_code=code)
        return AccountCode(account_id=account_id, code=renewed)

    @strawberry.mutation(
        description="Give a person a ready role or one of the account's own, for all of it, one station or one group; "
        "whoever has no login yet is invited by mail."
    )
    @refusable
    def grant_role(
        self,
        info: Info,
        account_id: UUID,
        email: str,
        role: Role | None = None,
        name: str = "",
        own_role_id: UUID | None = None,
        station_id: UUID | None = None,
        group_id: UUID | None = None,
        ends_at: datetime | None = None,
    ) -> DoneResult:
        """A role given."""
        use_cases.grant_role(
            info.context.actor,
            AccountId(account_id),
            email=email,
            role=role,
            name=name,
            own_role_id=own_role_id,
            station_id=station_id,
            group_id=group_id,
            ends_at=ends_at,
        )
        return done()

    @strawberry.mutation(description="Take a role back.")
    @refusable
    def revoke_grant(self, info: Info, grant_id: UUID) -> DoneResult:
        """A role taken."""
        use_cases.revoke_grant(info.context.actor, GrantId(grant_id))
        return done()

    @strawberry.mutation(description="Make a key for a program: for this account and all below it.")
    @refusable
    def create_api_token(
        self,
        info: Info,
        account_id: UUID,
        name: str,
        role: Role = Role.API_CLIENT,
        rights: list[str] | None = None,
        expires_at: datetime | None = None,
    ) -> TokenResult:
        """A key."""
        made = use_cases.create_api_token(
            info.context.actor,
            AccountId(account_id),
            name=name,
            role=role,
            rights=None if rights is None else rights_of(rights),
            expires_at=expires_at,
        )
        return NewApiToken(token=_token(made.token), secret=made.secret)

    @strawberry.mutation(description="End a key at once.")
    @refusable
    def revoke_api_token(self, info: Info, id: UUID) -> DoneResult:
        """A key ended."""
        use_cases.revoke_api_token(info.context.actor, ApiTokenId(id))
        return done()

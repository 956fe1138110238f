"""Who did what, for programs: the same door as in the portal."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts import queries
from accounts.queries import AuditFilter, AuditRow
from accounts.values import AccountId
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.narrowing import in_account
from kit.deeds import words_of
from kit.errors import Invalid
from kit.i18n import FALLBACK, LANGUAGES, speaking


@strawberry.type(description="One deed. Lines are only added, and sealed into a chain per account.")
class AuditLine:
    """A line. What does not apply is null."""

    id: UUID
    at: datetime
    account_id: UUID
    through_account_id: UUID | None = strawberry.field(description="The actor had the right by a role in this account.")
    by_staff: bool = strawberry.field(description="Done as staff of the platform.")
    actor: str = strawberry.field(description="As `user:…`, `token:…`, `station:…`, `system`.")
    door: str = strawberry.field(description="The name of the deed.")
    thing: str | None = strawberry.field(description="What it was done to, as `stations:…`.")
    surface: str | None = strawberry.field(description="`portal` or `graphql`; null from inside of the platform.")
    address: str | None = strawberry.field(description="The network address; kept for a shorter time than the line.")
    agent: str | None = strawberry.field(description="What the browser or program said of itself; kept as long.")
    credential: str | None
    on_behalf_of: str | None
    arguments: JSON = strawberry.field(description="What was asked for, secrets masked.")
    changes: JSON = strawberry.field(
        description="A list of `{thing, deed, before, after}`; deed: created, changed, deleted."
    )
    number: int | None = strawberry.field(description="Its place in the chain of the account; null until it is sealed.")
    seal: str | None = strawberry.field(description="SHA-256 over the line and the seal before it.")

    @strawberry.field(description="The deed in plain words: in de, fr, it, or en.")
    def words(self, language: str = FALLBACK) -> str:
        """What the door does."""
        if language not in LANGUAGES:
            raise Invalid(language="unknown")
        with speaking(language):
            return words_of(self.door)

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        """The line as the schema shows it."""
        facts: dict[str, Any] = {name: getattr(row, name) for name in cls.__annotations__ if hasattr(row, name)}
        empty = ("thing", "surface", "address", "agent", "credential", "on_behalf_of")
        optional = {name: facts[name] or None for name in empty}
        return cls(**facts | optional, through_account_id=row.through_id)


@strawberry.type(description="The newest seal of an account: kept elsewhere, it proves that nothing before it changed.")
class AuditAnchor:
    """A seal."""

    number: int
    hash: str
    sealed_at: datetime


@strawberry.input(description="What is looked for; what is left out lets everything through.")
class AuditSearch:
    """A filter."""

    account_id: UUID | None = strawberry.field(default=None, description="The account and all below it.")
    actor: str | None = None
    door: str | None = None
    thing: str | None = None
    since: datetime | None = None
    until: datetime | None = strawberry.field(default=None, description="Itself left out.")
    by_people: bool = strawberry.field(default=False, description="Only people and their keys.")

    def wanted(self, info: Info) -> AuditFilter:
        """The same for the door."""
        return AuditFilter(
            account_id=in_account(info, self.account_id),
            actor=self.actor or "",
            door=self.door or "",
            thing=self.thing or "",
            since=self.since,
            until=self.until,
            by_people=self.by_people,
        )


@strawberry.type
class AuditQueries:
    """Reading who did what."""

    @strawberry.field(description="Deeds in the accounts whose audit lines the caller may see, newest first.")
    def audit_lines(
        self, info: Info, first: int = 20, after: str | None = None, search: AuditSearch | None = None
    ) -> Connection[AuditLine]:
        """One page."""
        size = page_size(info, first)
        wanted = search.wanted(info) if search else AuditFilter()
        found = queries.audit_lines(info.context.actor, wanted, before=read_cursor(after, UUID), limit=size)
        nodes = [AuditLine.of(row) for row in found.rows]
        return connection(nodes, [cursor(node.id) for node in nodes], more=found.older is not None)

    @strawberry.field(description="The newest seal of an account's own lines; null before the first.")
    def audit_anchor(self, info: Info, account_id: UUID) -> AuditAnchor | None:
        """The end of the chain."""
        found = queries.audit_anchor(info.context.actor, AccountId(account_id))
        return AuditAnchor(number=found.number, hash=found.hash, sealed_at=found.sealed_at) if found else None

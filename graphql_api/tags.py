"""RFID tags of an account."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from accounts.values import AccountId
from charging import queries, use_cases
from charging.queries import TagRow
from charging.values import NewTag, TagId, TagState
from graphql_api.connections import Connection, connection, name_cursor, named, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account

strawberry.enum(TagState, name="TagState", description="EXPIRED is what time makes of a valid tag.")


@strawberry.type(description="An RFID tag. It counts at the stations of its account and of the accounts below.")
class Tag:
    """A tag."""

    id: UUID
    account_id: UUID
    account_name: str
    id_tag: str
    name: str
    state: TagState
    parent_id_tag: str = strawberry.field(description="Its group, as chargers are told; empty: none.")
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: TagRow) -> Self:
        """The tag as the schema shows it."""
        tag = row.tag
        return cls(
            id=tag.id,
            account_id=tag.account_id,
            account_name=row.account_name,
            id_tag=tag.id_tag,
            name=tag.name,
            state=row.state,
            parent_id_tag=tag.parent_id_tag,
            expires_at=tag.expires_at,
            last_used_at=row.last_used_at,
            created_at=tag.created_at,
        )


@strawberry.input(description="A tag to be added or replaced. `parentIdTag` names its group.")
class TagInput:
    """Facts of a tag."""

    id_tag: str
    name: str = ""
    expires_at: datetime | None = None
    parent_id_tag: str = ""
    blocked: bool = False


@strawberry.input(description="What changes of a tag; a field that is left out stays as it is.")
class TagChanges:
    """Other facts of a tag."""

    name: str | None = None
    expires_at: datetime | None = None
    remove_expiry: bool = False
    parent_id_tag: str | None = None
    blocked: bool | None = None


@strawberry.type(description="A row of an import that can't be taken; rows count from 1.")
class RefusedRow:
    """What is the matter with one row."""

    row: int
    field: str
    code: str


@strawberry.type(description="What an import did: nothing at all where a row was refused.")
class TagImport:
    """Counts and refusals."""

    added: int
    changed: int
    refused: list[RefusedRow]


@strawberry.type
class Removed:
    """The id of what is gone."""

    id: UUID


TagResult = Annotated[Tag | Problem, strawberry.union("TagResult")]
TagImportResult = Annotated[TagImport | Problem, strawberry.union("TagImportResult")]
RemovedResult = Annotated[Removed | Problem, strawberry.union("RemovedResult")]


def _tag(info: Info, tag_id: UUID) -> Tag:
    return Tag.of(queries.tag(info.context.actor, TagId(tag_id)))


@strawberry.type
class TagQueries:
    """Reading tags."""

    @strawberry.field(description="Tags by name. `text` is looked for in names, numbers and groups.")
    def tags(
        self,
        info: Info,
        first: int = 25,
        after: str | None = None,
        account_id: UUID | None = None,
        text: str = "",
        state: TagState | None = None,
    ) -> Connection[Tag]:
        """One page of the tags that the caller sees."""
        size, last = page_size(info, first), read_cursor(after, named)
        account = in_account(info, account_id)
        rows = queries.tags_after(info.context.actor, account, text=text, state=state, after=last, limit=size + 1)
        cursors = [name_cursor(row.tag.name, row.tag.id) for row in rows[:size]]
        return connection([Tag.of(row) for row in rows[:size]], cursors, more=len(rows) > size)

    @strawberry.field(description="One tag.")
    def tag(self, info: Info, id: UUID) -> Tag:
        """One tag."""
        return _tag(info, id)


@strawberry.type
class TagMutations:
    """Changing tags."""

    @strawberry.mutation(description="Let a tag start sessions at the account's stations.")
    @refusable
    def add_tag(self, info: Info, account_id: UUID, tag: TagInput) -> TagResult:
        """A new tag."""
        added = use_cases.add_tag(info.context.actor, AccountId(account_id), **vars(tag))
        return _tag(info, added.id)

    @strawberry.mutation(description="Change a tag.")
    @refusable
    def update_tag(self, info: Info, id: UUID, changes: TagChanges) -> TagResult:
        """Other facts."""
        use_cases.update_tag(info.context.actor, TagId(id), **vars(changes))
        return _tag(info, id)

    @strawberry.mutation(description="Let a tag start nothing any more; what runs goes on.")
    @refusable
    def block_tag(self, info: Info, id: UUID) -> TagResult:
        """A blocked tag."""
        use_cases.block_tag(info.context.actor, TagId(id))
        return _tag(info, id)

    @strawberry.mutation(description="Let a blocked tag charge again.")
    @refusable
    def unblock_tag(self, info: Info, id: UUID) -> TagResult:
        """A valid tag."""
        use_cases.unblock_tag(info.context.actor, TagId(id))
        return _tag(info, id)

    @strawberry.mutation(description="Forget a tag: from now on it is unknown. Its sessions stay.")
    @refusable
    def delete_tag(self, info: Info, id: UUID) -> RemovedResult:
        """A tag less."""
        use_cases.delete_tag(info.context.actor, TagId(id))
        return Removed(id=id)

    @strawberry.mutation(description="Add many tags and change those that are known, all or none.")
    @refusable
    def import_tags(self, info: Info, account_id: UUID, rows: list[TagInput]) -> TagImportResult:
        """Many tags."""
        new = [NewTag(**vars(row)) for row in rows]
        done = use_cases.import_tags(info.context.actor, AccountId(account_id), new)
        refused = [RefusedRow(row=one.row, field=one.field, code=one.code) for one in done.refused]
        return TagImport(added=done.added, changed=done.changed, refused=refused)

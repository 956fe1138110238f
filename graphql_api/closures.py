"""An account is closed, and copied before; and the caller's own login is deleted."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from accounts.use_cases import delete_login
from accounts.values import AccountId
from closures import links, queries, use_cases
from closures.values import ClosureState, Count, ExportState
from graphql_api.accounts import DoneResult, done
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable

if TYPE_CHECKING:
    from closures.models import Closure, Export

strawberry.enum(ClosureState, name="ClosureState", description="WAITING can be undone until its day.")
strawberry.enum(ExportState, name="ExportState", description="How far a copy is; GONE: its time is over.")


@strawberry.type(description="So many of something, with the names of some of them.")
class ClosureItem:
    """A line of a list."""

    what: str = strawberry.field(description="For example `stations`, `documents`, `sessions`.")
    count: int
    names: list[str]

    @classmethod
    def of(cls, item: Count) -> "ClosureItem":
        """As the schema shows it."""
        return cls(what=item.what.value, count=item.count, names=list(item.names))


@strawberry.type(description="What closing an account would do now.")
class ClosurePreview:
    """Three lists."""

    obstacles: list[ClosureItem] = strawberry.field(description="While there is one the account can't be closed.")
    ends: list[ClosureItem]
    stays: list[ClosureItem] = strawberry.field(description="What the law wants to be kept for ten years, locked.")


@strawberry.type(description="An account on its way to be closed.")
class AccountClosure:
    """A closure."""

    id: UUID
    account_id: UUID
    state: ClosureState
    requested_at: datetime
    due_at: datetime = strawberry.field(description="Until then it can be undone.")
    delayed_at: datetime | None = strawberry.field(description="Its day had come, and something still went on.")


@strawberry.type(description="A copy of everything in an account, as a ZIP file.")
class AccountExport:
    """A copy."""

    id: UUID
    account_id: UUID
    state: ExportState
    requested_at: datetime
    done: int = strawberry.field(description="Parts that are written, of `parts`.")
    parts: int
    size_bytes: str | None = strawberry.field(description="A whole number, as text.")
    sha256: str | None
    expires_at: datetime | None
    url: str | None = strawberry.field(description="Whoever has it can fetch the file until `expiresAt`.")


AccountClosureResult = Annotated[AccountClosure | Problem, strawberry.union("AccountClosureResult")]
AccountExportResult = Annotated[AccountExport | Problem, strawberry.union("AccountExportResult")]


@strawberry.type
class ClosureQueries:
    """Reading what closing would do, and how far it is."""

    @strawberry.field(description="What would end now, what has to be kept, and what stands against it. For owners.")
    def account_closure_preview(self, info: Info, account_id: UUID) -> ClosurePreview:
        """Three lists."""
        found = queries.preview(info.context.actor, AccountId(account_id))
        names = ("obstacles", "ends", "stays")
        return ClosurePreview(**{name: [ClosureItem.of(one) for one in getattr(found, name)] for name in names})

    @strawberry.field(description="The closure that waits for its day; null: the account stays open.")
    def account_closure(self, info: Info, account_id: UUID) -> AccountClosure | None:
        """What is under way."""
        row = queries.closure(info.context.actor, AccountId(account_id))
        return _closure(row) if row else None

    @strawberry.field(description="The newest copies of an account. For owners.")
    def account_exports(self, info: Info, account_id: UUID) -> list[AccountExport]:
        """Copies."""
        return [_export(row) for row in queries.exports(info.context.actor, AccountId(account_id))]


@strawberry.type
class ClosureMutations:
    """Closing, copying, and the way back."""

    @strawberry.mutation(
        description="Close an account after 30 days in which it can be undone; for its owner, signed in and checked "
        "within the last ten minutes. While something goes on: the problem `account_in_use`, with its fields."
    )
    @refusable
    def request_account_closure(self, info: Info, account_id: UUID) -> AccountClosureResult:
        """A wish."""
        return _closure(use_cases.request_closure(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(description="The account stays open.")
    @refusable
    def undo_account_closure(self, info: Info, account_id: UUID) -> AccountClosureResult:
        """Back."""
        return _closure(use_cases.undo_closure(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(
        description="Have a copy of everything written; for its owner, signed in and checked within the last ten "
        "minutes. `accountExports` tells how far it is."
    )
    @refusable
    def request_account_export(self, info: Info, account_id: UUID) -> AccountExportResult:
        """A copy."""
        return _export(use_cases.request_export(info.context.actor, AccountId(account_id)))

    @strawberry.mutation(
        description="Delete the caller's own login; signed in and checked within the last ten minutes. Refused while "
        "they are the only owner of an account: `only_owner`."
    )
    @refusable
    def delete_my_login(self, info: Info) -> DoneResult:
        """Good-bye."""
        delete_login(info.context.actor)
        return done()


def _closure(row: "Closure") -> AccountClosure:
    names = ("id", "account_id", "state", "requested_at", "due_at", "delayed_at")
    return AccountClosure(**{name: getattr(row, name) for name in names})


def _export(row: "Export") -> AccountExport:
    names = ("id", "account_id", "state", "requested_at", "done", "parts", "sha256", "expires_at")
    size = None if row.size_bytes is None else str(row.size_bytes)
    url = links.link(row) if row.state is ExportState.READY else None
    return AccountExport(**{name: getattr(row, name) for name in names}, size_bytes=size, url=url)

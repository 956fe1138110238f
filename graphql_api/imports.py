"""Bringing things along from another platform: look at a file, carry it out, undo it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from accounts.values import AccountId
from graphql_api.accounts import DoneResult, done
from graphql_api.connections import Connection, connection, name_cursor, named, newest_first, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from imports import queries, use_cases
from imports.values import ImportId, ImportState, Outcome, Source, What

strawberry.enum(What, name="ImportWhat", description="What a row is about.")
strawberry.enum(Source, name="ImportSource", description="A table, or an answer of eCarUp's public API.")
strawberry.enum(ImportState, name="ImportState")
strawberry.enum(Outcome, name="ImportOutcome", description="To be made, left out, wrong; made, or undone again.")


@strawberry.type(description="A row of the file. `code` says why it is left out, or what is wrong with `field`.")
class ImportRow:
    """A row."""

    number: int
    what: What
    outcome: Outcome
    field: str | None
    code: str | None
    facts: JSON
    thing_id: UUID | None = strawberry.field(description="The station, tag or session that was made.")


@strawberry.type(description="How many rows have an outcome.")
class ImportCount:
    """A number of rows."""

    outcome: Outcome
    rows: int


@strawberry.type(description="A file that was brought, and what becomes of it.")
class Import:
    """An import."""

    id: UUID
    account_id: UUID
    what: What
    source: Source
    file_name: str
    state: ImportState
    brought_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    undone_at: datetime | None


@strawberry.type(description="An import with how many rows there are of each outcome, and fifty of them.")
class ImportDetails(Import):
    """One import."""

    counts: list[ImportCount]
    rows: list[ImportRow] = strawberry.field(deprecation_reason="Use `importRows`.")


ImportResult = Annotated[Import | Problem, strawberry.union("ImportResult")]


@strawberry.type
class ImportQueries:
    """Reading imports."""

    @strawberry.field(
        description="What was brought into an account, the newest first.",
        deprecation_reason="Use `importsConnection`.",
    )
    def imports(self, info: Info, account_id: UUID) -> list[Import]:
        """At most the last fifty."""
        return [_shown(row) for row in queries.imports(info.context.actor, AccountId(account_id)).rows]

    @strawberry.field(description="What was brought into an account, the newest first.")
    def imports_connection(
        self, info: Info, account_id: UUID, first: int = 25, after: str | None = None
    ) -> Connection[Import]:
        """A page of it."""
        actor = info.context.actor

        def load(**page: Any) -> Sequence[Any]:
            return queries.imports(actor, AccountId(account_id), **page).rows

        return newest_first(info, (first, after), load, _shown)

    @strawberry.field(name="import", description="One import. `page` counts from 1; rows of one outcome, or all.")
    def import_(self, info: Info, id: UUID, outcome: Outcome | None = None, page: int = 1) -> ImportDetails:
        """Its rows, fifty at a time."""
        view = queries.import_view(info.context.actor, ImportId(id), outcome=outcome, number=page)
        return ImportDetails(
            **vars(_shown(view.row)),
            counts=[ImportCount(outcome=one, rows=count) for one, count in view.counts.items()],
            rows=[_row(row) for row in view.rows.items],
        )

    @strawberry.field(description="The rows of an import by their numbers in the file; of one outcome, or all.")
    def import_rows(
        self, info: Info, id: UUID, outcome: Outcome | None = None, first: int = 25, after: str | None = None
    ) -> Connection[ImportRow]:
        """A page of them."""
        size, last = page_size(info, first), read_cursor(after, _place)
        rows = queries.import_rows(info.context.actor, ImportId(id), outcome=outcome, after=last, limit=size + 1)
        here = rows[:size]
        cursors = [name_cursor(str(row.number), row.id) for row in here]
        return connection([_row(row) for row in here], cursors, more=len(rows) > size)


@strawberry.type
class ImportMutations:
    """Bringing, carrying out, undoing."""

    @strawberry.mutation(
        description="Look at the text of a CSV or of an answer of eCarUp's public API. Nothing is made yet."
    )
    @refusable
    def preview_import(
        self, info: Info, account_id: UUID, what: What, content: str, file_name: str = ""
    ) -> ImportResult:
        """A preview."""
        actor = info.context.actor
        return _shown(
            use_cases.preview_import(
                actor, AccountId(account_id), what=what, content=content.encode(), file_name=file_name
            )
        )

    @strawberry.mutation(description="Make what the preview shows. It goes on by itself; `import` tells how far it is.")
    @refusable
    def start_import(self, info: Info, id: UUID) -> ImportResult:
        """An import that runs."""
        return _shown(use_cases.start_import(info.context.actor, ImportId(id)))

    @strawberry.mutation(description="Take back everything that an import made, as long as nothing of it is used.")
    @refusable
    def undo_import(self, info: Info, id: UUID) -> ImportResult:
        """An import that is gone again."""
        return _shown(use_cases.undo_import(info.context.actor, ImportId(id)))

    @strawberry.mutation(description="Forget a preview.")
    @refusable
    def discard_import(self, info: Info, id: UUID) -> DoneResult:
        """A preview less."""
        use_cases.discard_import(info.context.actor, ImportId(id))
        return done()


def _shown(row: Any) -> Import:
    return Import(**{name: getattr(row, name) for name in Import.__annotations__})


def _row(row: Any) -> ImportRow:
    same = {name: getattr(row, name) for name in ("number", "what", "outcome", "thing_id")}
    return ImportRow(**same, field=row.field or None, code=row.code or None, facts=JSON(row.facts))


def _place(text: str) -> tuple[int, UUID]:
    """Number and id of a row, from a cursor."""
    number, row_id = named(text)
    return int(number), row_id

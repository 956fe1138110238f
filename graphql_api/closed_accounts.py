"""For the platform's staff: what is kept of closed accounts, and how it is handed out."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

import strawberry

from closures import queries, use_cases
from closures.links import hand_out_link
from closures.values import ClosureId, HandOutId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit import clock

if TYPE_CHECKING:
    from closures.models import Closure, HandOut


@strawberry.type(description="An account that is closed. Its documents are kept as the law wants, and locked.")
class ClosedAccount:
    """What it was called, and how long its documents are kept."""

    id: UUID = strawberry.field(description="Of the closure.")
    account_id: UUID
    name: str = strawberry.field(description="What the account was called.")
    closed_at: datetime
    kept_until: datetime

    @classmethod
    def of(cls, row: "Closure") -> Self:
        """As the schema shows it."""
        return cls(**{name: getattr(row, name) for name in cls.__annotations__})


@strawberry.type(description="A receipt, a credit note, or an invoice of the platform.")
class KeptDocument:
    """A document."""

    id: UUID
    kind: str = strawberry.field(description="`receipt`, `credit_note`; of the platform `licences`, `fees`, `credit`.")
    number: str
    issued_at: datetime
    currency: str
    gross_minor: str = strawberry.field(description="A whole number, as text.")

    @classmethod
    def of(cls, one: queries.KeptDocument) -> Self:
        """As the schema shows it."""
        same = {name: getattr(one, name) for name in ("id", "number", "issued_at", "currency")}
        return cls(kind=one.kind.value, gross_minor=str(one.gross_minor), **same)


@strawberry.type(description="Documents of a closed account that staff handed out by a link.")
class DocumentHandOut:
    """Which, why, and until when."""

    id: UUID
    document_ids: list[UUID]
    reason: str
    given_at: datetime
    expires_at: datetime
    withdrawn_at: datetime | None
    url: str | None = strawberry.field(description="Whoever has it can fetch the documents until `expiresAt`.")

    @classmethod
    def of(cls, row: "HandOut") -> Self:
        """As the schema shows it."""
        same = {name: getattr(row, name) for name in ("id", "reason", "given_at", "expires_at", "withdrawn_at")}
        is_open = row.withdrawn_at is None and row.expires_at > clock.now()
        ids = [UUID(one) for one in row.documents]
        return cls(document_ids=ids, url=hand_out_link(row) if is_open else None, **same)


DocumentHandOutResult = Annotated[DocumentHandOut | Problem, strawberry.union("DocumentHandOutResult")]


@strawberry.type
class ClosedAccountQueries:
    """Reading what is kept."""

    @strawberry.field(description="Closed accounts of which something is kept, the newest wish first. For staff.")
    def closed_accounts_connection(
        self, info: Info, search: str = "", first: int = 20, after: str | None = None
    ) -> Connection[ClosedAccount]:
        """A page of them."""
        load = partial(queries.closed_accounts, info.context.actor, search=search)
        return newest_first(info, (first, after), load, ClosedAccount.of)

    @strawberry.field(description="One closed account, by its closure. For staff.")
    def closed_account(self, info: Info, closure_id: UUID) -> ClosedAccount:
        """What is kept, and until when."""
        return ClosedAccount.of(queries.closed_account(info.context.actor, ClosureId(closure_id)))

    @strawberry.field(description="The documents that are kept of a closed account, the newest first. For staff.")
    def kept_documents_connection(
        self, info: Info, closure_id: UUID, search: str = "", first: int = 20, after: str | None = None
    ) -> Connection[KeptDocument]:
        """A page of them."""
        load = partial(queries.kept_documents, info.context.actor, ClosureId(closure_id), search=search)
        return newest_first(info, (first, after), load, KeptDocument.of)

    @strawberry.field(description="What was handed out of a closed account, the newest twenty. For staff.")
    def document_hand_outs(self, info: Info, closure_id: UUID) -> list[DocumentHandOut]:
        """Links."""
        return [DocumentHandOut.of(row) for row in queries.hand_outs(info.context.actor, ClosureId(closure_id))]


@strawberry.type
class ClosedAccountMutations:
    """Handing out."""

    @strawberry.mutation(
        description="Make a link to documents of a closed account (at most 20); its log says why. For staff."
    )
    @refusable
    def hand_out_documents(
        self, info: Info, closure_id: UUID, document_ids: list[UUID], reason: str
    ) -> DocumentHandOutResult:
        """A link."""
        here = ClosureId(closure_id)
        return DocumentHandOut.of(
            use_cases.hand_out(info.context.actor, here, document_ids=document_ids, reason=reason)
        )

    @strawberry.mutation(description="Let a link to documents work no more. For staff.")
    @refusable
    def withdraw_document_hand_out(self, info: Info, id: UUID) -> DocumentHandOutResult:
        """No link."""
        return DocumentHandOut.of(use_cases.withdraw_hand_out(info.context.actor, HandOutId(id)))

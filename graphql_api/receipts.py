"""Receipts, credit notes and income."""

from datetime import date, datetime
from uuid import UUID

import strawberry

from accounts.values import AccountId
from billing import queries
from billing.values import DocumentKind
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info

strawberry.enum(DocumentKind, name="DocumentKind")


@strawberry.type(description="An issued document; it never changes. Amounts in minor units, credit notes negative.")
class Receipt:
    """A receipt or a credit note."""

    id: UUID
    account_id: UUID
    kind: DocumentKind
    number: int
    session_id: UUID | None
    payment_id: UUID | None
    corrects_id: UUID | None
    language: str
    currency: str
    gross_minor: int
    issued_at: datetime
    sha256: str | None = strawberry.field(description="Of the first rendering as PDF; null before it.")


@strawberry.type(description="Money at the payment provider, in minor units.")
class Balance:
    """What can be paid out now, and what follows."""

    currency: str
    available_minor: int
    soon_minor: int


@strawberry.type(description="One calendar month in the account's time zone; amounts in minor units.")
class MonthIncome:
    """Sales with VAT, the VAT in them, the platform's fee, and what remains."""

    first_day: date
    currency: str
    gross_minor: int
    vat_minor: int
    fee_minor: int
    earned_minor: int


@strawberry.type
class Income:
    """Balances and the last twelve months with bookings."""

    balances: list[Balance]
    months: list[MonthIncome]


@strawberry.type
class ReceiptQueries:
    """Reading what was earned."""

    @strawberry.field(description="Receipts and credit notes, the newest first.")
    def receipts(
        self, info: Info, first: int = 20, after: str | None = None, account_id: UUID | None = None
    ) -> Connection[Receipt]:
        """One page of documents."""
        size = page_size(first)
        account = None if account_id is None else AccountId(account_id)
        rows = queries.receipts(info.context.actor, account, before=read_cursor(after, UUID), limit=size + 1)
        nodes = [Receipt(**{name: getattr(row, name) for name in Receipt.__annotations__}) for row in rows[:size]]
        return connection(nodes, [cursor(node.id) for node in nodes], more=len(rows) > size)

    @strawberry.field(description="Income of an account with all below it, or of all that the caller sees.")
    def income(self, info: Info, account_id: UUID | None = None) -> Income:
        """What was earned."""
        found = queries.income(info.context.actor, account_id)
        months = [
            MonthIncome(**{name: getattr(month, name) for name in MonthIncome.__annotations__})
            for month in found.months
        ]
        return Income(balances=[Balance(**vars(balance)) for balance in found.balances], months=months)

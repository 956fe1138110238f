"""Receipts, credit notes and income."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from billing import queries
from billing.values import DocumentKind
from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.narrowing import in_account

if TYPE_CHECKING:
    from billing.models import Document

strawberry.enum(DocumentKind, name="DocumentKind")


@strawberry.type(description="Who issued a document, as it stands on it.")
class ReceiptSeller:
    """The operator at that time."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    uid: str | None
    email: str
    phone: str


@strawberry.type(description="A line of a document. `quantity` is in Wh, seconds or pieces, by `kind`.")
class ReceiptLine:
    """One line."""

    kind: str
    quantity: int
    unit_price: Decimal | None
    amount_minor: int


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
    net_minor: int
    vat_minor: int
    vat_percent: Decimal | None
    reference: str = strawberry.field(description="The number as it is printed.")
    lines: list[ReceiptLine]
    seller: ReceiptSeller
    url: str = strawberry.field(description="Its PDF, for the same token in the header Authorization.")
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


OF_ROW = (
    "id",
    "account_id",
    "kind",
    "number",
    "session_id",
    "payment_id",
    "corrects_id",
    "language",
    "currency",
    "gross_minor",
    "issued_at",
    "sha256",
)


def _receipt(info: Info, row: "Document") -> Receipt:
    """What the document says, from its snapshot: nothing of it is asked anew."""
    said: dict[str, Any] = row.snapshot
    return Receipt(
        **{name: getattr(row, name) for name in OF_ROW},
        net_minor=said["net_minor"],
        vat_minor=said["vat_minor"],
        vat_percent=_decimal(said["vat_percent"]),
        reference=said["number"],
        lines=[_line(line) for line in said["lines"]],
        seller=ReceiptSeller(**{name: said["seller"][name] for name in ReceiptSeller.__annotations__}),
        url=f"{info.context.settings.public_url}/receipts/{row.id}.pdf",
    )


def _line(line: dict[str, Any]) -> ReceiptLine:
    return ReceiptLine(
        kind=line["kind"],
        quantity=line["quantity"],
        unit_price=_decimal(line["unit_price"]),
        amount_minor=line["amount_minor"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@strawberry.type
class ReceiptQueries:
    """Reading what was earned."""

    @strawberry.field(description="Receipts and credit notes, the newest first.")
    def receipts(
        self, info: Info, first: int = 20, after: str | None = None, account_id: UUID | None = None
    ) -> Connection[Receipt]:
        """One page of documents."""
        size = page_size(info, first)
        account = in_account(info, account_id)
        rows = queries.receipts(info.context.actor, account, before=read_cursor(after, UUID), limit=size + 1)
        nodes = [_receipt(info, row) for row in rows[:size]]
        return connection(nodes, [cursor(node.id) for node in nodes], more=len(rows) > size)

    @strawberry.field(description="Income of an account with all below it, or of all that the caller sees.")
    def income(self, info: Info, account_id: UUID | None = None) -> Income:
        """What was earned."""
        found = queries.income(info.context.actor, in_account(info, account_id))
        months = [
            MonthIncome(**{name: getattr(month, name) for name in MonthIncome.__annotations__})
            for month in found.months
        ]
        return Income(balances=[Balance(**vars(balance)) for balance in found.balances], months=months)

"""Money on the platform's bank account, for the staff of the platform."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_api.accounts import DoneResult, done
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from licensing import queries, use_cases
from licensing.queries import BankRow
from licensing.values import BankBookingId, BankDoubt, BankState

strawberry.enum(BankState, name="BankBookingState")
strawberry.enum(BankDoubt, name="BankBookingDoubt", description="Why staff has to look at a booking.")


@strawberry.type(description="Money on the platform's bank account, as its bank told it.")
class BankBooking:
    """A booking."""

    id: UUID
    booked_on: date
    amount_minor: int
    currency: str
    debtor: str
    reference: str
    text: str
    state: BankState
    doubt: BankDoubt | None
    note: str
    invoice_number: str | None


@strawberry.type(description="What a file of the bank brought. `known`: what was read before.")
class BankReading:
    """Numbers of bookings."""

    settled: int
    doubtful: int
    known: int


BankReadingResult = Annotated[BankReading | Problem, strawberry.union("BankReadingResult")]


@strawberry.type
class BankQueries:
    """Looking at the platform's bank account."""

    @strawberry.field(description="Bookings in a state, those that were read last first. For staff.")
    def bank_bookings(
        self, info: Info, state: BankState = BankState.DOUBTFUL, first: int = 20, after: str | None = None
    ) -> Connection[BankBooking]:
        """A page of them."""

        def load(before: UUID | None, limit: int) -> Sequence[BankRow]:
            return queries.bank_bookings(info.context.actor, state=state, before=before, size=limit).items

        return newest_first(info, (first, after), load, _shown, lambda row: row.booking.id)


def _shown(row: BankRow) -> BankBooking:
    own = [name for name in BankBooking.__annotations__ if name != "invoice_number"]
    return BankBooking(
        invoice_number=None if row.invoice is None else row.invoice.snapshot["number"],
        **{name: getattr(row.booking, name) for name in own},
    )


@strawberry.type
class BankMutations:
    """Reading files of the bank, and looking at what does not fit."""

    @strawberry.mutation(description="Read the text of a camt.053 or camt.054 of the platform's account. For staff.")
    @refusable
    def read_bank_file(self, info: Info, content: str) -> BankReadingResult:
        """Invoices are settled; the same file again changes nothing."""
        return BankReading(**vars(use_cases.read_bank_file(info.context.actor, content.encode())))

    @strawberry.mutation(description="A doubtful booking is for the invoice with this number. For staff.")
    @refusable
    def settle_with_booking(self, info: Info, id: UUID, number: str, note: str = "") -> DoneResult:
        """The invoice is settled."""
        use_cases.settle_with_booking(info.context.actor, BankBookingId(id), number=number, note=note)
        return done()

    @strawberry.mutation(description="A doubtful booking is settled elsewhere, as the note says. For staff.")
    @refusable
    def put_booking_away(self, info: Info, id: UUID, note: str) -> DoneResult:
        """It is looked at."""
        use_cases.put_booking_away(info.context.actor, BankBookingId(id), note=note)
        return done()

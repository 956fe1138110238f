"""Money on the platform's bank account: told by the bank's files, found again by the reference of an invoice."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, ActorKind, staff, system
from kit import clock, db, settings
from kit.errors import Conflict, Invalid, NotFound
from kit.use_case import use_case
from licensing import camt
from licensing.camt import Booking
from licensing.models import BankBooking, Invoice
from licensing.numbering import is_qr_iban, parsed
from licensing.use_cases.invoices import locked_invoice, settle
from licensing.values import BankBookingId, BankDoubt, BankState, InvoiceKind, PaidBy

LONGEST_NOTE = 300


@dataclass(frozen=True)
class BankReading:
    """What a file brought: invoices that are paid now, what staff has to look at, and what was read before."""

    settled: int
    doubtful: int
    known: int


@use_case
def read_bank_file(actor: Actor, content: bytes) -> BankReading:
    """Read a camt.053 or camt.054 of the platform's account. Invoices whose very amount came in are paid; whatever
    does not fit becomes a doubt. The same file again, or the other message about the same money, changes nothing.

    Raises Invalid(file="required", "too_large", "not_camt", "other_bank_account").
    """
    _staff_or_command(actor)
    message = camt.read(content)
    ours = settings.current().platform_iban
    if ours not in message.accounts and not is_qr_iban(ours):  # a QR-IBAN stands beside the account's own number
        raise Invalid(file="other_bank_account")
    made: list[BankBooking] = []
    for booking in message.bookings:
        _take(actor, booking, made)
    return BankReading(
        settled=sum(row.state is BankState.SETTLED for row in made),
        doubtful=sum(row.state is BankState.DOUBTFUL for row in made),
        known=len(message.bookings) - len(made),
    )


@use_case
def settle_with_booking(actor: Actor, booking_id: BankBookingId, *, number: str, note: str = "") -> Invoice:
    """Staff looked: this money is for the invoice with this number, whatever was wrong with it.

    Raises NotFound, Invalid(number="unknown", note="too_long"), Conflict("looked_at", "paid_already").
    """
    staff(actor)
    row = _looked_at(actor, booking_id, note)
    named = parsed(number)
    invoice_id = None if named is None else _invoice_numbered(*named)
    if invoice_id is None:
        raise Invalid(number="unknown")
    invoice = locked_invoice(invoice_id)
    if not settle(invoice, PaidBy.BANK):
        raise Conflict("paid_already")
    row.state, row.invoice_id = BankState.SETTLED, invoice.id
    return invoice


@use_case
def put_booking_away(actor: Actor, booking_id: BankBookingId, *, note: str) -> BankBooking:
    """Staff looked, and settles it outside of this program: paid back, or for something else.

    Raises NotFound, Invalid(note="required", "too_long"), Conflict("looked_at").
    """
    staff(actor)
    if not note.strip():
        raise Invalid(note="required")
    row = _looked_at(actor, booking_id, note)
    row.state = BankState.PUT_AWAY
    return row


def _take(actor: Actor, booking: Booking, made: list[BankBooking]) -> None:
    """Keep a booking and settle what it pays, unless it was read before; `made`: what this file brought so far."""
    session = db.session()
    wanted = (BankBooking.entry_key == booking.entry_key) | (BankBooking.key == booking.key)
    same = session.scalars(select(BankBooking).where(wanted)).all()
    before = [row for row in same if row not in made]
    if any(row.key == booking.key for row in same) or _told_before(booking, before):
        return
    for row in before:
        if not row.in_detail and row.state is BankState.DOUBTFUL:  # now its parts are told
            row.state, row.looked_at = BankState.PUT_AWAY, clock.now()
    facts = {name: value for name, value in asdict(booking).items() if name != "returned"}
    row = BankBooking(**facts, read_by=actor.reference, read_at=clock.now(), state=BankState.DOUBTFUL)
    invoice = _named(booking.reference)
    row.invoice_id = None if invoice is None else invoice.id
    row.doubt = _doubt(booking, invoice)
    if row.doubt is None:
        assert invoice is not None, "no doubt"
        settle(invoice, PaidBy.BANK)
        row.state = BankState.SETTLED
    session.add(row)
    session.flush()
    made.append(row)


def _told_before(booking: Booking, before: Sequence[BankBooking]) -> bool:
    """Statement and notice tell of the same money, sometimes one of them without its parts or their numbers."""
    same = [row for row in before if (row.amount_minor, row.reference) == (booking.amount_minor, booking.reference)]
    return bool(before) if not booking.in_detail else any(row.in_detail for row in same)


def _doubt(booking: Booking, invoice: Invoice | None) -> BankDoubt | None:
    if booking.returned:
        return BankDoubt.RETURNED
    if invoice is None:
        return BankDoubt.UNKNOWN_REFERENCE if booking.reference else BankDoubt.NO_REFERENCE
    if invoice.paid_at is not None:
        return BankDoubt.PAID_ALREADY
    same = (booking.amount_minor, booking.currency) == (invoice.gross_minor, invoice.currency)
    return None if same else BankDoubt.OTHER_AMOUNT


def _invoice_numbered(kind: InvoiceKind, number: int) -> UUID | None:
    wanted = select(Invoice.id).where(Invoice.kind == kind, Invoice.number == number)
    return db.session().scalars(wanted).one_or_none()


def _named(reference: str) -> Invoice | None:
    """The invoice with this payment reference, locked."""
    if not reference:
        return None
    found = db.session().scalars(select(Invoice.id).where(Invoice.reference == reference)).one_or_none()
    return None if found is None else locked_invoice(found)


def _looked_at(actor: Actor, booking_id: BankBookingId, note: str) -> BankBooking:
    if len(note) > LONGEST_NOTE:
        raise Invalid(note="too_long")
    row = db.session().get(BankBooking, booking_id, with_for_update=True)
    if row is None:
        raise NotFound()
    if row.state is not BankState.DOUBTFUL:
        raise Conflict("looked_at")
    row.note, row.looked_by, row.looked_at = note.strip(), actor.reference, clock.now()
    return row


def _staff_or_command(actor: Actor) -> None:
    """Staff, or somebody at the command line of the platform's own machine."""
    if actor.kind is ActorKind.SYSTEM:
        system(actor)
    else:
        staff(actor)

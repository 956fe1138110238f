"""Money on the platform's bank account."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, staff
from kit import db
from kit.paging import Page
from kit.use_case import query
from licensing.models import BankBooking, Invoice
from licensing.values import BankState


@dataclass(frozen=True)
class BankRow:
    """A booking and the invoice that it names or settled."""

    booking: BankBooking
    invoice: Invoice | None


@query
def bank_bookings(
    actor: Actor,
    *,
    state: BankState = BankState.DOUBTFUL,
    before: UUID | None = None,
    number: int = 1,
    size: int = 25,
) -> Page[BankRow]:
    """Bookings in a state, those that were read last first; `before`: the last one of the page before."""
    staff(actor)
    number = max(1, number)
    wanted = select(BankBooking, Invoice).outerjoin(Invoice, Invoice.id == BankBooking.invoice_id)
    wanted = wanted.where(BankBooking.state == state).order_by(BankBooking.id.desc())
    if before is not None:
        wanted = wanted.where(BankBooking.id < before)
    total = db.session().scalar(select(func.count()).select_from(BankBooking).where(BankBooking.state == state))
    rows = db.session().execute(wanted.limit(size).offset((number - 1) * size))
    return Page(tuple(BankRow(*row) for row in rows), number, size, total or 0)

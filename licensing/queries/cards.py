"""Payments of invoices by card that are on their way."""

from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from kit import db
from kit.use_case import query
from licensing.models import CardPayment, Invoice
from licensing.values import CardState


@query
def card_payment(actor: Actor, card_payment_id: UUID) -> tuple[CardPayment, Invoice]:
    """A payment and what it is for."""
    system(actor)
    row = db.session().get_one(CardPayment, card_payment_id)
    return row, db.session().get_one(Invoice, row.invoice_id)


@query
def open_card_payments(actor: Actor, invoice_id: UUID | None = None) -> list[UUID]:
    """Those of an invoice, or all, that have neither succeeded nor ended."""
    system(actor)
    wanted = select(CardPayment.id).where(CardPayment.state == CardState.OPEN)
    if invoice_id is not None:
        wanted = wanted.where(CardPayment.invoice_id == invoice_id)
    return list(db.session().scalars(wanted.order_by(CardPayment.opened_at)))

"""Pricing sessions, and the move of what they earned from "soon" to "available"."""

from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, system
from billing import ledger, pricing
from billing.models import Charge, Payment
from billing.values import Terms, Usage
from charging.models import ChargingSession
from kit import clock, db
from kit.errors import Conflict, NotFound
from kit.ids import new_id
from kit.notes import tell
from kit.upsert import insert
from kit.use_case import use_case

MOVED_AT_ONCE = 200


@use_case
def price_session(
    actor: Actor, session_id: UUID, terms: Terms, payment_id: UUID | None = None, *, seller_id: UUID | None = None
) -> Charge:
    """Price an ended session once, by the terms its driver agreed to; later calls return the same charge.

    A paid session never costs more than what was reserved for it. `seller_id`: whose sale it is, where nobody paid and
    it is not the session's account. Raises NotFound, Conflict("session_active").
    """
    system(actor)
    session = db.session().get(ChargingSession, session_id)
    if session is None:
        raise NotFound()
    if session.ended_at is None or session.energy_wh is None:
        raise Conflict("session_active")
    payment = None if payment_id is None else db.session().get_one(Payment, payment_id)
    usage = Usage(session.energy_wh, session.started_at, session.ended_at)
    priced = pricing.price(usage, terms, most_minor=None if payment is None else payment.hold_minor)
    values = {
        "id": new_id(),
        "account_id": (seller_id or session.account_id) if payment is None else payment.account_id,
        "session_id": session_id,
        "payment_id": payment_id,
        "currency": priced.currency,
        "lines": [line.plain() for line in priced.lines],
        "net_minor": priced.net_minor,
        "vat_minor": priced.vat_minor,
        "gross_minor": priced.gross_minor,
        "vat_percent": priced.vat_percent,
        "priced_at": clock.now(),
    }
    db.session().execute(insert(Charge).values(values).on_conflict_do_nothing(index_elements=[Charge.session_id]))
    return db.session().scalars(select(Charge).where(Charge.session_id == session_id)).one()


@use_case
def move_available_income(actor: Actor) -> int:
    """Book as available what the provider may pay out by now; returns how many payments that were.

    A job calls this again and again; at most 200 payments at a time.
    """
    system(actor)
    now = clock.now()
    due = (
        select(Payment)
        .where(Payment.moved_at.is_(None), Payment.available_at.is_not(None), Payment.available_at <= now)
        .order_by(Payment.available_at)
        .limit(MOVED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    moved = 0
    for payment in db.session().scalars(due).all():
        payment.moved_at = now
        moved += ledger.book_available(payment.account_id, payment.id, payment.currency)
        tell("account", payment.account_id)
    return moved

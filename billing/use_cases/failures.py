"""Steps at the provider that failed: noted, so that others get their turn, and tried again by the platform's staff."""

from uuid import UUID

from sqlalchemy import or_, select, update

from accounts.access import Actor, staff, system
from billing.events import PaymentToCapture, PaymentToRelease
from billing.models import Charge, Payment, Refund
from billing.use_cases.payments import locked
from billing.values import PaymentId, PaymentState
from charging.models import ChargingSession
from charging.values import SessionState
from kit import clock, db
from kit.errors import Conflict
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case


@use_case
def note_try(actor: Actor, about: UUID) -> None:
    """A step failed: its turn comes again after all others. `about`: the payment, its permission, session or refund."""
    system(actor)
    permission = select(ChargingSession.authorisation_id).where(ChargingSession.id == about).scalar_subquery()
    affected = or_(Payment.id == about, Payment.authorisation_id == about, Payment.authorisation_id == permission)
    db.session().execute(update(Payment).where(affected).values(tried_at=clock.now()))
    db.session().execute(update(Refund).where(Refund.id == about).values(tried_at=clock.now()))


@use_case
def try_again(actor: Actor, payment_id: PaymentId) -> Payment:
    """Ask the provider once more for what it would not do: take the price where there is one, else release the hold.

    For the platform's staff, who looked into it. Raises NotFound; Conflict("not_failed"; "nothing_held": no card was
    ever charged; "session_active": what is to be taken is not known yet).
    """
    staff(actor)
    payment = locked(payment_id)
    if payment.state is not PaymentState.FAILED:
        raise Conflict("not_failed")
    if payment.provider_ref is None:
        raise Conflict("nothing_held")
    _ask_for_end(payment)
    payment.attempt += 1
    payment.settled_at = payment.failure = None
    charge = db.session().scalars(select(Charge.id).where(Charge.payment_id == payment.id)).one_or_none()
    if charge is not None and payment.capture_minor is not None:
        payment.become(PaymentState.CAPTURING)
        record(PaymentToCapture(payment_id=payment.id))
    else:
        payment.become(PaymentState.RELEASING)
        record(PaymentToRelease(payment_id=payment.id))
    tell("payment", payment.id)
    tell("account", payment.account_id)
    return payment


def _ask_for_end(payment: Payment) -> None:
    running = select(ChargingSession.id).where(
        ChargingSession.authorisation_id == payment.authorisation_id, ChargingSession.state == SessionState.ACTIVE
    )
    if db.session().scalars(running).first() is not None:
        raise Conflict("session_active")

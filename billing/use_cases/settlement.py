"""From the end of a session to the money: what is taken from the hold, what is given back.

The state is written before the provider is asked (CAPTURING, RELEASING) and after it answered; both doors may be
walked through again at any time.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import SYSTEM, Actor, system
from billing import ledger, payees
from billing.events import PaymentToCapture, PaymentToRelease
from billing.models import Charge, Payment
from billing.payments.port import Hold
from billing.use_cases.charges import price_session
from billing.use_cases.payments import ask_to_stop, locked, withdraw_start
from billing.use_cases.receipts import issue_receipt
from billing.values import SMALLEST_CAPTURE_MINOR, PaymentId, PaymentState, Terms
from charging.models import ChargingSession
from charging.queries import session_by_authorisation
from charging.use_cases import close_stale_session
from charging.values import AuthorisationId, SessionId, SessionState
from kit import clock, db
from kit.events import record
from kit.money import percent_minor
from kit.notes import tell
from kit.use_case import use_case

STOP_AGAIN = timedelta(seconds=60)


@use_case
def attach_session(actor: Actor, session_id: SessionId) -> Payment | None:
    """Tie a session that began to the payment that permitted it; None: nobody paid for this one."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    payment = _payment_of(session.authorisation_id)
    if payment is not None and payment.session_id is None:
        payment.session_id = session.id
        _tell(payment)
    return payment


@use_case
def settle_session(actor: Actor, session_id: SessionId) -> Payment | None:
    """Price an ended session and decide what to take: its price, or nothing below 0.50. None: nobody paid for it."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    payment = _payment_of(session.authorisation_id)
    if payment is None or payment.state is not PaymentState.HELD or session.state is not SessionState.ENDED:
        return payment
    payment.session_id = session.id
    charge = price_session(SYSTEM, session.id, Terms.from_plain(payment.terms), payment.id)
    if charge.gross_minor < SMALLEST_CAPTURE_MINOR:
        payment.become(PaymentState.RELEASING)
        record(PaymentToRelease(payment_id=payment.id))
    else:
        payment.capture_minor = min(charge.gross_minor, payment.hold_minor)
        payment.fee_minor = percent_minor(payment.capture_minor, payees.fee_percent_of(payment.account_id))
        payment.become(PaymentState.CAPTURING)
        record(PaymentToCapture(payment_id=payment.id))
    _tell(payment)
    return payment


@use_case
def payment_captured(actor: Actor, payment_id: PaymentId, hold: Hold) -> Payment:
    """The provider took the money: receipt, books and state in one transaction. A second time nothing happens."""
    system(actor)
    payment = locked(payment_id)
    if payment.state is not PaymentState.CAPTURING:
        return payment
    assert (hold.captured_minor, hold.fee_minor) == (payment.capture_minor, payment.fee_minor), "another sum was taken"
    charge = db.session().scalars(select(Charge).where(Charge.payment_id == payment.id)).one()
    assert charge.gross_minor == hold.captured_minor, "the receipt would show another sum"
    payment.become(PaymentState.CAPTURED)
    payment.captured_minor, payment.settled_at = hold.captured_minor, clock.now()
    payment.available_at = hold.available_at or payment.settled_at
    db.session().flush()
    issue_receipt(SYSTEM, payment.id)
    sale = ledger.Sale(net_minor=charge.net_minor, vat_minor=charge.vat_minor, fee_minor=hold.fee_minor)
    ledger.book_capture(payment.account_id, payment.id, payment.currency, sale)
    _tell(payment)
    return payment


@use_case
def release_failed_start(actor: Actor, authorisation_id: UUID, failure: str) -> Payment | None:
    """The permission came to nothing: give the hold back and keep why. None: nobody paid for this one."""
    system(actor)
    payment = _payment_of(authorisation_id)
    if payment is not None and payment.state is PaymentState.HELD:
        payment.become(PaymentState.RELEASING, failure)
        record(PaymentToRelease(payment_id=payment.id))
        _tell(payment)
    return payment


@use_case
def payment_released(actor: Actor, payment_id: PaymentId) -> Payment:
    """The provider gave the whole hold back."""
    system(actor)
    payment = locked(payment_id)
    if payment.state is PaymentState.RELEASING:
        payment.become(PaymentState.RELEASED)
        payment.settled_at = clock.now()
        _tell(payment)
    return payment


@use_case
def payment_failed(actor: Actor, payment_id: PaymentId, failure: str) -> Payment:
    """The provider will not do what is asked, or the hold is gone: somebody has to look at it. A session is stopped."""
    system(actor)
    payment = locked(payment_id)
    if payment.state in (PaymentState.OPENING, PaymentState.HELD, PaymentState.CAPTURING, PaymentState.RELEASING):
        if payment.state is PaymentState.HELD and not ask_to_stop(payment):
            withdraw_start(payment)
        payment.become(PaymentState.FAILED, failure)
        payment.settled_at = clock.now()
        _tell(payment)
    return payment


@use_case
def stop_at_hold(actor: Actor, payment_id: PaymentId) -> bool:
    """The cost comes up to the hold: ask the charger to stop, at most once a minute."""
    system(actor)
    payment = locked(payment_id)
    lately = payment.stop_asked_at is not None and clock.now() - payment.stop_asked_at < STOP_AGAIN
    return payment.state is PaymentState.HELD and not lately and ask_to_stop(payment)


@use_case
def close_at_lapse(actor: Actor, payment_id: PaymentId) -> bool:
    """The hold is about to lapse and its charger did not end the session: end it with the last reading, estimated.

    False: no session runs any more, or nothing is held.
    """
    system(actor)
    payment = locked(payment_id)
    if payment.state is not PaymentState.HELD or payment.authorisation_id is None:
        return False
    session = session_by_authorisation(SYSTEM, AuthorisationId(payment.authorisation_id))
    return session is not None and close_stale_session(SYSTEM, SessionId(session.id))


@use_case
def stop_refused(actor: Actor, transaction_id: int, failure: str) -> Payment | None:
    """The charger did not stop when it was asked to: the driver may try again. None: nobody paid for this session."""
    system(actor)
    wanted = select(ChargingSession).where(ChargingSession.transaction_id == transaction_id)
    session = db.session().scalars(wanted).one_or_none()
    payment = None if session is None else _payment_of(session.authorisation_id)
    if payment is not None and payment.state is PaymentState.HELD and payment.stop_asked_at is not None:
        payment.stop_asked_at, payment.stop_failure = None, failure
        _tell(payment)
    return payment


def _payment_of(authorisation_id: UUID | None) -> Payment | None:
    if authorisation_id is None:
        return None
    wanted = select(Payment).where(Payment.authorisation_id == authorisation_id)
    return db.session().scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _tell(payment: Payment) -> None:
    tell("payment", payment.id)
    tell("account", payment.account_id)

"""A driver's payment from the wish to charge to the hold on his card, and what he may do with it afterwards."""

from datetime import datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from accounts.access import ANYONE, SYSTEM, Actor, ActorKind, oneself, public, system
from billing import occupancy, payees
from billing.events import CheckoutClosed, NoticeArrived, PaymentEmailChanged, PaymentHeld, PaymentToRelease
from billing.models import Payment, PayoutProfile, ProviderEvent
from billing.payments import NO_PROVIDER
from billing.payments.port import Hold, ProviderNotice
from billing.queries.tariffs import terms_of
from billing.values import ANY_DRIVER, CHECKOUT_BLOCKS, Driver, PaymentId, PaymentState, Terms
from charging.models import ChargingSession
from charging.use_cases import fail_authorisation, request_start, request_stop
from charging.values import AuthorisationId, SessionId, SessionKind, SessionState
from kit import clock, db, settings
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.i18n import FALLBACK, LANGUAGES
from kit.ids import secret_text
from kit.notes import tell
from kit.upsert import insert
from kit.use_case import use_case
from stations.models import Connector
from stations.values import ConnectorId

LONGEST_EMAIL = 254
_BEFORE_THE_HOLD = (PaymentState.OPENING, PaymentState.WAITING)
_GIVEN_UP = (PaymentState.ABANDONED, PaymentState.DECLINED)


@use_case
def request_payment(
    actor: Actor,
    connector_id: ConnectorId,
    *,
    email: str,
    language: str,
    terms_accepted: bool,
    driver: Driver = ANY_DRIVER,
) -> Payment:
    """A driver wants to charge here: freeze the terms he saw; nothing is asked of the provider yet (`checkout.start`).

    `driver`: what he proved of himself, which may earn him a price of his own; `email` is only where mails go.

    A payer's own unfinished checkout at the same connector is replaced, a stranger's only after CHECKOUT_BLOCKS.
    Raises NotFound; Invalid(terms="must_accept", email="invalid"); Conflict: occupied, faulted, out_of_service,
    closed, no_price, operator_cannot_be_paid.
    """
    public("anybody in front of a charger may pay for it")
    connector = occupancy.locked_connector(connector_id)
    address = _judge(email, terms_accepted)
    terms = terms_of(ANYONE, connector_id, driver)
    if terms is None:
        raise Conflict("no_price")
    now = clock.now()
    if payees.suspended(connector.account_id):
        raise Conflict("out_of_service")
    if refused := occupancy.refusal(connector, now, own=terms.personal):
        raise Conflict(refused)
    payee = None if terms.free else payees.payee_of(connector.account_id)
    if payee is None and not terms.free:
        raise Conflict("operator_cannot_be_paid")
    _make_way(connector, actor, now)
    payment = _new_payment(connector, terms, payee, now)
    payment.email, payment.language = address, language if language in LANGUAGES else FALLBACK
    db.session().add(payment)
    db.session().flush()
    return payment


def _new_payment(connector: Connector, terms: Terms, payee: PayoutProfile | None, now: datetime) -> Payment:
    return Payment(
        account_id=connector.account_id,
        connector_id=connector.id,
        state=PaymentState.OPENING,
        terms=terms.plain(),
        terms_version=settings.current().terms_version,
        provider=payee.provider if payee else NO_PROVIDER,
        provider_account=(payee.provider_account or "") if payee else "",
        link_key=secret_text(),
        currency=terms.currency,
        hold_minor=payees.hold_of(connector.account_id) if payee else 0,
        created_at=now,
        state_at=now,
    )


def _judge(email: str, terms_accepted: bool) -> str:
    problems = {} if terms_accepted else {"terms": "must_accept"}
    try:
        address = _address(email)
    except Invalid as invalid:
        problems |= invalid.fields
    if problems:
        raise Invalid(**problems)
    return address


def _address(email: str) -> str:
    """The address as it is to be written; empty stays empty. Its domain is not looked up: a driver is waiting."""
    if not email.strip():
        return ""
    if len(email) > LONGEST_EMAIL:
        raise Invalid(email="too_long")
    try:
        demo = settings.current().demo
        return validate_email(email.strip(), check_deliverability=False, test_environment=demo).normalized
    except EmailNotValidError as error:
        raise Invalid(email="invalid") from error


def _make_way(connector: Connector, actor: Actor, now: datetime) -> None:
    """Close checkouts at this connector that were left open: old ones, and the driver's own. Else: occupied."""
    unfinished = select(Payment).where(Payment.connector_id == connector.id, Payment.state.in_(_BEFORE_THE_HOLD))
    for other in db.session().scalars(unfinished.with_for_update()).all():
        own = actor.kind is ActorKind.PAYER and actor.id == other.id
        if not own and now - other.created_at < CHECKOUT_BLOCKS:
            raise Conflict("occupied")
        _close(other, PaymentState.ABANDONED, "replaced")


def _close(payment: Payment, state: PaymentState, failure: str) -> None:
    payment.become(state, failure)
    record(CheckoutClosed(payment_id=payment.id))
    tell("payment", payment.id)


def locked(payment_id: UUID) -> Payment:
    """The payment, its steps taken one after another until the transaction ends. Raises NotFound."""
    payment = db.session().get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound()
    return payment


@use_case
def checkout_opened(actor: Actor, payment_id: PaymentId, *, ref: str, url: str) -> Payment:
    """The provider prepared its page. Nothing happens when that is known or the payment was closed meanwhile."""
    system(actor)
    payment = locked(payment_id)
    if payment.state is PaymentState.OPENING:
        payment.become(PaymentState.WAITING)
        payment.checkout_ref, payment.checkout_url = ref, url
    return payment


@use_case
def hold_taken(actor: Actor, payment_id: PaymentId, hold: Hold) -> Payment:
    """The money is reserved: ask the charger to start, in the same transaction. A second time nothing happens.

    Where nobody can start any more, or the checkout was closed before, the hold is released; `failure` says why.
    """
    system(actor)
    connector = occupancy.locked_connector(_connector_of(payment_id))  # before the payment, as request_payment does
    payment = locked(payment_id)
    if payment.state not in (*_BEFORE_THE_HOLD, *_GIVEN_UP):
        return payment
    now = clock.now()
    payment.provider_ref, payment.card = hold.ref, hold.card
    payment.held_at, payment.hold_ends_at = now, hold.ends_at
    failure = _start(payment, connector, hold, now)
    if failure is None:
        payment.become(PaymentState.HELD)
        payment.failure = None
        record(PaymentHeld(payment_id=payment.id))
    else:
        payment.become(PaymentState.RELEASING, failure)
        record(PaymentToRelease(payment_id=payment.id))
    tell("payment", payment.id)
    tell("account", payment.account_id)
    return payment


def _connector_of(payment_id: UUID) -> UUID:
    found = db.session().scalars(select(Payment.connector_id).where(Payment.id == payment_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _start(payment: Payment, connector: Connector, hold: Hold, now: datetime) -> str | None:
    """Ask for the start; why it can't be."""
    if payment.state in _GIVEN_UP:
        return payment.failure or "too_late"
    if (hold.amount_minor, hold.currency) != (payment.hold_minor, payment.currency):
        return "wrong_amount"
    own = Terms.from_plain(payment.terms).personal
    if refused := occupancy.refusal(connector, now, own=own, but=payment.id):
        return refused
    if payment.provider != NO_PROVIDER:
        moved = payment.account_id != connector.account_id  # whoever sells here now is not who would be paid
        if moved or payees.payee_of(connector.account_id) is None:
            return "operator_cannot_be_paid"
    try:
        payment.authorisation_id = request_start(SYSTEM, ConnectorId(connector.id), kind=SessionKind.PAID, own=own).id
    except Conflict as conflict:
        return conflict.code
    return None


@use_case
def payment_declined(actor: Actor, payment_id: PaymentId, failure: str) -> Payment:
    """The driver left the provider's page after his card was refused; `failure` is the provider's code."""
    system(actor)
    payment = locked(payment_id)
    if payment.state is PaymentState.WAITING:
        _close(payment, PaymentState.DECLINED, failure)
    return payment


@use_case
def checkout_abandoned(actor: Actor, payment_id: PaymentId, failure: str) -> Payment:
    """Nobody reserved any money: the driver gave up, or never came back."""
    system(actor)
    payment = locked(payment_id)
    if payment.state in _BEFORE_THE_HOLD:
        _close(payment, PaymentState.ABANDONED, failure)
    return payment


@use_case
def store_notice(actor: Actor, provider: str, notice: ProviderNotice) -> bool:
    """Keep a genuine webhook and have its object read again. False: it was here before, nothing happens."""
    system(actor)
    values = {
        "provider": provider,
        "event_ref": notice.ref,
        "kind": notice.kind,
        "object_ref": notice.object_ref,
        "payment_id": notice.payment_id,
        "account_ref": notice.account_ref,
        "arrived_at": clock.now(),
    }
    once = insert(ProviderEvent).values(values).on_conflict_do_nothing().returning(ProviderEvent.event_ref)
    if db.session().execute(once).first() is None:
        return False
    if notice.payment_id is not None or notice.account_ref is not None:
        record(NoticeArrived(provider=provider, payment_id=notice.payment_id, account_ref=notice.account_ref))
    return True


@use_case
def change_email(actor: Actor, payment_id: PaymentId, email: str) -> Payment:
    """Correct the address; what was mailed goes there again. Raises Invalid(email=...), Conflict("too_early")."""
    payment = _own(actor, payment_id)
    address = _address(email)
    if not address:
        raise Invalid(email="required")
    if payment.state is PaymentState.OPENING:
        raise Conflict("too_early")
    if address != payment.email:
        payment.email = address
        record(PaymentEmailChanged(payment_id=payment.id))
        tell("payment", payment.id)
    return payment


@use_case
def stop_charging(actor: Actor, payment_id: PaymentId) -> Payment:
    """The driver wants to stop: end the session, or give up the start while nothing is plugged in.

    Pressed again it asks the charger again. Raises NotFound, Conflict("not_charging").
    """
    payment = _own(actor, payment_id)
    if payment.state is not PaymentState.HELD:
        raise Conflict("not_charging")
    if not ask_to_stop(payment) and not withdraw_start(payment):
        raise Conflict("not_charging")
    return payment


def ask_to_stop(payment: Payment) -> bool:
    """Ask the charger to end the payment's session; False: no session runs."""
    session = db.session().scalars(
        select(ChargingSession).where(ChargingSession.authorisation_id == payment.authorisation_id)
    )
    running = session.one_or_none()
    if running is None or running.state is not SessionState.ACTIVE:
        return False
    request_stop(SYSTEM, SessionId(running.id))
    payment.stop_asked_at, payment.stop_failure = clock.now(), None
    tell("payment", payment.id)
    return True


def withdraw_start(payment: Payment) -> bool:
    """Take the permission to start back; False: it was used or came to nothing before."""
    assert payment.authorisation_id is not None, "a held payment without a permission to charge"
    return fail_authorisation(SYSTEM, AuthorisationId(payment.authorisation_id), "cancelled")


def _own(actor: Actor, payment_id: UUID) -> Payment:
    payment = locked(payment_id)
    oneself(actor, ActorKind.PAYER, payment.id, payment.account_id)
    return payment

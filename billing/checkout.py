"""The way to the provider's page and back. Every call to the provider stands between two doors, in no transaction.

Each function may be called again at any time: it reads where the payment stands and goes on from there.
"""

from uuid import UUID

import structlog

from accounts.access import SYSTEM
from billing import queries, use_cases
from billing.models import Payment
from billing.payments import NO_PROVIDER, provider
from billing.payments.port import CheckoutOrder, Hold, ProviderDown, ProviderRefused
from billing.queries.payments import CHECKOUT_LASTS
from billing.values import CHECKOUT_BLOCKS, HoldState, PaymentId, PaymentState
from kit import clock, settings
from kit.errors import Conflict
from kit.i18n import _, speaking

log = structlog.get_logger()

RETURN_PATH = "/pay/{payment_id}/return"
CANCEL_PATH = "/pay/{payment_id}/cancel"


def start(payment_id: PaymentId) -> str:
    """Open the provider's page for a payment and return its address; where nothing can be due, go straight on.

    Raises Conflict("checkout_closed", "checkout_refused"), Unavailable when the provider does not answer.
    """
    payment = queries.payment(SYSTEM, payment_id)
    if payment.state is PaymentState.WAITING and payment.checkout_url is not None:
        return payment.checkout_url
    if payment.state is not PaymentState.OPENING or clock.now() - payment.created_at > CHECKOUT_BLOCKS:
        raise Conflict("checkout_closed")
    if payment.provider == NO_PROVIDER:
        use_cases.hold_taken(SYSTEM, payment_id, Hold(HoldState.HELD, None, 0, payment.currency))
        return _address(RETURN_PATH, payment_id)
    try:
        opened = provider(payment.provider).open_checkout(_order(payment), f"payment:{payment_id}:checkout:v1")
    except ProviderRefused as refusal:
        log.error("checkout.refused", payment_id=str(payment_id), code=refusal.code)
        use_cases.payment_failed(SYSTEM, payment_id, "checkout_refused")
        raise Conflict("checkout_refused") from refusal
    stored = use_cases.checkout_opened(SYSTEM, payment_id, ref=opened.ref, url=opened.url)
    if stored.state is not PaymentState.WAITING:
        raise Conflict("checkout_closed")
    return opened.url


def returned(payment_id: PaymentId) -> None:
    """The driver came back: look at once, the provider's notice may be late. A silent provider is no error here."""
    try:
        look(payment_id)
    except ProviderDown:
        log.warning("checkout.provider_silent", payment_id=str(payment_id))


def cancelled(payment_id: PaymentId) -> None:
    """The driver came back without paying. Raises Unavailable when the provider does not answer."""
    _end(payment_id, "given_up")


def expire(payment_id: PaymentId) -> None:
    """Nobody came back in time; a hold that was taken after all is used."""
    _end(payment_id, "expired")


def close(payment_id: PaymentId) -> None:
    """A checkout that was replaced or given up: accept no card any more, give back what was held in the meantime."""
    payment = queries.payment(SYSTEM, payment_id)
    if payment.checkout_ref is not None and payment.state in (PaymentState.ABANDONED, PaymentState.DECLINED):
        hold = _close(payment)
        if hold.state is HoldState.HELD:
            use_cases.hold_taken(SYSTEM, payment_id, hold)


def look(payment_id: PaymentId) -> None:
    """Read what the provider says and take the step that follows from it, if any."""
    payment = queries.payment(SYSTEM, payment_id)
    if payment.checkout_ref is None:
        return
    hold = provider(payment.provider).read_hold(payment.checkout_ref)
    _apply(payment, hold)


def _apply(payment: Payment, hold: Hold) -> None:
    payment_id = PaymentId(payment.id)
    match payment.state, hold.state:
        case ((PaymentState.WAITING | PaymentState.ABANDONED | PaymentState.DECLINED), HoldState.HELD):
            use_cases.hold_taken(SYSTEM, payment_id, hold)
        case PaymentState.WAITING, (HoldState.EXPIRED | HoldState.RELEASED):
            _unpaid(payment_id, hold, "expired")
        case PaymentState.HELD, HoldState.RELEASED:
            use_cases.payment_failed(SYSTEM, payment_id, "hold_lost")
        case PaymentState.CAPTURING, HoldState.CAPTURED:
            use_cases.payment_captured(SYSTEM, payment_id, hold)
        case PaymentState.RELEASING, HoldState.RELEASED:
            use_cases.payment_released(SYSTEM, payment_id)


def receive(provider_name: str, raw: bytes, signature: str) -> None:
    """A webhook, as its bytes came: judged, stored once, answered at once; the worker reads the object again.

    Raises NotFound (no such provider), Invalid(signature="not_genuine").
    """
    notice = provider(provider_name).verify_webhook(raw, signature)
    use_cases.store_notice(SYSTEM, provider_name, notice)


def _end(payment_id: PaymentId, failure: str) -> None:
    """Wait no more. Nobody can have paid on a page whose address was never stored, and so never given out."""
    payment = queries.payment(SYSTEM, payment_id)
    if payment.state is PaymentState.OPENING:
        use_cases.checkout_abandoned(SYSTEM, payment_id, failure)
    elif payment.state is PaymentState.WAITING:
        hold = _close(payment)
        if hold.state is HoldState.HELD:
            use_cases.hold_taken(SYSTEM, payment_id, hold)
        else:
            _unpaid(payment_id, hold, failure)


def _unpaid(payment_id: PaymentId, hold: Hold, failure: str) -> None:
    if hold.decline is not None:
        use_cases.payment_declined(SYSTEM, payment_id, hold.decline)
    else:
        use_cases.checkout_abandoned(SYSTEM, payment_id, failure)


def _close(payment: Payment) -> Hold:
    assert payment.checkout_ref is not None, "a checkout that was opened has a reference"
    return provider(payment.provider).close_checkout(payment.checkout_ref, f"payment:{payment.id}:close:v1")


def _order(payment: Payment) -> CheckoutOrder:
    payment_id = PaymentId(payment.id)
    with speaking(payment.language):
        description = _("Charging at connector %(code)s", code=queries.connector_code(SYSTEM, payment_id))
    return CheckoutOrder(
        payment_id=payment.id,
        account_ref=payment.provider_account,
        amount_minor=payment.hold_minor,
        currency=payment.currency,
        description=description,
        email=payment.email,
        language=payment.language,
        return_url=_address(RETURN_PATH, payment.id),
        cancel_url=_address(CANCEL_PATH, payment.id),
        expires_at=payment.created_at + CHECKOUT_LASTS,
    )


def _address(path: str, payment_id: UUID) -> str:
    return settings.current().public_url + path.format(payment_id=payment_id)

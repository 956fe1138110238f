"""Taking, giving back and refunding money at the provider: each call stands between two doors, in no transaction.

Each function may run again at any time: the state says what is wanted, the key makes the provider do it once.
"""

import structlog

from accounts.access import SYSTEM
from billing import queries, use_cases
from billing.models import Payment
from billing.payments import NO_PROVIDER, provider
from billing.payments.port import Hold, ProviderRefused
from billing.values import HoldState, PaymentId, PaymentState, RefundId, RefundState
from kit import crash

log = structlog.get_logger()


def capture(payment_id: PaymentId) -> None:
    """Take the price of the session from the hold. Raises Unavailable when the provider does not answer."""
    payment = queries.payment(SYSTEM, payment_id)
    if payment.state is not PaymentState.CAPTURING:
        return
    assert payment.provider_ref, "nothing to capture"
    assert payment.capture_minor is not None, "no price"
    assert payment.fee_minor is not None, "no fee"
    key = f"payment:{payment_id}:capture:v{payment.attempt}"
    try:
        hold = provider(payment.provider).capture(payment.provider_ref, payment.capture_minor, payment.fee_minor, key)
    except ProviderRefused as refusal:
        hold = _after_refusal(payment, refusal)
    crash.point("capture", "answered")
    if hold.state is HoldState.CAPTURED:
        use_cases.payment_captured(SYSTEM, payment_id, hold)
    else:
        use_cases.payment_failed(SYSTEM, payment_id, "capture_refused")


def release(payment_id: PaymentId) -> None:
    """Give the whole hold back. Raises Unavailable when the provider does not answer."""
    payment = queries.payment(SYSTEM, payment_id)
    if payment.state is not PaymentState.RELEASING:
        return
    if payment.provider == NO_PROVIDER:
        use_cases.payment_released(SYSTEM, payment_id)
        return
    assert payment.provider_ref, "nothing to release"
    try:
        key = f"payment:{payment_id}:release:v{payment.attempt}"
        hold = provider(payment.provider).cancel(payment.provider_ref, key)
    except ProviderRefused as refusal:
        hold = _after_refusal(payment, refusal)
    crash.point("release", "answered")
    if hold.state is HoldState.RELEASED:
        use_cases.payment_released(SYSTEM, payment_id)
    else:
        use_cases.payment_failed(SYSTEM, payment_id, "release_refused")


def refund(refund_id: RefundId) -> None:
    """Pay back what was promised. Raises Unavailable when the provider does not answer."""
    row = queries.refund(SYSTEM, refund_id)
    if row.state is not RefundState.REQUESTED:
        return
    payment = queries.payment(SYSTEM, PaymentId(row.payment_id))
    assert payment.provider_ref, "nothing was captured"
    try:
        receipt = provider(payment.provider).refund(payment.provider_ref, row.amount_minor, f"refund:{row.id}:v1")
    except ProviderRefused as refusal:
        log.error("refund.refused", refund_id=str(refund_id), code=refusal.code)
        use_cases.refund_refused(SYSTEM, refund_id, refusal.code)
        return
    use_cases.refund_made(SYSTEM, refund_id, receipt)


def _after_refusal(payment: Payment, refusal: ProviderRefused) -> Hold:
    """A refusal may mean that the step is done already, long ago: what holds now decides."""
    log.error("payment.refused", payment_id=str(payment.id), state=payment.state.value, code=refusal.code)
    assert payment.checkout_ref is not None, "a hold without a checkout"
    return provider(payment.provider).read_hold(payment.checkout_ref)

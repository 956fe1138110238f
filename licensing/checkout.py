"""An invoice paid by card: the way to the provider's page and back. Every call to it stands between two doors.

Each function may be called again at any time; the money is taken at once and whole.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from accounts.access import SYSTEM, Actor
from billing.payments import provider
from billing.payments.port import CheckoutOrder, Hold, ProviderDown, ProviderRefused
from billing.values import HoldState
from kit import settings
from kit.errors import Conflict
from kit.i18n import _, speaking
from licensing import queries, stored_cards, use_cases
from licensing.models import CardPayment, Invoice
from licensing.values import CardState, InvoiceId

PAGE_LASTS = timedelta(minutes=30)
RETURN_PATH = "/licences/invoices/{invoice_id}/return"
log = structlog.get_logger()


def start(actor: Actor, invoice_id: InvoiceId) -> str:
    """Open the provider's page for an invoice; its address.

    Raises NotFound, Forbidden, Conflict("paid_already", "checkout_refused"), Unavailable.
    """
    chosen = provider()
    row = use_cases.card_payment_opened(actor, invoice_id, chosen.name)
    row, invoice = queries.card_payment(SYSTEM, row.id)
    try:
        opened = chosen.open_checkout(_order(row, invoice), f"invoice:{row.id}:checkout:v1")
    except ProviderRefused as refusal:
        log.error("licensing.checkout_refused", invoice_id=str(invoice_id), code=refusal.code)
        use_cases.card_payment_ended(SYSTEM, row.id)
        raise Conflict("checkout_refused") from refusal
    use_cases.card_payment_held(SYSTEM, row.id, checkout_ref=opened.ref)
    return opened.url


def returned(invoice_id: InvoiceId) -> None:
    """Somebody came back from the page: look at once. A silent provider is no error here, a job looks again."""
    try:
        for card_payment_id in queries.open_card_payments(SYSTEM, invoice_id):
            look(card_payment_id)
    except ProviderDown:
        log.warning("licensing.provider_silent", invoice_id=str(invoice_id))


def look(card_payment_id: UUID) -> None:
    """Read what the provider says, and take the money it reserved; give it back where the invoice is paid already."""
    row, invoice = queries.card_payment(SYSTEM, card_payment_id)
    if row.state is not CardState.OPEN:
        return
    if row.card_id is not None:
        stored_cards.take(row, invoice)
        return
    if row.checkout_ref is None:  # the page was never given out
        use_cases.card_payment_ended(SYSTEM, row.id)
        return
    hold = provider(row.provider).read_hold(row.checkout_ref)
    if hold.state is HoldState.HELD:
        hold = _take(row, invoice, hold)
    if hold.state is HoldState.CAPTURED:
        use_cases.card_payment_taken(SYSTEM, row.id)
    elif hold.state in (HoldState.EXPIRED, HoldState.RELEASED):
        use_cases.card_payment_ended(SYSTEM, row.id)


def _take(row: CardPayment, invoice: Invoice, hold: Hold) -> Hold:
    assert row.checkout_ref, "a hold without a checkout"
    assert hold.ref, "a hold has a reference"
    chosen = provider(row.provider)
    use_cases.card_payment_held(SYSTEM, row.id, checkout_ref=row.checkout_ref, hold_ref=hold.ref)
    if invoice.paid_at is not None:
        return chosen.cancel(hold.ref, f"invoice:{row.id}:cancel:v1")
    return chosen.capture(hold.ref, invoice.gross_minor, 0, f"invoice:{row.id}:capture:v1")


def _order(row: CardPayment, invoice: Invoice) -> CheckoutOrder:
    with speaking(invoice.snapshot["language"]):
        description = _("Invoice %(number)s", number=invoice.snapshot["number"])
    back = settings.current().public_url + RETURN_PATH.format(invoice_id=invoice.id)
    return CheckoutOrder(
        payment_id=row.id,
        account_ref="",
        amount_minor=invoice.gross_minor,
        currency=invoice.currency,
        description=description,
        email="",
        language=invoice.snapshot["language"],
        return_url=back,
        cancel_url=back,
        expires_at=row.opened_at + PAGE_LASTS,
    )

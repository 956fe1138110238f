"""A card stored at the provider, and invoices paid with it by themselves. Every call stands between two doors.

Each function may be called again at any time.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from billing.payments import provider
from billing.payments.port import CardCharge, CardOrder, ProviderDown, ProviderRefused
from billing.values import HoldState
from kit import i18n, settings
from kit.errors import Conflict
from kit.i18n import _, speaking
from licensing import queries, use_cases
from licensing.models import CardPayment, Invoice

PAGE_LASTS = timedelta(minutes=35)  # Stripe takes nothing shorter than half an hour
RETURN_PATH = "/licences/{account_id}/card/return"
log = structlog.get_logger()


def start(actor: Actor, account_id: AccountId) -> str:
    """Open the provider's page where a card is stored; its address.

    Raises NotFound, Forbidden, CheckNeeded, Conflict("checkout_refused"), Unavailable.
    """
    chosen = provider()
    row = use_cases.card_page_asked(actor, account_id, chosen.name)
    back = settings.current().public_url + RETURN_PATH.format(account_id=account_id)
    order = CardOrder(
        payment_id=row.id,
        description=_("Card for the invoices of %(brand)s", brand=settings.current().brand_name),
        language=i18n.language(),
        return_url=back,
        cancel_url=back,
        expires_at=row.opened_at + PAGE_LASTS,
    )
    try:
        opened = chosen.open_card_page(order, f"licence_card:{row.id}:page:v1")
    except ProviderRefused as refusal:
        log.error("licensing.card_page_refused", account_id=str(account_id), code=refusal.code)
        use_cases.card_page_left(SYSTEM, row.id)
        raise Conflict("checkout_refused") from refusal
    use_cases.card_page_opened(SYSTEM, row.id, opened.ref)
    return opened.url


def returned(account_id: AccountId) -> None:
    """Somebody came back from the page: look at once. A silent provider is no error here, a job looks again."""
    try:
        for card_id in queries.open_card_pages(SYSTEM, account_id):
            look(card_id)
    except ProviderDown:
        log.warning("licensing.provider_silent", account_id=str(account_id))


def look(card_id: UUID) -> None:
    """Read what became of the page."""
    row = queries.card_of(SYSTEM, card_id)
    if row.checkout_ref is None:  # the page was never given out
        use_cases.card_page_left(SYSTEM, card_id)
        return
    told = provider(row.provider).read_stored_card(row.checkout_ref)
    if told.state is HoldState.HELD:
        use_cases.card_stored(SYSTEM, card_id, card_ref=told.ref, customer_ref=told.customer_ref, card=told.card)
    elif told.state in (HoldState.EXPIRED, HoldState.RELEASED):
        use_cases.card_page_left(SYSTEM, card_id)


def forget(card_id: UUID) -> None:
    """The provider is to charge a card no more."""
    row = queries.card_of(SYSTEM, card_id)
    if row.card_ref and row.forgotten_at is None:
        provider(row.provider).forget_card(row.card_ref)
        use_cases.card_forgotten(SYSTEM, card_id)


def charge(invoice_id: UUID) -> None:
    """Pay an invoice with the stored card of its account, where there is one. Raises Unavailable."""
    row = use_cases.card_charge_begun(SYSTEM, invoice_id)
    if row is not None:
        _, invoice = queries.card_payment(SYSTEM, row.id)
        take(row, invoice)


def take(row: CardPayment, invoice: Invoice) -> None:
    """The money of a payment that was begun. Raises Unavailable: it is on its way, and a job asks again."""
    assert row.card_id is not None, "it is charged to a card"
    card = queries.card_of(SYSTEM, row.card_id)
    if invoice.paid_at is not None:  # otherwise, and meanwhile
        use_cases.card_payment_ended(SYSTEM, row.id)
        return
    with speaking(invoice.snapshot["language"]):
        description = _("Invoice %(number)s", number=invoice.snapshot["number"])
    order = CardCharge(row.id, card.card_ref, card.customer_ref, invoice.gross_minor, invoice.currency, description)
    use_cases.card_charge_asked(SYSTEM, row.id)
    try:
        provider(row.provider).charge_card(order, f"invoice:{row.id}:charge:v1")
    except ProviderRefused as refusal:
        use_cases.card_charge_refused(SYSTEM, row.id, refusal.code)
    else:
        use_cases.card_payment_taken(SYSTEM, row.id)

"""Letters to operators about their plan, in the language of the account. A letter goes out once."""

import hashlib
from collections.abc import Callable
from uuid import UUID

from accounts.access import SYSTEM
from billing.queries import letter_sent
from billing.use_cases import note_letter
from kit import mail, settings
from kit.i18n import _, day, money, speaking
from kit.mail import Attachment
from licensing import documents, queries
from licensing.models import Invoice
from licensing.queries import Recipient
from licensing.values import InvoiceId, InvoiceKind, PaidBy

Words = Callable[[], tuple[str, str]]
MEDIA_TYPE = "application/pdf"


def send_invoice(invoice_id: UUID) -> None:
    """A new invoice, statement or credit note as PDF."""
    invoice = queries.invoice_document(SYSTEM, InvoiceId(invoice_id))
    number = invoice.snapshot["number"]

    def words() -> tuple[str, str]:
        total = money(invoice.gross_minor, invoice.currency)
        if invoice.kind is InvoiceKind.FEES:
            text = _("Attached is what we kept from your drivers' payments last month: %(total)s.", total=total)
            return _("Statement of fees %(number)s", number=number), text
        if invoice.kind is InvoiceKind.CREDIT:
            text = _("Attached is a credit note over %(total)s.", total=money(-invoice.gross_minor, invoice.currency))
            return _("Credit note %(number)s", number=number), text
        if invoice.paid_by is PaidBy.CARD:
            text = _("Attached is your invoice over %(total)s. It was paid with your card.", total=total)
        elif invoice.paid_at is not None:
            text = _("Attached is your invoice over %(total)s. Nothing is to be paid.", total=total)
        else:
            text = _("Attached is your invoice over %(total)s.", total=total) + _how_to_pay(invoice)
        return _("Invoice %(number)s", number=number), text

    _send(invoice.account_id, f"invoice:{invoice.id}", words, invoice)


def send_reminder(invoice_id: UUID, number: int) -> None:
    """An invoice is overdue."""
    invoice = queries.invoice_document(SYSTEM, InvoiceId(invoice_id))
    if invoice.paid_at is not None:
        return

    def words() -> tuple[str, str]:
        subject = _("Reminder: invoice %(number)s", number=invoice.snapshot["number"])
        text = _(
            "We are still waiting for %(total)s, which was to be paid until %(day)s.",
            total=money(invoice.gross_minor, invoice.currency),
            day=day(invoice.due_at),
        )
        patience = _("If it stays open, your stations fall back to the free plan. Nothing is lost, and they charge on.")
        return subject, f"{text}{_how_to_pay(invoice)}\n\n{patience}"

    _send(invoice.account_id, f"reminder:{invoice.id}:{number}", words, invoice)


def send_trial_ending(subscription_id: UUID) -> None:
    """The trial ends in a few days."""
    subscription = queries.subscription_facts(SYSTEM, subscription_id)

    def words() -> tuple[str, str]:
        until = day(subscription.period_ends_at)
        text = _(
            "Your trial of Premium ends on %(day)s. If you do nothing, your stations go on in the free plan.", day=until
        )
        return _("Your trial ends on %(day)s", day=until), text

    _send(subscription.account_id, f"trial:{subscription.id}", words)


def send_loss(subscription_id: UUID, reason: str) -> None:
    """The stations are in the free plan now."""
    subscription = queries.subscription_facts(SYSTEM, subscription_id)

    def words() -> tuple[str, str]:
        because = {
            "trial_over": _("Your trial of Premium is over."),
            "cancelled": _("Your subscription has ended."),
            "unpaid": _("An invoice is still open after our reminders."),
        }[reason]
        text = _("Your stations are in the free plan now. They charge on, and nothing of your data is lost.")
        return _("Your stations are in the free plan now"), f"{because} {text}"

    _send(subscription.account_id, f"lost:{subscription.id}:{subscription.period_ends_at}:{reason}", words)


def send_return(subscription_id: UUID) -> None:
    """Paid: everything works again."""
    subscription = queries.subscription_facts(SYSTEM, subscription_id)

    def words() -> tuple[str, str]:
        return _("Premium works again"), _("Thank you for your payment. All functions of Premium work again.")

    _send(subscription.account_id, f"back:{subscription.id}:{subscription.period_ends_at}", words)


def send_paid_twice(card_payment_id: UUID, *, taken: bool) -> None:
    """An invoice was, or may have been, paid by card and otherwise: to its account, and to the platform's staff."""
    row, invoice = queries.card_payment(SYSTEM, card_payment_id)

    def words() -> tuple[str, str]:
        number, total = invoice.snapshot["number"], money(invoice.gross_minor, invoice.currency)
        if taken:
            text = _(
                "%(total)s were taken from your card, but the invoice had been settled otherwise. We will contact you.",
                total=total,
            )
            return _("Invoice %(number)s was paid twice", number=number), text
        text = _(
            "The invoice was settled otherwise while %(total)s were to be taken from your card, and we do not know"
            " whether they were. Please look at your card statement. We look as well, and will contact you.",
            total=total,
        )
        return _("Invoice %(number)s may have been paid twice", number=number), text

    def words_for_staff() -> tuple[str, str]:
        subject, text = words()
        look = _(
            "Please look for %(reference)s at the payment provider and pay back what is too much.", reference=row.id
        )
        return subject, f"{text}\n\n{look}"

    known = invoice.snapshot
    staff = Recipient(settings.current().imprint_email, known["language"], known["time_zone"], known["account"])
    _send(invoice.account_id, f"twice:{row.id}", words)
    _mail(staff, f"staff:twice:{row.id}", words_for_staff, f"/platform/licences/accounts/{invoice.account_id}")


def _how_to_pay(invoice: Invoice) -> str:
    card = queries.paying_card(SYSTEM, invoice.account_id)
    if card is not None and not card.failure:
        return "\n\n" + _("It is taken from your card %(card)s; you need to do nothing.", card=card.card)
    page = f"{settings.current().public_url}/licences/invoices/{invoice.id}"
    refused = _("Your card %(card)s was refused.", card=card.card) + " " if card is not None else ""
    by_bank = _("Please pay it by %(day)s with the QR-bill in the PDF, or by card here:", day=day(invoice.due_at))
    return f"\n\n{refused}{by_bank}\n{page}"


def _send(account_id: UUID, what: str, words: Words, invoice: Invoice | None = None) -> None:
    """To the owner of the account."""
    to = queries.recipient(SYSTEM, account_id)
    if to is not None:
        _mail(to, what, words, "/licences", invoice)


def _mail(to: Recipient, what: str, words: Words, page: str, invoice: Invoice | None = None) -> None:
    """A letter that points to a page, unless it went out."""
    key = hashlib.sha256(f"licensing:{what}".encode()).hexdigest()[:40]
    if letter_sent(SYSTEM, key):
        return
    chosen = settings.current()
    with speaking(to.language, to.time_zone):
        subject, text = words()
        greeting, plan = _("Hello"), _("The plan of %(account)s:", account=to.account_name)
        text = f"{greeting}\n\n{text}\n\n{plan}\n{chosen.public_url}{page}\n\n{chosen.brand_name}\n"
    attachments = []
    if invoice is not None:
        file = documents.invoice_pdf(SYSTEM, InvoiceId(invoice.id))
        attachments = [Attachment(file.name, MEDIA_TYPE, file.content)]
    mail.send(to.email, f"{subject} – {chosen.brand_name}", text, key=key, attachments=attachments)
    note_letter(SYSTEM, key)

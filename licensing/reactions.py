"""What licensing does when something happened. Every function may run twice."""

import contextlib
from collections.abc import Mapping, Sequence

from accounts.access import SYSTEM
from billing.events import NoticeArrived
from billing.payments.port import ProviderDown
from kit.events import Event
from kit.worker import Reaction
from licensing import checkout, letters, queries, stored_cards, use_cases
from licensing.events import (
    CardEnded,
    CardStored,
    InvoiceIssued,
    InvoiceOverdue,
    InvoicePaid,
    LicencesBack,
    LicencesLost,
    PaidTwice,
    TrialEnding,
)
from stations.events import StationMoved


def charge_card(event: InvoiceIssued | InvoiceOverdue) -> None:
    """Pay it with the stored card, and try that again with every reminder. A provider that does not answer is asked
    again by a job; the letter does not wait for it.
    """
    with contextlib.suppress(ProviderDown):
        stored_cards.charge(event.invoice_id)


def pay_open(event: CardStored) -> None:
    """Pay with the new card what is open."""
    for invoice_id in queries.payable_invoices(SYSTEM, event.account_id):
        stored_cards.charge(invoice_id)


def forget_card(event: CardEnded) -> None:
    """Have the provider forget it."""
    stored_cards.forget(event.card_id)


def mail_invoice(event: InvoiceIssued) -> None:
    """Send it as PDF."""
    letters.send_invoice(event.invoice_id)


def mail_reminder(event: InvoiceOverdue) -> None:
    """Ask for the money, with the invoice once more."""
    letters.send_reminder(event.invoice_id, event.number)


def unlock(event: InvoicePaid) -> None:
    """What waited for the money goes on."""
    use_cases.unlock_paid(SYSTEM, event.invoice_id)


def warn_of_trial_end(event: TrialEnding) -> None:
    """Tell when the trial ends."""
    letters.send_trial_ending(event.subscription_id)


def tell_of_loss(event: LicencesLost) -> None:
    """Tell that the stations are in the free plan now, and why."""
    letters.send_loss(event.subscription_id, event.reason)


def tell_of_return(event: LicencesBack) -> None:
    """Tell that everything works again."""
    letters.send_return(event.subscription_id)


def tell_of_paid_twice(event: PaidTwice) -> None:
    """Tell the account and the platform's staff that money may have to be paid back."""
    letters.send_paid_twice(event.card_payment_id, taken=event.taken)


def look_at_card(event: NoticeArrived) -> None:
    """Read at the provider what a webhook was about, where it is one of ours."""
    if event.payment_id is not None and event.payment_id in queries.open_card_payments(SYSTEM):
        checkout.look(event.payment_id)
    if event.payment_id is not None and event.payment_id in queries.open_card_pages(SYSTEM):
        stored_cards.look(event.payment_id)


def free_place(event: StationMoved) -> None:
    """A station that moved leaves its licence where it was bought."""
    use_cases.keep_entitlements(SYSTEM, event.from_account_id)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    InvoiceIssued: [charge_card, mail_invoice],
    InvoiceOverdue: [charge_card, mail_reminder],
    CardEnded: [forget_card],
    CardStored: [pay_open],
    InvoicePaid: [unlock],
    TrialEnding: [warn_of_trial_end],
    LicencesLost: [tell_of_loss],
    LicencesBack: [tell_of_return],
    PaidTwice: [tell_of_paid_twice],
    NoticeArrived: [look_at_card],
    StationMoved: [free_place],
}

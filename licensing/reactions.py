"""What licensing does when something happened. Every function may run twice."""

from collections.abc import Mapping, Sequence

from accounts.access import SYSTEM
from billing.events import NoticeArrived
from kit.events import Event
from kit.worker import Reaction
from licensing import checkout, letters, queries, use_cases
from licensing.events import InvoiceIssued, InvoiceOverdue, InvoicePaid, LicencesBack, LicencesLost, TrialEnding
from stations.events import StationMoved


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


def look_at_card(event: NoticeArrived) -> None:
    """Read at the provider what a webhook was about, where it is one of ours."""
    if event.payment_id is not None and event.payment_id in queries.open_card_payments(SYSTEM):
        checkout.look(event.payment_id)


def free_place(event: StationMoved) -> None:
    """A station that moved leaves its licence where it was bought."""
    use_cases.keep_entitlements(SYSTEM, event.from_account_id)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    InvoiceIssued: [mail_invoice],
    InvoiceOverdue: [mail_reminder],
    InvoicePaid: [unlock],
    TrialEnding: [warn_of_trial_end],
    LicencesLost: [tell_of_loss],
    LicencesBack: [tell_of_return],
    NoticeArrived: [look_at_card],
    StationMoved: [free_place],
}

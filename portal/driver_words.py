"""What the driver's page says in words: the heading of every stage, why something failed, and where the hold is."""

from billing.queries import PaymentView
from billing.values import PaymentStage, PaymentState
from kit.i18n import _, money
from kit.i18n import lazy_ as word

HEADINGS: dict[PaymentStage, str] = {
    PaymentStage.CHECKOUT: word("Waiting for your card"),
    PaymentStage.PLUG_IN: word("Plug in now"),
    PaymentStage.CHARGING: word("Charging"),
    PaymentStage.STOPPING: word("Stopping"),
    PaymentStage.SETTLING: word("Charging has ended"),
    PaymentStage.PAID: word("Done. Thank you!"),
    PaymentStage.NOTHING_DUE: word("Done. Nothing to pay"),
    PaymentStage.NOT_STARTED: word("The session did not start"),
    PaymentStage.DECLINED: word("Your card was declined"),
    PaymentStage.ABANDONED: word("You have not paid"),
    PaymentStage.FAILED: word("The payment failed"),
}

# why a session did not come about, by the code of the failure
FAILURES: dict[str, str] = {
    "not_plugged_in": word("Nothing was plugged in within 90 seconds."),
    "refused": word("The station refused to start. Unplug the cable, plug it in again and retry."),
    "no_answer": word("The station did not answer in time."),
    "offline": word("The station has no connection at the moment."),
    "station_offline": word("The station has no connection at the moment."),
    "cancelled": word("You cancelled the start."),
    "occupied": word("Somebody else was faster at this connector."),
    "start_waiting": word("Somebody else was faster at this connector."),
    "faulted": word("The station reports a fault."),
    "closed": word("It has just closed here."),
    "out_of_service": word("The station went out of service."),
    "operator_cannot_be_paid": word("The operator may not take payments at the moment. Nothing was taken."),
    "wrong_amount": word("Another amount was reserved than agreed."),
    "too_late": word("The payment came too late."),
    "replaced": word("You started a new payment instead."),
    "expired": word("The payment page was open for too long."),
    "given_up": word("You left the payment page. Nothing was reserved."),
    "checkout_refused": word("The payment provider did not accept the payment. Nothing was reserved."),
    "hold_lost": word("The reservation on your card ended early. The operator will contact you if something is due."),
    "capture_refused": word("The amount could not be taken from your card. Please ask the operator."),
    "release_refused": word("The reservation could not be released yet; it ends by itself in a few days."),
}
NOT_STARTED = word("The session did not come about.")

# why a card was refused, by the code of the decline
DECLINES: dict[str, str] = {
    "insufficient_funds": word("There is not enough money on the card for the reservation."),
    "expired_card": word("The card has expired."),
    "incorrect_cvc": word("The security code of the card is wrong."),
    "authentication_failed": word("Your bank could not confirm that it is you."),
    "payment_intent_authentication_failure": word("Your bank could not confirm that it is you."),
    "lost_card": word("The bank refused the card."),
    "stolen_card": word("The bank refused the card."),
}
DECLINED = word("The bank refused the card.")

SHOWN_AGAIN = word("Most banks show it at once, some take up to 10 days.")


def heading(view: PaymentView) -> str:
    """The one thing to know now."""
    if view.stage is PaymentStage.NOTHING_DUE and view.terms.free:
        return _("Done. Thank you!")
    return _(HEADINGS[view.stage])


def reason(view: PaymentView) -> str:
    """Why it went as it did; empty where all is well."""
    match view.stage:
        case PaymentStage.DECLINED:
            why = _(DECLINES.get(view.failure or "", DECLINED))
            return " ".join((why, _("Nothing was reserved. Try another card.")))
        case PaymentStage.NOTHING_DUE:
            return _("Charging is free here.") if view.terms.free else _("Less than the smallest amount was used.")
        case PaymentStage.ABANDONED | PaymentStage.NOT_STARTED | PaymentStage.FAILED:
            return _(FAILURES.get(view.failure or "", NOT_STARTED))
    return ""


def hold_words(view: PaymentView) -> str:
    """Where the reserved money is, and when the driver has it back; empty where nothing is or was reserved."""
    currency = view.terms.currency
    if not view.hold_minor or view.stage in (PaymentStage.DECLINED, PaymentStage.ABANDONED, PaymentStage.FAILED):
        return ""
    hold = money(view.hold_minor, currency)
    if view.state is PaymentState.RELEASING:
        return _("The reserved %(hold)s are being released.", hold=hold)
    if view.state is PaymentState.RELEASED:
        words = _("The reserved %(hold)s were released.", hold=hold)
        return f"{words} {_(SHOWN_AGAIN)}"
    if view.state is PaymentState.CAPTURED and view.released_minor:
        rest = money(view.released_minor, currency)
        words = _("%(rest)s of the reserved %(hold)s were released.", rest=rest, hold=hold)
        return f"{words} {_(SHOWN_AGAIN)}"
    return ""

"""What billing does when something happened. Every function may run twice."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.access import SYSTEM
from accounts.events import SuspensionChanged
from accounts.values import AccountId
from billing import (
    checkout,
    letters,
    onboarding,
    operator_letters,
    payout_brake,
    price_links,
    queries,
    settling,
    use_cases,
)
from billing.events import (
    CheckoutClosed,
    DocumentIssued,
    LegalChangeDecided,
    NoticeArrived,
    PaymentEmailChanged,
    PaymentHeld,
    PaymentToCapture,
    PaymentToRelease,
    PayoutsReleased,
    PriceLinkWanted,
    RefundRequested,
    VerificationChanged,
)
from billing.values import LegalChangeId, PaymentId, PersonPriceId, RefundId, VerificationState
from charging.events import AuthorisationFailed, SessionEnded, SessionStarted
from charging.values import SessionId
from kit.errors import NotFound
from kit.events import Event
from kit.worker import Picky
from stations import queries as stations
from stations.events import CommandFinished, StationMoved
from stations.values import Action, CommandId, CommandState, StationId


def attach_session(event: SessionStarted) -> None:
    """A paid session shows on its driver's page."""
    if event.authorisation_id is not None:
        use_cases.attach_session(SYSTEM, SessionId(event.session_id))


def settle_ended_session(event: SessionEnded) -> None:
    """A paid session gets its price."""
    if event.authorisation_id is not None:
        use_cases.settle_session(SYSTEM, SessionId(event.session_id))


def agree_terms(event: SessionStarted) -> None:
    """A session by tag is to cost what its holder's own price is at its start."""
    use_cases.agree_terms(SYSTEM, SessionId(event.session_id))


def price_tag_session(event: SessionEnded) -> None:
    """A session by tag gets its price, where one was agreed on."""
    use_cases.price_tag_session(SYSTEM, SessionId(event.session_id))


def mail_price_link(event: PriceLinkWanted) -> None:
    """Send somebody the link that shows who he is."""
    price_links.send(PersonPriceId(event.person_price_id), event.wanted_at)


def release_failed_start(event: AuthorisationFailed) -> None:
    """A start that came to nothing costs nothing."""
    use_cases.release_failed_start(SYSTEM, event.authorisation_id, event.failure)


def tell_refused_stop(event: CommandFinished) -> None:
    """A charger that does not stop: the driver may try again, and the page says so."""
    if event.action == Action.REMOTE_STOP.value and event.state != CommandState.ACCEPTED.value:
        command = stations.command(SYSTEM, CommandId(event.command_id))
        use_cases.stop_refused(SYSTEM, int(command.payload["transactionId"]), event.state)


def carry_prices(event: StationMoved) -> None:
    """A station that moved keeps its price."""
    use_cases.carry_prices(SYSTEM, StationId(event.station_id))


def capture(event: PaymentToCapture) -> None:
    """Take the money."""
    settling.capture(PaymentId(event.payment_id))


def release(event: PaymentToRelease) -> None:
    """Give the hold back."""
    settling.release(PaymentId(event.payment_id))


def refund(event: RefundRequested) -> None:
    """Pay back."""
    settling.refund(RefundId(event.refund_id))


def close_checkout(event: CheckoutClosed) -> None:
    """Accept no card any more."""
    checkout.close(PaymentId(event.payment_id))


def look_again(event: NoticeArrived) -> None:
    """Read at the provider what a webhook was about."""
    if event.payment_id is not None:
        with contextlib.suppress(NotFound):  # it pays something else than a session: another room's
            checkout.look(PaymentId(event.payment_id))
    if event.account_ref is not None:
        onboarding.look(event.provider, event.account_ref)


def mail_link(event: PaymentHeld) -> None:
    """Send the driver the way back to his session."""
    letters.send_link(PaymentId(event.payment_id))


def mail_document(event: DocumentIssued) -> None:
    """Send the driver his receipt or credit note."""
    letters.send_document(event.document_id)


def mail_again(event: PaymentEmailChanged) -> None:
    """Send to the corrected address what went to the wrong one."""
    letters.send_all(PaymentId(event.payment_id))


def follow_verification(event: VerificationChanged | SuspensionChanged | PayoutsReleased) -> None:
    """The provider pays out from now on, or no more."""
    payout_brake.follow(AccountId(event.account_id))


def tell_verification(event: VerificationChanged) -> None:
    """Mail the owners what the new state means."""
    operator_letters.tell_state(AccountId(event.account_id), VerificationState(event.state))


def tell_decision(event: LegalChangeDecided) -> None:
    """Mail the owners what became of their wish."""
    operator_letters.tell_decision(LegalChangeId(event.change_id))


def _paid(events: Sequence[SessionStarted | SessionEnded]) -> list[SessionStarted | SessionEnded]:
    return [event for event in events if event.authorisation_id is not None]


def _at_own_price(events: Sequence[SessionStarted | SessionEnded]) -> list[SessionStarted | SessionEnded]:
    unpaid = [event for event in events if event.authorisation_id is None]
    picked = queries.sessions_at_own_price(SYSTEM, [event.session_id for event in unpaid]) if unpaid else set()
    return [event for event in unpaid if event.session_id in picked]


REACTIONS: Mapping[type[Event], Sequence[Callable[[Any], None]]] = {
    SessionStarted: [Picky(attach_session, _paid), Picky(agree_terms, _at_own_price)],
    SessionEnded: [Picky(settle_ended_session, _paid), Picky(price_tag_session, _at_own_price)],
    AuthorisationFailed: [release_failed_start],
    CommandFinished: [tell_refused_stop],
    StationMoved: [carry_prices],
    PaymentHeld: [mail_link],
    PaymentToCapture: [capture],
    PaymentToRelease: [release],
    PriceLinkWanted: [mail_price_link],
    RefundRequested: [refund],
    CheckoutClosed: [close_checkout],
    NoticeArrived: [look_again],
    DocumentIssued: [mail_document],
    PaymentEmailChanged: [mail_again],
    VerificationChanged: [follow_verification, tell_verification],
    SuspensionChanged: [follow_verification],
    PayoutsReleased: [follow_verification],
    LegalChangeDecided: [tell_decision],
}

"""What webhooks does when something happened elsewhere: it writes messages down, and sends them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.access import SYSTEM
from billing.events import DocumentIssued
from billing.queries import receipt_document
from charging.events import SessionEnded, SessionStarted
from kit import mail, settings
from kit.events import Event
from kit.i18n import _, speaking
from kit.worker import Picky, Reaction
from stations.events import CommandFinished, StationAdded, StationTroubled, StationWell
from stations.queries import station_page
from stations.values import StationId
from webhooks import queries, use_cases
from webhooks.events import DeliveryDue, EndpointGivenUp
from webhooks.sending import try_delivery
from webhooks.values import EventType


def tell_of_start(event: SessionStarted) -> None:
    """A session began."""
    _tell(EventType.SESSION_STARTED, event.account_id, event.session_id, event)


def tell_of_end(event: SessionEnded) -> None:
    """A session ended."""
    _tell(EventType.SESSION_ENDED, event.account_id, event.session_id, event)


def tell_of_command(event: CommandFinished) -> None:
    """A command is final."""
    station = station_page(SYSTEM, StationId(event.station_id)).station
    _tell(EventType.COMMAND_FINISHED, station.account_id, event.command_id, event)


def tell_of_station(event: StationAdded) -> None:
    """A station was added."""
    _tell(EventType.STATION_ADDED, event.account_id, event.station_id, event)


def tell_of_trouble(event: StationTroubled) -> None:
    """Something ails a station."""
    _tell(EventType.STATION_TROUBLED, event.account_id, event.trouble_id, event)


def tell_of_recovery(event: StationWell) -> None:
    """It is over."""
    _tell(EventType.STATION_WELL, event.account_id, event.trouble_id, event)


def tell_of_receipt(event: DocumentIssued) -> None:
    """A receipt or credit note was issued."""
    account_id = receipt_document(SYSTEM, event.document_id).account_id
    _tell(EventType.RECEIPT_ISSUED, account_id, event.document_id, event)


def deliver(event: DeliveryDue) -> None:
    """Send a message now."""
    try_delivery(event.delivery_id)


def tell_owner(event: EndpointGivenUp) -> None:
    """Write to the account whose endpoint failed for days."""
    row, account = queries.account_of_endpoint(SYSTEM, event.endpoint_id)
    if not account.contact_email:
        return
    brand = settings.current().brand_name
    with speaking(account.language):
        subject = _("A webhook was switched off")
        text = _(
            "For five days no message arrived at %(url)s, so nothing is sent there any more. What went wrong, and a "
            "button to switch it on again:",
            url=row.url,
        )
        link = f"{settings.current().public_url}/webhook-endpoints/{row.id}"
        body = f"{text}\n\n{link}\n\n{brand}\n"
        mail.send(account.contact_email, f"{subject} – {brand}", body, key=f"webhook:{row.id}:{row.disabled_at}")


def _tell(kind: EventType, account_id: UUID, row_id: UUID, event: Event) -> None:
    told = {_camel(name): value for name, value in event.payload().items() if value is not None}
    facts: dict[str, Any] = {**told, "accountId": str(account_id)}
    for endpoint_id in queries.endpoints_to_tell(SYSTEM, kind, account_id):
        use_cases.write_delivery(SYSTEM, endpoint_id, kind, f"{kind.value}:{row_id}", facts)


def _heard(events: Sequence[Any]) -> list[Any]:
    """Those of which somebody may want to be told: thousands of sessions may begin at once, and few tell a program."""
    told = queries.accounts_with_endpoints(SYSTEM, {event.account_id for event in events})
    return [event for event in events if event.account_id in told]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    SessionStarted: [Picky(tell_of_start, _heard)],
    SessionEnded: [Picky(tell_of_end, _heard)],
    CommandFinished: [tell_of_command],
    StationAdded: [Picky(tell_of_station, _heard)],
    StationTroubled: [Picky(tell_of_trouble, _heard)],
    StationWell: [Picky(tell_of_recovery, _heard)],
    DocumentIssued: [tell_of_receipt],
    DeliveryDue: [deliver],
    EndpointGivenUp: [tell_owner],
}

"""What a connector offers to somebody who stands in front of it without a contract."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from accounts.access import ANYONE, Actor, public
from accounts.sellers import Seller, seller_of
from billing import occupancy, payees
from billing.models import Payment
from billing.queries.tariffs import terms_of
from billing.values import ANY_DRIVER, Driver, PaymentState, Terms
from charging.queries import active_session_of
from kit import clock, db
from kit.errors import NotFound
from kit.use_case import query
from stations.models import Connector
from stations.queries import session_ends_at
from stations.values import ConnectorId


@dataclass(frozen=True)
class Offer:
    """The price, who sells, what is reserved (minor units), and why nobody can pay right now.

    `refusal` is None where a paid session can begin, else the code that `request_payment` would refuse with: no_price,
    out_of_service, faulted, closed, occupied, operator_cannot_be_paid. `occupied_since` is set while somebody charges.
    `ends_at`: when a session is stopped, as it closes then.
    """

    seller: Seller
    terms: Terms | None
    hold_minor: int
    refusal: str | None
    occupied_since: datetime | None
    ends_at: datetime | None


@query
def offer_of(actor: Actor, connector_id: ConnectorId, driver: Driver = ANY_DRIVER) -> Offer:
    """The offer of a connector to this driver at this moment. Raises NotFound."""
    public("prices and the seller are shown to everybody before the start")
    connector = db.session().get(Connector, connector_id)
    if connector is None:
        raise NotFound()
    terms = terms_of(actor, connector_id, driver)
    refusal = _refusal(connector, terms)
    free = terms is not None and terms.free
    return Offer(
        seller=seller_of(connector.account_id),
        terms=terms,
        hold_minor=0 if free else payees.hold_of(connector.account_id),
        refusal=refusal,
        occupied_since=_occupied_since(connector) if refusal == "occupied" else None,
        ends_at=session_ends_at(connector, clock.now(), own=terms is not None and terms.personal),
    )


def _refusal(connector: Connector, terms: Terms | None) -> str | None:
    if terms is None:
        return "no_price"
    if payees.suspended(connector.account_id):
        return "out_of_service"
    if refused := occupancy.refusal(connector, clock.now(), own=terms.personal):
        return refused
    payable = terms.free or payees.payee_of(connector.account_id) is not None
    return None if payable else "operator_cannot_be_paid"


def _occupied_since(connector: Connector) -> datetime | None:
    """The start of the session, else of the permission to start one, else what the charger said."""
    running = active_session_of(ANYONE, ConnectorId(connector.id))
    return running.started_at if running else _held_since(connector.id) or connector.status_at


def _held_since(connector_id: UUID) -> datetime | None:
    held = select(Payment.held_at).where(Payment.connector_id == connector_id, Payment.state == PaymentState.HELD)
    return db.session().scalars(held.limit(1)).first()

"""Whether a paid session could begin at a connector now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billing.models import Payment
from billing.values import PaymentState
from charging.models import Authorisation, ChargingSession
from charging.values import AuthorisationState, SessionState
from kit import db
from kit.errors import NotFound
from stations.models import Connector, Station
from stations.queries import admits, shown_state
from stations.values import ShownState

_REFUSED = {
    ShownState.OCCUPIED: "occupied",
    ShownState.FAULTED: "faulted",
    ShownState.OUT_OF_SERVICE: "out_of_service",
}


def locked_connector(connector_id: UUID) -> Connector:
    """The connector, its payments served one after another until the transaction ends. Raises NotFound."""
    connector = db.session().get(Connector, connector_id, with_for_update=True, populate_existing=True)
    if connector is None or connector.code is None:
        raise NotFound()
    return connector


def refusal(connector: Connector, now: datetime, *, own: bool, but: UUID | None = None) -> str | None:
    """Why nobody can start here: occupied, faulted, out_of_service, closed; None: he can. `but` is his own payment;
    `own`: he has a price of his own, and comes and goes as the operator's tags do.
    """
    station = db.session().get_one(Station, connector.station_id)
    if not connector.wanted_available:
        return "out_of_service"
    if not admits(connector, now, own=own):
        return "closed"
    if refused := _REFUSED.get(shown_state(connector, station, now)):
        return refused
    return "occupied" if _taken(connector.id, now, but) else None


def _taken(connector_id: UUID, now: datetime, but: UUID | None) -> bool:
    session = db.session()
    running = select(ChargingSession.id).where(
        ChargingSession.connector_id == connector_id, ChargingSession.state == SessionState.ACTIVE
    )
    permitted = select(Authorisation.id).where(
        Authorisation.connector_id == connector_id,
        Authorisation.state == AuthorisationState.WAITING,
        Authorisation.expires_at > now,
    )
    held = select(Payment.id).where(Payment.connector_id == connector_id, Payment.state == PaymentState.HELD)
    if but is not None:
        held = held.where(Payment.id != but)
    return any(session.scalars(found.limit(1)).first() is not None for found in (running, permitted, held))

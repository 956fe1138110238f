"""Connectors: what everybody may know of one, found by the number on its label or by its id."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select

from accounts.access import Actor, allowed, public
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from kit import clock, db
from kit.use_case import query
from stations.models import Connector, Station
from stations.queries.opening_hours import Opening, opening_of
from stations.queries.states import shown_state
from stations.values import ConnectorId, ConnectorStatus, PlugType, ShownState


@dataclass(frozen=True)
class ConnectorCard:
    """What a driver in front of a charger may know. Power in W; the seller is the operator, never the platform."""

    connector_id: UUID
    station_id: UUID
    account_id: UUID
    code: str
    number: int
    name: str
    plug: PlugType
    max_power_w: int
    status: ConnectorStatus
    state: ShownState
    opening: Opening | None
    connected: bool
    station_name: str
    description: str
    street: str
    postcode: str
    city: str
    country: str
    latitude_e6: int | None
    longitude_e6: int | None
    time_zone: str
    currency: str
    seller_name: str
    seller_street: str
    seller_postcode: str
    seller_city: str
    seller_country: str
    contact_email: str
    contact_phone: str


@query
def connector_by_code(actor: Actor, code: str) -> ConnectorCard | None:
    """The connector whose label shows this number, blanks and dashes aside; None where there is none."""
    public("the number stands on the charger for everybody to scan")
    digits = "".join(sign for sign in code if sign.isascii() and sign.isalnum())
    return _card(Connector.code == digits)


@query
def connector_card(actor: Actor, connector_id: ConnectorId) -> ConnectorCard | None:
    """The same facts by the connector's id; None where there is none."""
    public("the same facts that the number on the label leads to")
    return _card(Connector.id == connector_id)


@query
def connector(actor: Actor, connector_id: ConnectorId) -> Connector:
    """One connector, for its form. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_STATIONS, Connector, connector_id)


def _card(which: ColumnElement[bool]) -> ConnectorCard | None:
    found = db.session().execute(
        select(Connector, Station, Account)
        .join(Station, Station.id == Connector.station_id)
        .join(Account, Account.id == Connector.account_id)
        .where(which, Connector.code.is_not(None))
    )
    row = found.one_or_none()
    return None if row is None else _facts(*row)


def _facts(connector: Connector, station: Station, account: Account) -> ConnectorCard:
    assert connector.code is not None, "only connectors with a label have a card"
    seller, now = seller_of(account.id), clock.now()
    return ConnectorCard(
        connector_id=connector.id,
        station_id=station.id,
        account_id=account.id,
        code=connector.code,
        number=connector.number,
        name=connector.name,
        plug=connector.plug,
        max_power_w=connector.max_power_w,
        status=connector.status,
        state=shown_state(connector, station, now),
        opening=opening_of(connector, station, account.time_zone, now),
        connected=station.connected_at is not None,
        station_name=station.name,
        description=station.description,
        street=station.street,
        postcode=station.postcode,
        city=station.city,
        country=station.country,
        latitude_e6=station.latitude_e6,
        longitude_e6=station.longitude_e6,
        time_zone=account.time_zone,
        currency=account.currency,
        seller_name=seller.name,
        seller_street=seller.street,
        seller_postcode=seller.postcode,
        seller_city=seller.city,
        seller_country=seller.country,
        contact_email=seller.contact_email,
        contact_phone=seller.contact_phone,
    )

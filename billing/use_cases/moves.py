"""Prices go with a station to another account."""

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.models import Account
from billing.models import PersonPrice, TariffAssignment
from billing.person_prices import tariff_at
from billing.queries.tariffs import prices_of
from billing.tariff_versions import carried
from kit import clock, db
from kit.use_case import use_case
from stations.models import Connector, Station
from stations.values import StationId


@use_case
def carry_prices(actor: Actor, station_id: StationId) -> None:
    """Let a station that moved sell at what it sold at, to everybody and to single people: as prices of its account,
    with the VAT of whoever sells now.

    Running sessions keep the terms that were agreed on. A price that belongs to the account already stays as it is.
    """
    system(actor)
    session = db.session()
    station = session.get_one(Station, station_id, populate_existing=True)
    account = session.get_one(Account, station.account_id)
    connector_ids = session.scalars(select(Connector.id).where(Connector.station_id == station_id)).all()
    for connector_id, sold in prices_of(actor, connector_ids).items():
        if sold.account_id == account.id:
            continue
        tariff = carried(sold, account)
        session.add(tariff)
        session.flush()
        assigned = TariffAssignment(
            account_id=account.id, connector_id=connector_id, tariff_id=tariff.id, valid_from=tariff.created_at
        )
        session.add(assigned)
    _carry_person_prices(station_id, account)


def _carry_person_prices(station_id: StationId, account: Account) -> None:
    """Those of the station and of its connectors; a group of stations stays where it is."""
    session = db.session()
    elsewhere = PersonPrice.station_id == station_id, PersonPrice.account_id != account.id
    for own in session.scalars(select(PersonPrice).where(*elsewhere)).all():
        own.account_id = account.id
        if own.removed_at is None:
            sold = tariff_at(own.id, clock.now())
            session.add(carried(sold, account, person_price_id=own.id))

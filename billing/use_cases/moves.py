"""Prices go with a station to another account."""

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.models import Account
from accounts.sellers import seller_of
from billing.models import Tariff, TariffAssignment
from billing.queries.tariffs import applicable_percent, prices_of
from kit import clock, db
from kit.use_case import use_case
from stations.models import Connector
from stations.values import StationId


@use_case
def carry_prices(actor: Actor, station_id: StationId) -> None:
    """Let a station that moved sell at what it sold at: as prices of its account, with the VAT of whoever sells now.

    Running sessions keep the terms that were agreed on. A price that belongs to the account already stays as it is.
    """
    system(actor)
    session = db.session()
    connectors = session.scalars(select(Connector).where(Connector.station_id == station_id)).all()
    present = prices_of(actor, [connector.id for connector in connectors])
    for connector in connectors:
        sold = present.get(connector.id)
        if sold is None or sold.account_id == connector.account_id:
            continue
        account = session.get_one(Account, connector.account_id)
        tariff = Tariff(
            account_id=account.id,
            currency=sold.currency,
            energy_price=sold.energy_price,
            time_price=sold.time_price,
            session_fee=sold.session_fee,
            vat_percent=applicable_percent(seller_of(account.id), sold.vat_percent, account.time_zone),
            created_at=clock.now(),
        )
        session.add(tariff)
        session.flush()
        assigned = TariffAssignment(
            account_id=account.id, connector_id=connector.id, tariff_id=tariff.id, valid_from=tariff.created_at
        )
        session.add(assigned)

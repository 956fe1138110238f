"""What a connector sells at."""

from collections.abc import Collection
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Select, bindparam, func, select

from accounts.access import Actor, prepared, public, visible
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import Seller, seller_of
from billing import vat
from billing.models import Tariff, TariffAssignment
from billing.person_prices import own_price_of
from billing.values import ANY_DRIVER, Driver, Terms
from kit import clock, db
from kit.use_case import query
from stations.models import Connector

_ASKED: BindParameter[Any] = bindparam("connectors", expanding=True)


@query
def terms_of(actor: Actor, connector_id: UUID, driver: Driver = ANY_DRIVER) -> Terms | None:
    """The terms that this driver would agree to now: at a price of his own, or everybody's; None: the connector has no
    price for him or does not exist.
    """
    public("prices are shown before the start, to everybody")
    connector = db.session().get(Connector, connector_id)
    if connector is None:
        return None
    own = own_price_of(driver, connector, clock.now())
    tariff = own or _current([connector_id]).get(connector_id)
    return None if tariff is None else terms_at(tariff, connector)


def terms_at(tariff: Tariff, connector: Connector) -> Terms:
    """A price as the terms of a session that begins now; for rooms, within their door."""
    account = db.session().get_one(Account, connector.account_id)
    return Terms(
        tariff_id=tariff.id,
        currency=tariff.currency,
        energy_price=tariff.energy_price,
        time_price=tariff.time_price,
        session_fee=tariff.session_fee,
        vat_percent=applicable_percent(seller_of(account.id), tariff.vat_percent, account.time_zone),
        time_zone=account.time_zone,
        personal=tariff.person_price_id is not None,
    )


@query
def prices_of(actor: Actor, connector_ids: Collection[UUID], *, only: tuple[str, ...] = ()) -> dict[UUID, Tariff]:
    """The present tariff of each of these connectors that the actor sees and that has one; of `only` no more than
    these columns.
    """
    found = prepared(actor, Right.VIEW_TARIFFS, _seen_prices, only)
    return {row[0]: row for row in db.rows(found, {"connectors": list(connector_ids)})}


def _seen_prices(actor: Actor, only: tuple[str, ...]) -> Select[UUID, Tariff]:
    # of those asked for: a master sees tens of thousands
    seen = visible(actor, Right.VIEW_TARIFFS, select(Connector.id).where(Connector.id.in_(_ASKED)), Connector)
    return _prices(only).where(TariffAssignment.connector_id.in_(seen))


def applicable_percent(seller: Seller, wanted: Decimal | None, time_zone: str) -> Decimal | None:
    """The VAT in the seller's prices today: none unless he is registered; where the law's table knows him, its rate."""
    if not seller.vat_registered:
        return None
    today = clock.now().astimezone(ZoneInfo(time_zone)).date()
    lawful = vat.standard_percent(seller.country, today)
    return wanted if lawful is None else lawful


def _current(connector_ids: Collection[UUID]) -> dict[UUID, Tariff]:
    return {row[0]: row for row in db.rows(_prices(()), {"connectors": list(connector_ids)})}


@cache
def _prices(only: tuple[str, ...]) -> Select[UUID, Tariff]:
    newest_first = func.row_number().over(
        partition_by=TariffAssignment.connector_id,
        order_by=(TariffAssignment.valid_from.desc(), TariffAssignment.id.desc()),
    )
    of_them = TariffAssignment.connector_id.in_(_ASKED)
    ranked = (
        select(TariffAssignment.id, newest_first.label("rank"))
        .where(of_them, TariffAssignment.valid_from <= db.present())
        .subquery()
    )
    return (
        select(TariffAssignment.connector_id, db.facts(Tariff, *only))
        .join(ranked, ranked.c.id == TariffAssignment.id)
        .join(Tariff, Tariff.id == TariffAssignment.tariff_id)
        .where(ranked.c.rank == 1)
    )

"""Setting prices."""

from decimal import Decimal
from uuid import UUID

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from billing import payees
from billing.models import Tariff, TariffAssignment
from billing.price_rules import judged_prices, judged_vat
from billing.profiles import wants_to_earn
from billing.queries.tariffs import prices_of
from billing.values import Earning
from kit import clock, db
from kit.errors import Invalid
from kit.use_case import use_case
from stations.models import Connector


@use_case
def set_price(
    actor: Actor,
    connector_id: UUID,
    *,
    energy_price: Decimal,
    time_price: Decimal,
    session_fee: Decimal,
    vat_percent: Decimal | None = None,
) -> Tariff:
    """Let a connector sell at this price from now on; running sessions keep theirs.

    Prices are gross in major units of the account's currency: per kWh, per minute, once a session. `vat_percent` is for
    registered sellers only; None means the standard rate of the seller's country. The same price again changes nothing.
    Raises Invalid by field: not_a_number, negative, too_high, too_precise, not_registered, not_the_rate, required;
    Conflict("verification_restricted") for a price above zero where the operator had to be verified by now.
    """
    connector = allowed(actor, Right.MANAGE_TARIFFS, Connector, connector_id, lock=True)
    account = db.session().get_one(Account, connector.account_id)
    prices = {"energy_price": energy_price, "time_price": time_price, "session_fee": session_fee}
    percent, vat_problem = judged_vat(seller_of(account.id), vat_percent, account.time_zone)
    problems = judged_prices(prices)
    if vat_problem:
        problems["vat_percent"] = vat_problem
    if problems:
        raise Invalid(**problems)
    if any(prices.values()):
        payees.need_earning(account.id, Earning.PRICES)
        wants_to_earn(account.id)
    now = prices_of(actor, [connector_id]).get(connector_id)
    if now is not None and _same(now, account.currency, percent, prices):
        return now
    tariff = Tariff(
        account_id=account.id, currency=account.currency, vat_percent=percent, created_at=clock.now(), **prices
    )
    db.session().add(tariff)
    db.session().flush()
    db.session().add(
        TariffAssignment(
            account_id=account.id, connector_id=connector_id, tariff_id=tariff.id, valid_from=tariff.created_at
        )
    )
    return tariff


@use_case
def remove_price(actor: Actor, connector_id: UUID) -> bool:
    """Let a connector sell nothing from now on; running sessions keep their price. False: it had none."""
    connector = allowed(actor, Right.MANAGE_TARIFFS, Connector, connector_id, lock=True)
    if connector_id not in prices_of(actor, [connector_id]):
        return False
    db.session().add(
        TariffAssignment(
            account_id=connector.account_id, connector_id=connector_id, tariff_id=None, valid_from=clock.now()
        )
    )
    db.session().flush()
    return True


def _same(tariff: Tariff, currency: str, percent: Decimal | None, prices: dict[str, Decimal]) -> bool:
    same_kind = (tariff.currency, tariff.vat_percent) == (currency, percent)
    return same_kind and prices == {field: getattr(tariff, field) for field in prices}

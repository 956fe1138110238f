"""Setting prices."""

from decimal import Decimal
from uuid import UUID

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from billing.models import Tariff
from billing.selling import present_price, sell
from billing.tariff_versions import judged_tariff, same_price
from kit import clock, db
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
    tariff = judged_tariff(account, prices, vat_percent)
    now = present_price(actor, connector_id)
    if now is not None and same_price(now, tariff):
        return now
    sell(connector, tariff, tariff.created_at)
    return tariff


@use_case
def remove_price(actor: Actor, connector_id: UUID) -> bool:
    """Let a connector sell nothing from now on; running sessions keep their price. False: it had none."""
    connector = allowed(actor, Right.MANAGE_TARIFFS, Connector, connector_id, lock=True)
    if present_price(actor, connector_id) is None:
        return False
    sell(connector, None, clock.now())
    return True

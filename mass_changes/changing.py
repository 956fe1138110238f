"""One connector changed, or changed back, through the doors that a person walks through by hand.

The person's rights are those of this moment; the doors ask for them and leave the audit lines.
"""

from decimal import Decimal
from typing import Any

from accounts.access import Actor
from accounts.models import Account
from accounts.sellers import seller_of
from billing.price_rules import kept_vat
from billing.use_cases import remove_price, set_price
from kit import db
from kit.errors import Conflict
from mass_changes.results import Facts, hours_plain, new_prices, price_plain
from mass_changes.values import PARTS, Subject, Wish
from stations.opening_hours import OpeningHours
from stations.use_cases import set_connector_hours
from stations.values import ConnectorId


def change(person: Actor, facts: Facts, wish: Wish) -> dict[str, Any] | None:
    """What came of it, as JSON. Raises what the doors refuse."""
    connector = facts.connector
    if wish.subject is Subject.OPENING_HOURS:
        return hours_plain(set_connector_hours(person, ConnectorId(connector.id), wish.hours))
    vat_percent = wish.vat_percent
    if wish.subject is Subject.PRICES:
        zone = db.session().get_one(Account, connector.account_id).time_zone
        vat_percent = kept_vat(seller_of(connector.account_id), facts.vat_percent, zone)
    prices = new_prices(wish, facts.tariff)
    return price_plain(set_price(person, connector.id, vat_percent=vat_percent, **prices))


def change_back(
    person: Actor, facts: Facts, subject: Subject, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    """What was there before is there again; where there was no price, there is none. Raises Conflict: `changed_since`
    (somebody else changed it; it is left); and what the doors refuse.
    """
    if facts.present(subject) != after:
        raise Conflict("changed_since")
    if before is None:
        remove_price(person, facts.connector.id)
        return
    if subject is Subject.OPENING_HOURS:
        plain = before["hours"]
        hours = None if plain is None else OpeningHours.from_plain(plain)
        set_connector_hours(person, ConnectorId(facts.connector.id), hours)
        return
    zone = db.session().get_one(Account, facts.connector.account_id).time_zone
    percent = None if before["vat_percent"] is None else Decimal(before["vat_percent"])
    vat_percent = kept_vat(seller_of(facts.connector.account_id), percent, zone)
    prices = {part: Decimal(before[part]) for part in PARTS}
    set_price(person, facts.connector.id, vat_percent=vat_percent, **prices)

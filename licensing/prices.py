"""What a licence costs today: the newest price that staff set, else the shipped one."""

from sqlalchemy import select

from kit import db
from licensing.models import PlanPrice
from licensing.plans import catalogue
from licensing.values import Interval, Price


def current_price(plan: str, currency: str, interval: Interval) -> Price | None:
    """The price for subscriptions and changes from now on; None where it is not sold."""
    return next(
        (each for each in current_prices(currency) if (each.plan, each.interval) == (plan, interval)),
        None,
    )


def current_prices(currency: str | None = None) -> list[Price]:
    """Every price, in the order of the plans. One statement."""
    changed: dict[tuple[str, str, Interval], int] = {}
    for row in db.session().scalars(select(PlanPrice).order_by(PlanPrice.set_at, PlanPrice.id)):
        changed[row.plan, row.currency, row.interval] = row.gross_minor
    return [
        Price(
            plan.id,
            price.currency,
            price.interval,
            changed.get((plan.id, price.currency, price.interval), price.gross_minor),
        )
        for plan in catalogue().for_sale
        for price in plan.prices
        if currency is None or price.currency == currency
    ]

"""Somebody who sells electricity: an account that can be paid, and a station with a price."""

from dataclasses import dataclass

from accounts.access import Actor
from billing import onboarding
from billing.payments import sandbox
from kit import settings
from tests import make
from tests.made import MadeStation, Owned


@dataclass(frozen=True)
class Market:
    """The operator and his station."""

    master: Owned
    station: MadeStation

    @property
    def owner(self) -> Actor:
        """The operator as the doors see him."""
        return self.master.owner


def market(*, connectors: int = 1, name: str = "Garage Muster AG", max_power_w: int = 700_000) -> Market:
    """Open one through the doors: 0.45 per kWh, 0.02 per minute, 1.00 per session, VAT included.

    The rating is that of a charger whose minutes last a second (`demo.plugs`): a meter is believed up to its rating.
    """
    master = make.account(name=name, language="en")
    make.legal_data(account_id=master.id, owner=master.owner)
    page = onboarding.start(master.owner, master.id, settings.current().public_url)
    sandbox.confirm_account(page.rsplit("/", 1)[1])
    onboarding.returned(master.id)
    home = make.property(master=master, name="Haus am See")
    station = make.station(
        property=home, owner=master.owner, name="Tiefgarage", connectors=connectors, max_power_w=max_power_w
    )
    for connector in station.connectors:
        make.price(connector=connector, owner=master.owner)
    return Market(master, station)

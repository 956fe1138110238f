"""An account in the free plan with stations, and the platform that sells it more."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.access import SYSTEM, Actor
from accounts.functions import Function
from accounts.queries import has_function
from accounts.values import AccountId
from kit import clock, worker
from licensing import jobs, queries
from licensing.models import Invoice, Subscription
from licensing.queries import Holding
from licensing.use_cases import invoice_paid
from licensing.values import InvoiceId, PaidBy
from stations.models import Station
from tests import make
from tests.made import Owned


@dataclass(frozen=True)
class Shop:
    """The operator, and three stations."""

    master: Owned
    stations: tuple[Station, ...]

    @property
    def owner(self) -> Actor:
        """The operator as the doors see him."""
        return self.master.owner

    @property
    def id(self) -> AccountId:
        """The account."""
        return self.master.id

    @property
    def station_ids(self) -> list[UUID]:
        """All stations."""
        return [UUID(str(station.id)) for station in self.stations]

    def has(self, station: int, function: Function = Function.MAINTENANCE) -> bool:
        """Whether a station has a function now."""
        return has_function(self.owner, function, self.id, self.station_ids[station])

    @property
    def held(self) -> Holding:
        """The plan page."""
        return queries.holding(self.owner, self.id)

    @property
    def subscription(self) -> Subscription:
        """What runs."""
        found = self.held.subscription
        assert found is not None, "nothing runs"
        return found

    def invoices(self) -> list[Invoice]:
        """All of them, oldest first."""
        return queries.invoices(self.owner, self.id)[::-1]

    def pay(self, number: int = -1) -> None:
        """The money for an invoice arrives on the bank account."""
        invoice_paid(SYSTEM, InvoiceId(self.invoices()[number].id), PaidBy.BANK)
        worker.drain()


def open_shop(*, stations: int = 3, language: str = "en") -> Shop:
    """Somebody with stations and the free plan."""
    master = make.account(name="Garage Muster AG", plan="free", language=language)
    made = [
        make.station(owner=master.owner, property=master.account, name=f"Platz {one + 1}") for one in range(stations)
    ]
    return Shop(master, tuple(each.station for each in made))


def days_pass(days: float) -> None:
    """The clock moves; jobs and reactions do their work at the end."""
    clock.move(clock.now() + timedelta(days=days))
    run()


def run() -> None:
    """The jobs of licensing, and what follows from them."""
    for job in jobs.JOBS:
        job.run()
    worker.drain()

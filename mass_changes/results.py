"""What a wish comes to at one connector, worked out without changing anything."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.models import Tariff
from kit.errors import Invalid
from mass_changes.values import PARTS, How, Subject, Wish
from stations.models import Connector

NEVER = {How.PERCENT, How.AMOUNT}


@dataclass(frozen=True)
class Facts:
    """A connector as it is: its tariff (None: no price) and its row."""

    connector: Connector
    tariff: Tariff | None

    @property
    def vat_percent(self) -> Decimal | None:
        """The rate that stands in its price."""
        return None if self.tariff is None else self.tariff.vat_percent

    def present(self, subject: Subject) -> dict[str, Any] | None:
        """What a change of this subject begins with, as JSON; None: no price."""
        return hours_plain(self.connector) if subject is Subject.OPENING_HOURS else price_plain(self.tariff)


def new_prices(wish: Wish, tariff: Tariff | None) -> dict[str, Decimal]:
    """The prices that a wish makes of the present ones. Raises Invalid by field: no_price."""
    if tariff is None and (wish.subject is Subject.VAT or any(step.how in NEVER for step in wish.steps.values())):
        raise Invalid(energy_price="no_price")
    present = {part: getattr(tariff, part) if tariff else Decimal(0) for part in PARTS}
    stepped = {part: step.applied(present[part], wish.round_to) for part, step in wish.steps.items()}
    return present | stepped


def hours_plain(connector: Connector) -> dict[str, Any]:
    """Opening hours as a row keeps them; None inside: those of the station."""
    return {"hours": connector.opening_hours}


def price_plain(tariff: Tariff | None) -> dict[str, Any] | None:
    """A price as a row keeps it, with the version that it is of."""
    if tariff is None:
        return None
    amounts = {part: str(getattr(tariff, part)) for part in PARTS}
    percent = None if tariff.vat_percent is None else str(tariff.vat_percent)
    return {"tariff_id": str(tariff.id), "currency": tariff.currency, "vat_percent": percent} | amounts

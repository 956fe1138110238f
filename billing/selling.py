"""What a connector sells at from now on. For many in one transaction, it is read ahead and written together."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from accounts.access import SYSTEM, Actor
from billing import payees
from billing.models import Tariff, TariffAssignment
from billing.queries.tariffs import prices_of
from kit import audit, db
from kit.ids import new_id
from stations.models import Connector

_AHEAD = "prices_ahead"


def read_ahead(connectors: Collection[Connector]) -> Mapping[UUID, Tariff | None]:
    """Read what `set_price` and `remove_price` will ask of these connectors, which are held; they write with the others
    then. The present prices. For rooms, within their door.
    """
    payees.read_ahead({one.account_id for one in connectors})
    prices = prices_of(SYSTEM, [one.id for one in connectors])
    ahead: dict[UUID, Tariff | None] = {one.id: prices.get(one.id) for one in connectors}
    db.session().info[_AHEAD] = ahead
    return dict(ahead)


def present_price(actor: Actor, connector_id: UUID) -> Tariff | None:
    """What it sells at now."""
    ahead = _ahead()
    return ahead[connector_id] if connector_id in ahead else prices_of(actor, [connector_id]).get(connector_id)


def sell(connector: Connector, tariff: Tariff | None, at: datetime) -> None:
    """Let it sell at this new version from now on; None: at none any more."""
    if tariff is not None:
        tariff.id = new_id()
        audit.store(tariff)
    audit.store(
        TariffAssignment(
            id=new_id(),
            account_id=connector.account_id,
            connector_id=connector.id,
            tariff_id=None if tariff is None else tariff.id,
            valid_from=at,
        )
    )
    ahead = _ahead()
    if connector.id in ahead:
        ahead[connector.id] = tariff
    else:
        db.current().flush()


def _ahead() -> dict[UUID, Tariff | None]:
    found: dict[UUID, Tariff | None] = db.session().info.get(_AHEAD, {})
    return found

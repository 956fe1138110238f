"""Chargers that came by themselves and wait for the operator, as people see them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import HeldMessage, WaitingStation
from stations.values import ConnectorStatus, NewConnector, WaitingId, WaitingState

MOST_LISTED = 200


@dataclass(frozen=True)
class WaitingRow:
    """A waiting charger with the names around it; `held` counts what it said about sessions."""

    waiting: WaitingStation
    account_name: str
    time_zone: str
    held: int

    @property
    def connectors(self) -> tuple[tuple[int, ConnectorStatus], ...]:
        """The connectors it told of, by number."""
        return tuple(
            sorted((int(number), ConnectorStatus(status)) for number, status in self.waiting.connectors.items())
        )

    @property
    def likely_connectors(self) -> list[NewConnector]:
        """As many as it told of, at least one: what the operator starts from."""
        return [NewConnector()] * max([number for number, _ in self.connectors], default=1)


@query
def waiting_stations(
    actor: Actor, account_id: AccountId | None = None, *, state: WaitingState | None = None
) -> list[WaitingRow]:
    """Who waits (or was refused) in the accounts that the actor sees; the ones just seen first, at most 200."""
    just_seen = _waiting(actor, account_id, state).order_by(WaitingStation.last_seen_at.desc(), WaitingStation.id)
    return [WaitingRow(*row) for row in db.session().execute(just_seen.limit(MOST_LISTED))]


@query
def waiting_stations_before(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    state: WaitingState | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[WaitingRow]:
    """The same page by page, in an order that stands still: those that came last first."""
    came_last = _waiting(actor, account_id, state).order_by(WaitingStation.id.desc()).limit(limit)
    if before is not None:
        came_last = came_last.where(WaitingStation.id < before)
    return [WaitingRow(*row) for row in db.session().execute(came_last)]


def _waiting(
    actor: Actor, account_id: AccountId | None, state: WaitingState | None
) -> Select[WaitingStation, str, str, int]:
    held = select(func.count()).where(HeldMessage.station_id == WaitingStation.id).scalar_subquery()
    found = select(WaitingStation, Account.name, Account.time_zone, held).join(
        Account, Account.id == WaitingStation.account_id
    )
    if account_id is not None:
        found = found.where(within(WaitingStation, account_id))
    if state is not None:
        found = found.where(WaitingStation.state == state)
    return visible(actor, Right.VIEW_STATIONS, found, WaitingStation)


@query
def waiting_station(actor: Actor, waiting_id: WaitingId) -> WaitingRow:
    """One of them. Raises NotFound, Forbidden."""
    waiting = allowed(actor, Right.VIEW_STATIONS, WaitingStation, waiting_id)
    account = db.session().get_one(Account, waiting.account_id)
    held = select(func.count()).where(HeldMessage.station_id == waiting.id)
    return WaitingRow(waiting, account.name, account.time_zone, db.session().scalar(held) or 0)

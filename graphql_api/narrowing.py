"""What a list is narrowed to: a foreign id is refused here as everywhere else, and does not just find nothing."""

from uuid import UUID

from accounts import queries as accounts
from accounts.values import AccountId
from graphql_api.context import Info
from stations import queries as stations
from stations.values import ConnectorId, StationId, WorkOrderId


def in_account(info: Info, account_id: UUID | None) -> AccountId | None:
    """The account that was named, if any. Raises NotFound, Forbidden."""
    if account_id is None:
        return None
    accounts.account(info.context.actor, AccountId(account_id))
    return AccountId(account_id)


def of_station(info: Info, station_id: UUID | None) -> StationId | None:
    """The station that was named, if any. Raises NotFound, Forbidden."""
    if station_id is None:
        return None
    stations.station(info.context.actor, StationId(station_id))
    return StationId(station_id)


def at_connector(info: Info, connector_id: UUID | None) -> ConnectorId | None:
    """The connector that was named, if any. Raises NotFound, Forbidden."""
    if connector_id is None:
        return None
    stations.connector(info.context.actor, ConnectorId(connector_id))
    return ConnectorId(connector_id)


def of_work_order(info: Info, work_order_id: UUID | None) -> WorkOrderId | None:
    """The work order that was named, if any. Raises NotFound, Forbidden."""
    if work_order_id is None:
        return None
    stations.work_order(info.context.actor, WorkOrderId(work_order_id))
    return WorkOrderId(work_order_id)

"""The newest session of each of many connectors, or what power they give, in one statement."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, false, func, select

from accounts.access import Actor, prepared, visible
from accounts.rights import Right
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.use_case import query
from stations.models import Connector
from stations.values import ConnectorId, ConnectorStatus

_NO_POWER = (ConnectorStatus.AVAILABLE, ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED)


@query
def last_sessions_of(
    actor: Actor, connector_ids: Collection[UUID], *, only: tuple[str, ...] = ()
) -> dict[UUID, ChargingSession]:
    """The newest session, by its start, of each of these connectors where the actor sees sessions; of `only` no more
    than these columns.
    """
    found = prepared(actor, Right.VIEW_SESSIONS, _newest, only)
    return {row[0]: row for row in db.rows(found, {"connectors": list(connector_ids)})}


@query
def power_of(actor: Actor, connector_ids: Collection[UUID]) -> dict[UUID, tuple[int | None, datetime]]:
    """The power in W that runs through these connectors, as last measured in the running session, and when that was.

    Only of connectors that the actor sees; none where no session runs.
    """
    found = prepared(actor, Right.VIEW_STATIONS, _powers)
    rows = db.rows(found, {"connectors": list(connector_ids)})
    return {connector_id: (power_w, at) for connector_id, power_w, at in rows}


def gives_power() -> ColumnElement[bool]:
    """Whether what a session measured last runs through its connector now: it goes on, and the charger did not say
    anything else since. For statements that join sessions and connectors.
    """
    free = Connector.status.in_(_NO_POWER) & (Connector.status_at >= ChargingSession.last_at)
    return (ChargingSession.state == SessionState.ACTIVE) & ~func.coalesce(free, false())


def _powers(actor: Actor) -> Select[ConnectorId, int | None, datetime]:
    running = (
        select(Connector.id, ChargingSession.last_power_w, ChargingSession.last_at)
        .join(ChargingSession, ChargingSession.connector_id == Connector.id)
        .where(Connector.id.in_(bindparam("connectors", expanding=True)), gives_power())
        .order_by(ChargingSession.last_at)
    )
    return visible(actor, Right.VIEW_STATIONS, running, Connector)


def _newest(actor: Actor, only: tuple[str, ...]) -> Select[UUID, ChargingSession]:
    newest = func.row_number().over(
        partition_by=ChargingSession.connector_id,
        order_by=(ChargingSession.started_at.desc(), ChargingSession.id.desc()),
    )
    of_them = select(ChargingSession.id, newest.label("rank")).where(
        ChargingSession.connector_id.in_(bindparam("connectors", expanding=True))
    )
    ranked = visible(actor, Right.VIEW_SESSIONS, of_them, ChargingSession).subquery()
    found = select(ChargingSession.connector_id.label("of"), db.facts(ChargingSession, *only))
    return found.join(ranked, ranked.c.id == ChargingSession.id).where(ranked.c.rank == 1)

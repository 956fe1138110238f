"""The newest session of each of many connectors, in one statement."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select

from accounts.access import Actor, prepared, visible
from accounts.rights import Right
from charging.models import ChargingSession
from kit import db
from kit.use_case import query


@query
def last_sessions_of(
    actor: Actor, connector_ids: Collection[UUID], *, only: tuple[str, ...] = ()
) -> dict[UUID, ChargingSession]:
    """The newest session, by its start, of each of these connectors where the actor sees sessions; of `only` no more
    than these columns.
    """
    found = prepared(actor, Right.VIEW_SESSIONS, _newest, only)
    rows = db.session().execute(found, {"connectors": list(connector_ids)})
    return {row[0]: row[1] for row in rows}


def _newest(actor: Actor, only: tuple[str, ...]) -> Select[UUID, ChargingSession]:
    newest = func.row_number().over(
        partition_by=ChargingSession.connector_id,
        order_by=(ChargingSession.started_at.desc(), ChargingSession.id.desc()),
    )
    of_them = select(ChargingSession.id, newest.label("rank")).where(
        ChargingSession.connector_id.in_(bindparam("connectors", expanding=True))
    )
    ranked = visible(actor, Right.VIEW_SESSIONS, of_them, ChargingSession).subquery()
    found = select(ChargingSession.connector_id, db.facts(ChargingSession, *only))
    return found.join(ranked, ranked.c.id == ChargingSession.id).where(ranked.c.rank == 1)

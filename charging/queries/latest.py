"""The newest session of each of many connectors, in one statement."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, visible
from accounts.rights import Right
from charging.models import ChargingSession
from kit import db
from kit.use_case import query


@query
def last_sessions_of(actor: Actor, connector_ids: Collection[UUID]) -> dict[UUID, ChargingSession]:
    """The newest session, by its start, of each of these connectors where the actor sees sessions."""
    newest = func.row_number().over(
        partition_by=ChargingSession.connector_id,
        order_by=(ChargingSession.started_at.desc(), ChargingSession.id.desc()),
    )
    ranked = visible(
        actor,
        Right.VIEW_SESSIONS,
        select(ChargingSession.id, newest.label("rank")).where(ChargingSession.connector_id.in_(connector_ids)),
        ChargingSession,
    ).subquery()
    found = select(db.facts(ChargingSession)).join(ranked, ranked.c.id == ChargingSession.id).where(ranked.c.rank == 1)
    return {session.connector_id: session for session in db.session().scalars(found)}

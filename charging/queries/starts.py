"""Who asked for a session, and what came of those who asked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, visible
from accounts.rights import Right
from charging.models import Authorisation, ChargingSession, HandStart
from charging.values import SessionKind
from kit import db
from kit.use_case import query
from stations.models import StationCommand


@query
def sessions_of_commands(actor: Actor, command_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The sessions that came of remote starts, by the command."""
    by_hand = select(HandStart.command_id, HandStart.session_id).where(
        HandStart.command_id.in_(command_ids), HandStart.session_id.is_not(None)
    )
    permitted = (
        select(Authorisation.command_id, ChargingSession.id)
        .join(ChargingSession, ChargingSession.authorisation_id == Authorisation.id)
        .where(Authorisation.command_id.in_(command_ids))
    )
    found = [*db.session().execute(visible(actor, Right.VIEW_SESSIONS, by_hand, HandStart))]
    found += [*db.session().execute(visible(actor, Right.VIEW_SESSIONS, permitted, Authorisation))]
    return dict(found)


def starter_of(session: ChargingSession) -> str | None:
    """The reference of whoever of the operator's people or programs sent the start. For rooms, within their door."""
    by_hand = select(HandStart.requested_by).where(HandStart.session_id == session.id)
    if session.kind is not SessionKind.OPERATOR or session.authorisation_id is None:
        return db.session().scalar(by_hand)
    permitted = (
        select(StationCommand.requested_by)
        .join(Authorisation, Authorisation.command_id == StationCommand.id)
        .where(Authorisation.id == session.authorisation_id)
    )
    return db.session().scalar(permitted)

"""Who asked for a session, and what came of those who asked."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from accounts.access import Actor, system, visible
from accounts.rights import Right
from charging.metering import SLACK_WH
from charging.models import Authorisation, ChargingSession, HandStart
from charging.values import SessionKind, SessionState
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


@query
def awaited_by_hand(actor: Actor, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of many sessions that may have come of a remote start that somebody sent with a tag of his choice."""
    system(actor)
    awaited = (
        select(ChargingSession.id)
        .join(
            HandStart,
            (HandStart.station_id == ChargingSession.station_id) & (HandStart.id_tag == ChargingSession.id_tag),
        )
        .where(ChargingSession.id.in_(session_ids), HandStart.session_id.is_(None))
    )
    return set(db.session().scalars(awaited))


@query
def with_gap(actor: Actor, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of many sessions before which more energy went through the meter than the session before them tells."""
    system(actor)
    earlier = aliased(ChargingSession)
    before_wh = (
        select(earlier.meter_stop_wh)
        .where(
            earlier.station_id == ChargingSession.station_id,
            earlier.connector_id == ChargingSession.connector_id,
            earlier.id != ChargingSession.id,
            earlier.kind != SessionKind.ORPHAN,
            earlier.state == SessionState.ENDED,
            earlier.started_at < ChargingSession.started_at,
        )
        .order_by(earlier.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = select(ChargingSession.id).where(
        ChargingSession.id.in_(session_ids), ChargingSession.meter_start_wh - before_wh > SLACK_WH
    )
    return set(db.session().scalars(found))


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

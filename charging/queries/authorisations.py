"""Permissions to charge: who is about to plug in, and whose time is up."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, allowed, system, visible
from accounts.rights import Right
from charging.models import Authorisation, ChargingSession
from charging.values import AuthorisationId, AuthorisationState, SessionId, SessionState
from kit import clock, db
from kit.use_case import query
from stations.values import CommandId, StationId

RECENT = timedelta(minutes=3)


@query
def authorisation(actor: Actor, authorisation_id: AuthorisationId) -> Authorisation:
    """One permission and what became of it. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_SESSIONS, Authorisation, authorisation_id)


@query
def recent_starts(actor: Actor, station_id: StationId) -> dict[UUID, Authorisation]:
    """The newest permission of each connector of a station, where it is not older than `RECENT`; as far as the actor
    sees it.
    """
    recent = select(Authorisation).where(
        Authorisation.station_id == station_id, Authorisation.created_at > clock.now() - RECENT
    )
    found = visible(actor, Right.VIEW_SESSIONS, recent, Authorisation)
    return {row.connector_id: row for row in db.session().scalars(found.order_by(Authorisation.created_at))}


@query
def authorisation_of_command(actor: Actor, command_id: CommandId) -> UUID | None:
    """The permission that this remote start was sent for."""
    system(actor)
    return db.session().scalar(select(Authorisation.id).where(Authorisation.command_id == command_id))


@query
def is_unpermitted(actor: Actor, session_id: SessionId) -> bool:
    """Whether an open session runs on one of our own permissions that had come to nothing before.

    One that is told long after it began is history: nothing is stopped for it.
    """
    system(actor)
    return bool(unpermitted(actor, [session_id]))


@query
def unpermitted(actor: Actor, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of many sessions of which `is_unpermitted` is true."""
    system(actor)
    void = (
        select(ChargingSession.id)
        .join(Authorisation, Authorisation.id_tag == ChargingSession.id_tag)
        .where(
            ChargingSession.id.in_(session_ids),
            ChargingSession.state == SessionState.ACTIVE,
            ChargingSession.offline.is_(False),
            ChargingSession.authorisation_id.is_(None),
            Authorisation.state.not_in([AuthorisationState.WAITING, AuthorisationState.USED]),
        )
    )
    return set(db.session().scalars(void))


@query
def lapsed_authorisations(actor: Actor) -> list[UUID]:
    """Permissions that wait although their time is up."""
    system(actor)
    lapsed = select(Authorisation.id).where(
        Authorisation.state == AuthorisationState.WAITING, Authorisation.expires_at <= clock.now()
    )
    return list(db.session().scalars(lapsed))

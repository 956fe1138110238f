"""Reservations: of an account, of a station, one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from accounts.access import Actor, allowed, system, visible, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import Reservation
from charging.values import ReservationId, ReservationState
from kit import db
from kit.use_case import query
from stations.models import Station
from stations.values import StationId


@dataclass(frozen=True)
class ReservationRow:
    """A reservation in a list, with the name of its station."""

    reservation: Reservation
    station_name: str


@query
def reservations(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    state: ReservationState | None = None,
    before: ReservationId | None = None,
    limit: int = 20,
) -> list[ReservationRow]:
    """The newest reservations; the next page starts `before` the last one of this page."""
    found = _with_name(actor)
    if account_id is not None:
        found = found.where(within(Reservation, account_id))
    if station_id is not None:
        found = found.where(Reservation.station_id == station_id)
    if state is not None:
        found = found.where(Reservation.state == state)
    if before is not None:
        found = found.where(Reservation.id < before)
    rows = db.session().execute(found.order_by(Reservation.id.desc()).limit(limit))
    return [ReservationRow(*row) for row in rows]


@query
def reservation(actor: Actor, reservation_id: ReservationId) -> ReservationRow:
    """One reservation. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Reservation, reservation_id)
    return ReservationRow(*db.session().execute(_with_name(actor).where(Reservation.id == reservation_id)).one())


@query
def open_reservations(actor: Actor, station_id: StationId) -> Sequence[Reservation]:
    """What a station keeps free, or was just asked to, by when it ends; as far as the actor sees it."""
    states = [state for state in ReservationState if state.open]
    kept = select(Reservation).where(Reservation.station_id == station_id, Reservation.state.in_(states))
    found = visible(actor, Right.VIEW_STATIONS, kept, Reservation)
    return db.session().scalars(found.order_by(Reservation.expires_at)).all()


@query
def any_reservation_in_force(actor: Actor) -> bool:
    """Whether the job has anything to look at."""
    system(actor)
    found = select(Reservation.id).where(Reservation.state == ReservationState.IN_FORCE).limit(1)
    return db.session().scalar(found) is not None


def _with_name(actor: Actor) -> Select[Reservation, str]:
    joined = select(Reservation, Station.name).join(Station, Station.id == Reservation.station_id)
    return visible(actor, Right.VIEW_STATIONS, joined, Reservation)

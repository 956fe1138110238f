"""Which names of chargers are in use at the address of an account. For rooms, within their doors."""

from uuid import UUID

from sqlalchemy import exists, or_, select

from kit import db
from stations.models import Station, StationMove
from stations.values import StationId


def identity_taken(account_id: UUID, identity: str, *, but_for: StationId | None = None) -> bool:
    """Whether a station is called so there, or one that moved away and goes on dialling that address."""
    stands = exists().where(
        Station.account_id == account_id, Station.identity == identity, Station.id.is_distinct_from(but_for)
    )
    left = exists().where(
        StationMove.account_id == account_id,
        StationMove.identity == identity,
        StationMove.station_id.is_distinct_from(but_for),
    )
    return bool(db.session().scalar(select(or_(stands, left))))

"""A station that was put in by mistake goes again, as long as nothing ever happened to it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Table, delete, exists, select

from accounts.access import Actor, system
from kit import db
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Connector, Station


@use_case
def withdraw_unused_station(actor: Actor, station_id: UUID) -> bool:
    """Remove a station that never came and on which nothing hangs in any room; False where something does."""
    system(actor)
    station = db.session().get(Station, station_id, with_for_update=True)
    if station is None:
        return True
    connectors = list(db.session().scalars(select(Connector.id).where(Connector.station_id == station_id)))
    used = _named("station_id", [station_id], besides=Connector.__tablename__) or _named("connector_id", connectors)
    if station.last_seen_at is not None or used:
        return False
    db.session().execute(delete(Connector).where(Connector.station_id == station_id))
    db.session().delete(station)
    tell("account", station.account_id)
    return True


def _named(column: str, ids: Sequence[UUID], *, besides: str = "") -> bool:
    """Whether a table of any room names one of these in the column; not all of them are foreign keys."""
    tables: list[Table] = db.Base.metadata.sorted_tables
    naming = [one.c[column] for one in tables if column in one.c and one.name != besides]
    return any(db.session().scalar(select(exists().where(each.in_(ids)))) for each in naming)

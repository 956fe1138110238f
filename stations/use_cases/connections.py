"""The log of chargers' connections is written here, on their path: no audit line, many at once."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update

from accounts.access import Actor, ActorKind, system
from kit import clock, db, settings
from kit.ids import new_id
from kit.use_case import hot_use_case, use_case
from stations.models import StationConnection
from stations.values import Arrival, Ending, GatewayId

PRUNED_AT_ONCE = 10_000
_OPENED_NOW = "opened_connections"

_connections: Table = db.Base.metadata.tables[StationConnection.__tablename__]
_OPENED = insert(_connections)
_CLOSED = (
    update(_connections)
    .where(_connections.c.id == bindparam("of_connection"), _connections.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"), ending=bindparam("why"))
)
_OPEN_AFTER_ALL = (
    update(_connections).where(_connections.c.id == bindparam("of_connection")).values(closed_at=None, ending=None)
)


@hot_use_case
def note_connection(
    actor: Actor, account_id: UUID, connection_id: UUID, arrival: Arrival, gateway_id: GatewayId | None = None
) -> None:
    """A socket of this station is open, in the hands of this gateway."""
    db.session().info.setdefault(_OPENED_NOW, set()).add(connection_id)
    _insert(actor, account_id, connection_id, arrival, None, gateway_id)


@hot_use_case
def note_connection_end(actor: Actor, connection_id: UUID, ending: Ending) -> None:
    """It is gone."""
    assert actor.kind is ActorKind.STATION, "each its own"
    unit = db.current()
    if connection_id in unit.session.info.get(_OPENED_NOW, ()):
        unit.flush()  # statements of one kind go together: its own INSERT has to be before this
    unit.later(_CLOSED, {"of_connection": connection_id, "now": clock.now(), "why": ending})


@hot_use_case
def note_refusal(actor: Actor, account_id: UUID, arrival: Arrival, ending: Ending) -> None:
    """This station was not let in."""
    _insert(actor, account_id, new_id(), arrival, ending)


@hot_use_case
def note_still_open(actor: Actor, connection_id: UUID) -> None:
    """Its gateway was taken for gone, and lives: so does the socket."""
    assert actor.kind is ActorKind.STATION, "each its own"
    db.current().later(_OPEN_AFTER_ALL, {"of_connection": connection_id})


@use_case
def prune_connections(actor: Actor) -> int:
    """Remove what is older than CONNECTION_LOG_DAYS and over, so many at a time; how many there were."""
    system(actor)
    limit = clock.now() - timedelta(days=settings.current().connection_log_days)
    old = select(_connections.c.id).where(_connections.c.opened_at < limit, _connections.c.closed_at.is_not(None))
    some = old.order_by(_connections.c.opened_at).limit(PRUNED_AT_ONCE)
    removed = db.session().execute(delete(_connections).where(_connections.c.id.in_(some)))
    return int(removed.rowcount)  # type: ignore[attr-defined]  # a DELETE has a row count


def _insert(
    actor: Actor,
    account_id: UUID,
    connection_id: UUID,
    arrival: Arrival,
    ending: Ending | None,
    gateway_id: GatewayId | None = None,
) -> None:
    assert actor.kind is ActorKind.STATION, "each its own"
    now = clock.now()
    db.current().later(
        _OPENED,
        {
            "id": connection_id,
            "account_id": account_id,
            "station_id": actor.id,
            "gateway_id": gateway_id,
            "opened_at": now,
            "closed_at": None if ending is None else now,
            "ending": ending,
            "peer": arrival.peer,
            "address": arrival.address,
            "protocol": arrival.protocol,
            "proof": arrival.proof,
            "tls_version": arrival.tls_version,
            "tls_cipher": arrival.tls_cipher,
            "tls_name": arrival.tls_name,
            "other_user": arrival.other_user,
        },
    )

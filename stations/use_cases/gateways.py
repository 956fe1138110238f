"""Processes that hold chargers' sockets: each is entered, gives signs of life, and leaves; of one that is gone, all is
forgotten that it held, and nothing of the others.
"""

from sqlalchemy import Table, delete, insert, or_, select, true, update

from accounts.access import Actor, ActorKind, system
from kit import clock, db
from kit.use_case import hot_use_case, use_case
from stations.models import GatewayRun, StationConnection, WaitingStation
from stations.queries.gateways import silent
from stations.use_cases.commands import recover_commands
from stations.use_cases.sockets import nobody_without_socket, socket_gone
from stations.use_cases.waiting import waiting_socket_gone
from stations.values import Ending, GatewayId

_gateways: Table = db.Base.metadata.tables[GatewayRun.__tablename__]
_connections: Table = db.Base.metadata.tables[StationConnection.__tablename__]


@use_case
def enter_gateway(actor: Actor, gateway_id: GatewayId, *, name: str, alone: bool = False) -> None:
    """A process begins to hold sockets. An earlier one of its name is gone, and so is one that fell silent; `alone`: so
    is every other one, for there can only be one.
    """
    system(actor)
    gone = true() if alone else or_(_gateways.c.name == name, silent())
    db.session().execute(delete(_gateways).where(gone))
    _enter(gateway_id, name)
    nobody_without_socket()
    _forget_the_gone(Ending.CRASH)
    recover_commands(actor)


@hot_use_case
def gateway_lives(actor: Actor, gateway_id: GatewayId, name: str) -> bool:
    """Its sign of life. False: it was taken for gone and is entered again; what it holds, it has to tell anew."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway itself"
    heard = update(_gateways).where(_gateways.c.id == gateway_id).values(heard_at=clock.now())
    known = bool(db.session().execute(heard).rowcount)  # type: ignore[attr-defined]  # an UPDATE has a row count
    if not known:
        _enter(gateway_id, name)
    return known


@hot_use_case
def leave_gateway(actor: Actor, gateway_id: GatewayId, ending: Ending) -> None:
    """It ends in order, and with it every socket that it held."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway itself"
    db.session().execute(delete(_gateways).where(_gateways.c.id == gateway_id))
    _forget_the_gone(ending)


@use_case
def forget_silent_gateways(actor: Actor) -> None:
    """Gateways that give no sign of life any more are gone: their stations are offline until another one has them."""
    system(actor)
    db.session().execute(delete(_gateways).where(silent()))
    _forget_the_gone(Ending.CRASH)
    recover_commands(actor)


def _enter(gateway_id: GatewayId, name: str) -> None:
    now = clock.now()
    row = {"id": gateway_id, "name": name, "started_at": now, "heard_at": now}
    db.session().execute(insert(_gateways).values(row))


def _forget_the_gone(ending: Ending) -> None:
    """Close what is open of gateways that are not entered."""
    unknown = _connections.c.gateway_id.is_(None) | _connections.c.gateway_id.not_in(select(_gateways.c.id))
    closed = (
        update(_connections)
        .where(_connections.c.closed_at.is_(None), unknown)
        .values(closed_at=clock.now(), ending=ending)
        .returning(_connections.c.station_id, _connections.c.id)
    )
    waiting = set(db.session().scalars(select(WaitingStation.connection_id)))
    for station_id, connection_id in db.session().execute(closed).all():
        socket_gone(station_id, connection_id)
        if connection_id in waiting:
            waiting_socket_gone(connection_id)

"""Chargers that nobody entered, as the gateway hears them: let in to wait, listened to, and kept from doing harm.

What they say of themselves is shown to the operator; what they say of sessions is held word for word, for it may be
energy that somebody has to pay. Like all of the chargers' path these doors leave no audit line.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Table, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased

from accounts.access import Actor, ActorKind
from accounts.models import Account, AccountLineage
from kit import clock, db, upsert
from kit.errors import Conflict, Forbidden, NotFound
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case
from stations.held_keys import READINGS, START, STOP, said_key
from stations.identities import identity_taken
from stations.models import HeldMessage, Station, WaitingStation
from stations.passwords import hash_password
from stations.queries.sockets import SocketStation
from stations.station_clock import FIRST_PLAUSIBLE, LAST_PLAUSIBLE
from stations.use_cases.connectors import MOST_CONNECTORS
from stations.use_cases.sockets import station_disconnected, tell_socket
from stations.use_cases.stations import LONGEST_IDENTITY
from stations.values import ConnectorStatus, WaitingState

MOST_WAITING = 100  # of one account
MOST_NEW_PER_HOUR = 20  # of one account from one address


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes for what waiting chargers say of sessions. Whoever finds an account's address may fill it, so there is an
    end; but nobody takes from another charger what it is `assured` of.
    """

    assured: int  # of one charger, whatever the others hold
    most: int  # of one charger
    of_account: int


FOR_READINGS = Room(assured=1 << 20, most=16 << 20, of_account=64 << 20)  # they go first: sessions are whole without
FOR_SESSIONS = Room(assured=2 << 20, most=64 << 20, of_account=128 << 20)
ROW_BYTES = 256  # what a message takes besides its text

_waiting: Table = db.Base.metadata.tables[WaitingStation.__tablename__]
_held: Table = db.Base.metadata.tables[HeldMessage.__tablename__]
_ME = _waiting.c.id == bindparam("me")
# Nobody accepts it before what it says now is on disk, or what is held then would stay held for ever.
_MINE = (
    select(_waiting.c.id, _waiting.c.account_id, _waiting.c.state, _waiting.c.connectors, _waiting.c.held_bytes)
    .where(_ME)
    .with_for_update(read=True, key_share=True)
)
_GONE = (
    update(_waiting)
    .where(_waiting.c.connection_id == bindparam("of_connection"))
    .values(connected_at=None, connection_id=None)
)
_above = aliased(Account)
_SUSPENDED = exists().where(
    AccountLineage.account_id == Account.id,
    AccountLineage.ancestor_id == _above.id,
    _above.suspended_at.is_not(None),
)
_TOLD = (
    select(_held.c.transaction_id)
    .where(_held.c.station_id == bindparam("me"), _held.c.said_key == bindparam("key"))
    .order_by(_held.c.id.desc())
    .limit(1)
)
_HELD_BYTES = select(func.sum(_waiting.c.held_bytes)).where(_waiting.c.account_id == bindparam("of_account"))
_KNOWN = select(_waiting.c.id, _waiting.c.state, _waiting.c.password_hash)


@hot_use_case
def knock(
    actor: Actor, code: str, identity: str, *, address: str, peer: str, password: bytes | None
) -> SocketStation | None:
    """A charger that nobody entered dials the address of an account: it may wait there.

    The password it brought first stands, or whoever knows its address could have it accepted with his own; another one
    is noted for the operator.
    None: somebody made it a station just now. Raises NotFound (no such account, or no identity at all), Forbidden (the
    operator refused it), Conflict (too many wait already, or come from this address).
    """
    assert actor.kind is ActorKind.SYSTEM, "only the gateway hears it knock"
    session = db.session()
    account_id = session.scalar(select(Account.id).where(Account.code == code, ~_SUSPENDED))
    if account_id is None or len(identity) > LONGEST_IDENTITY or not identity.isprintable():
        raise NotFound()
    now = clock.now()
    mine = (_waiting.c.account_id == account_id) & (_waiting.c.identity == identity)
    password_hash = hash_password(password) if password else ""
    known = session.execute(_KNOWN.where(mine)).first()
    if known is None:
        _judge_newcomer(account_id, peer, now)
        row = {"id": new_id(), "account_id": account_id, "identity": identity, "state": WaitingState.WAITING}
        facts = dict.fromkeys(("vendor", "model", "firmware", "serial", "address", "peer"), "") | {
            "password_hash": password_hash
        }
        times = {"first_seen_at": now, "last_seen_at": now}
        new = upsert.insert(_waiting).values(row | facts | times | {"connectors": {}}).on_conflict_do_nothing()
        session.execute(new)
        known = session.execute(_KNOWN.where(mine)).one()
    elif known.state is WaitingState.REFUSED:
        raise Forbidden("refused")
    if identity_taken(account_id, identity):
        session.execute(delete(_waiting).where(_waiting.c.id == known.id))
        return None
    seen: dict[str, object] = {"address": address, "peer": peer, "last_seen_at": now}
    if password_hash != known.password_hash:
        seen["other_password_at"] = now
    session.execute(update(_waiting).where(_waiting.c.id == known.id).values(seen))
    tell("account", account_id)
    return SocketStation(known.id, account_id, identity, "", by_account=True, waiting=True)


def _judge_newcomer(account_id: UUID, peer: str, now: datetime) -> None:
    of_account = select(func.count()).select_from(_waiting).where(_waiting.c.account_id == account_id)
    from_there = of_account.where(_waiting.c.peer == peer, _waiting.c.first_seen_at > now - timedelta(hours=1))
    if (db.session().scalar(of_account.where(_waiting.c.state == WaitingState.WAITING)) or 0) >= MOST_WAITING:
        raise Conflict("too_many_waiting")
    if (db.session().scalar(from_there) or 0) >= MOST_NEW_PER_HOUR:
        raise Conflict("too_many_from_there")


@hot_use_case
def waiting_state(actor: Actor) -> WaitingState | None:
    """What became of the charger behind this socket; None: it is a station now."""
    row = _row(actor)
    return None if row is None else WaitingState(row.state)


@hot_use_case
def waiting_connected(actor: Actor, connection_id: UUID) -> None:
    """Its socket is open."""
    _note(actor, connected_at=clock.now(), connection_id=connection_id)
    assert actor.id is not None, "a charger has an id"
    tell_socket(actor.id, connection_id)


@hot_use_case
def waiting_disconnected(actor: Actor, connection_id: UUID, *, seen_at: datetime) -> None:
    """A socket of it is gone. It may have a newer one, or have become a station meanwhile."""
    if _row(actor) is not None:
        waiting_socket_gone(connection_id)
        _note(actor, last_seen_at=seen_at)
    elif db.session().scalar(select(exists().where(Station.id == actor.id))):
        station_disconnected(actor, connection_id, seen_at=seen_at)


def waiting_socket_gone(connection_id: UUID) -> None:
    """A socket is gone. For rooms, within their door."""
    db.current().later(_GONE, {"of_connection": connection_id})


@hot_use_case
def note_waiting_boot(actor: Actor, *, vendor: str, model: str, firmware: str, serial: str) -> None:
    """What it says it is. What it leaves out stays known."""
    said = {"vendor": vendor, "model": model, "firmware": firmware, "serial": serial}
    _note(actor, **{name: text for name, text in said.items() if text}, last_seen_at=clock.now())


@hot_use_case
def note_waiting_status(actor: Actor, *, number: int, status: ConnectorStatus) -> None:
    """What it says of a connector: this is how its connectors are known when it is accepted."""
    row = _row(actor)
    if row is not None and 1 <= number <= MOST_CONNECTORS:
        _note(actor, connectors={**row.connectors, str(number): status.value}, last_seen_at=clock.now())


@hot_use_case
def held_start(actor: Actor, payload: dict[str, Any], *, at: datetime | None) -> int | None:
    """The transaction id that this very start was answered with, where it is held already; `at` is its own time.

    A clock that stands still after each boot says nothing: once the end of such a start is held, it is another one.
    """
    assert actor.kind is ActorKind.STATION, "only a charger comes this way"
    session = db.session()
    found = session.scalar(_TOLD, {"me": actor.id, "key": said_key(START, payload)})
    dated = at is not None and FIRST_PLAUSIBLE <= at < LAST_PLAUSIBLE
    if found is None or dated:
        return found
    ended = said_key(STOP, {"transactionId": found})
    return None if session.execute(_TOLD, {"me": actor.id, "key": ended}).first() else found


@hot_use_case
def hold_message(
    actor: Actor, *, action: str, payload: dict[str, Any], size: int, transaction_id: int | None = None
) -> bool:
    """Keep what it says about a session until it is a station; `size` in bytes. False: there is no room for it.

    Where the room comes to its end, readings are taken and counted only: refused, a charger would drop them too, or
    say nothing else any more. Starts and ends are kept much longer.
    """
    row = _row(actor)
    assert row is not None, "it waits"
    reading, size = action == READINGS, size + ROW_BYTES
    fits = _fits(row, size, FOR_READINGS if reading else FOR_SESSIONS)
    if fits:
        held = {"id": new_id(), "account_id": row.account_id, "station_id": row.id, "action": action}
        said = {"payload": payload, "said_key": said_key(action, payload), "transaction_id": transaction_id}
        db.session().execute(insert(_held).values(held | said | {"arrived_at": clock.now()}))
        counted = {"held_bytes": _waiting.c.held_bytes + size}
    elif reading:
        counted = {"readings_dropped": _waiting.c.readings_dropped + 1}
    else:
        return False
    db.session().execute(update(_waiting).where(_waiting.c.id == row.id).values(counted))
    tell("account", row.account_id)
    return True


def _fits(row: Row[Any, Any, Any, Any, Any], size: int, room: Room) -> bool:
    mine: int = row.held_bytes + size
    if mine <= room.assured or mine > room.most:
        return mine <= room.assured
    return (db.session().scalar(_HELD_BYTES, {"of_account": row.account_id}) or 0) + size <= room.of_account


def _row(actor: Actor) -> Row[Any, Any, Any, Any, Any] | None:
    assert actor.kind is ActorKind.STATION, "only a charger comes this way"
    return db.session().execute(_MINE, {"me": actor.id}).first()


def _note(actor: Actor, **values: Any) -> None:
    row = _row(actor)
    if row is not None:
        db.session().execute(update(_waiting).where(_waiting.c.id == row.id).values(values))
        tell("account", row.account_id)

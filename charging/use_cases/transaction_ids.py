"""Ids of transactions, and keys of facts that may be told twice."""

from collections import deque
from hashlib import blake2b

from sqlalchemy import Integer, Table, bindparam, update

from accounts.access import Actor, ActorKind
from charging.models import TransactionCounter
from charging.values import FIRST_TRANSACTION_ID, LAST_TRANSACTION_ID
from kit import db, upsert
from kit.errors import Unavailable
from kit.use_case import hot_use_case

_RESERVED = "transaction_ids"
_counter: Table = db.Base.metadata.tables[TransactionCounter.__tablename__]
_NEXT = (
    update(_counter)
    .where(_counter.c.id == 1, _counter.c.last <= LAST_TRANSACTION_ID - bindparam("by", type_=Integer))
    .values(last=_counter.c.last + bindparam("by", type_=Integer))
    .returning(_counter.c.last)
)


@hot_use_case
def reserve_transaction_ids(actor: Actor, count: int) -> range:
    """Take so many ids at once, for starts that follow. In a transaction of its own: the counter's row stays locked
    until the end of one, and whoever writes beside would wait for it. Ids that are not used stay unused.
    """
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batches"
    last = _count_up(count)
    return range(last - count + 1, last + 1)


@hot_use_case
def hand_transaction_ids(actor: Actor, ids: deque[int]) -> None:
    """The starts of the running batch take theirs from these, which were reserved."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway knows its batch"
    db.session().info[_RESERVED] = ids


@hot_use_case
def promise_transaction_id(actor: Actor) -> int:
    """An id for a start that can't be stored yet: it is its own, whenever that will be."""
    assert actor.kind is ActorKind.STATION, "only a charger starts"
    return next_transaction_id()


def next_transaction_id() -> int:
    """The next OCPP transaction id: one counter for the whole system, none given out twice. May raise Unavailable."""
    reserved: deque[int] | None = db.session().info.get(_RESERVED)
    try:
        return reserved.popleft() if reserved else _count_up(1)
    except IndexError:  # another writer was faster
        return _count_up(1)


def _count_up(by: int) -> int:
    session = db.session()
    last = session.execute(_NEXT, {"by": by}).scalar_one_or_none()
    if last is None:
        session.execute(upsert.insert(_counter).values(id=1, last=FIRST_TRANSACTION_ID - 1).on_conflict_do_nothing())
        last = session.execute(_NEXT, {"by": by}).scalar_one_or_none()
    if last is None:
        raise Unavailable("transaction_ids_used_up")
    return int(last)


def business_key(*parts: object) -> str:
    """A short key of what makes two messages the same fact, however long its parts are."""
    return blake2b("\x1f".join(map(str, parts)).encode(errors="replace"), digest_size=16).hexdigest()

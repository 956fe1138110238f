"""The message log is written here, many rows at once; the gateway says what was on the wire."""

from collections.abc import Iterable

from sqlalchemy import Table, bindparam, insert, update

from accounts.access import Actor, ActorKind
from kit import db
from kit.use_case import hot_use_case
from stations.messages import Exchange, new_message_id
from stations.models import Message

_messages: Table = db.Base.metadata.tables[Message.__tablename__]
_INSERT = insert(_messages)
_ANSWERED = (
    update(_messages)
    .where(_messages.c.id == bindparam("of_message"))
    .values(answer=bindparam("new_answer"), error=bindparam("new_error"), latency_ms=bindparam("new_latency_ms"))
)


@hot_use_case
def log_exchanges(actor: Actor, exchanges: Iterable[Exchange]) -> None:
    """Write down what was said, with whatever it brought about: both are on disk, or neither."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway hears everybody"
    unit = db.current()
    for exchange in exchanges:
        unit.later(_INSERT, {"id": new_message_id(exchange["at"]), **exchange})


@hot_use_case
def log_call(actor: Actor, exchange: Exchange) -> int:
    """Write down a call of ours that is about to go out; the number under which its answer follows."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway calls"
    message_id = new_message_id(exchange["at"])
    db.current().later(_INSERT, {"id": message_id, **exchange})
    return message_id


@hot_use_case
def log_answer(actor: Actor, message_id: int, *, answer: str | None, error: str, latency_ms: int | None) -> None:
    """What became of a call of ours; a late answer replaces what was written when it stayed away."""
    assert actor.kind is ActorKind.SYSTEM, "only the gateway hears it"
    unit = db.current()
    values = {"of_message": message_id, "new_answer": answer, "new_error": error, "new_latency_ms": latency_ms}
    unit.later(_ANSWERED, values)

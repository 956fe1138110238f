"""Notes on the bus, sent once the deed is on disk: nobody hears of what could still be rolled back."""

from functools import partial
from uuid import UUID

from kit import bus, db

_KEY = "topics"


def tell(noun: str, row_id: UUID | None = None, data: bytes = b"") -> None:
    """After the commit, say that this thing has news: `station:<uuid>`, `session:<uuid>`, `account:<uuid>`.

    Said many times in one transaction, it is one note.
    """
    topic = noun if row_id is None else f"{noun}:{row_id}"
    unit = db.current()
    if data:
        unit.after_commit(partial(bus.current().publish, topic, data))
        return
    topics = unit.session.info.get(_KEY)
    if topics is None:
        topics = unit.session.info[_KEY] = {}
        unit.after_commit(partial(_publish, topics))
    topics[topic] = None


def _publish(topics: dict[str, None]) -> None:
    bus.current().publish_all(topics)

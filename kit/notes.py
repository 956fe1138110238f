"""Notes on the bus, sent once the deed is on disk: nobody hears of what could still be rolled back."""

from functools import partial
from uuid import UUID

from kit import bus, db


def tell(noun: str, row_id: UUID | None = None, data: bytes = b"") -> None:
    """After the commit, say that this thing has news: `station:<uuid>`, `session:<uuid>`, `account:<uuid>`."""
    topic = noun if row_id is None else f"{noun}:{row_id}"
    db.current().after_commit(partial(_publish, topic, data))


def _publish(topic: str, data: bytes) -> None:
    bus.current().publish(topic, data)

"""Notes on the bus, sent once the deed is on disk: nobody hears of what could still be rolled back."""

from functools import partial
from uuid import UUID

from kit import bus, db

_KEY, _LINES = "topics", "lines"


def tell(noun: str, row_id: UUID | None = None, data: bytes = b"") -> None:
    """After the commit, say that this thing has news: `station:<uuid>`, `session:<uuid>`, `account:<uuid>`.

    Said many times in one transaction, it is one note.
    """
    unit = db.current()
    if data:
        unit.after_commit(partial(bus.current().publish, _topic(noun, row_id), data))
        return
    topics = unit.session.info.get(_KEY)
    if topics is None:
        topics = unit.session.info[_KEY] = {}
        unit.after_commit(partial(_publish, topics))
    topics[noun, row_id] = None


def tell_line(noun: str, line: bytes) -> None:
    """After the commit, tell this among others of its kind: all of a transaction are one note, a line each."""
    unit = db.current()
    told: dict[str, list[bytes]] = unit.session.info.setdefault(_LINES, {})
    if noun not in told:
        told[noun] = []
        unit.after_commit(partial(_publish_lines, noun, told[noun]))
    told[noun].append(line)


def _publish_lines(noun: str, lines: list[bytes]) -> None:
    bus.current().publish(noun, b"\n".join(lines))


def _topic(noun: str, row_id: UUID | None) -> str:
    return noun if row_id is None else f"{noun}:{row_id}"


def _publish(topics: dict[tuple[str, UUID | None], None]) -> None:
    bus.current().publish_all([_topic(*each) for each in topics])

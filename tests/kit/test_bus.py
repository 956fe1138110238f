"""Notes between threads and processes."""

import threading

import pytest

from kit import bus, db
from kit.notes import tell

PATIENCE_S = 10.0


def test_a_note_reaches_every_listener_of_the_process() -> None:
    notes, one, two = bus.Bus(), [], []
    notes.listen(lambda topic, data: one.append((topic, data)))
    notes.listen(lambda topic, data: two.append((topic, data)))
    notes.publish("a", b"1")
    notes.publish_all(["b", "c"])
    assert one == two == [("a", b"1"), ("b", b""), ("c", b"")]


def test_notes_travel_between_processes_through_redis(redis_url: str) -> None:
    here, there = bus.RedisBus(redis_url), bus.RedisBus(redis_url)
    heard: list[tuple[str, bytes]] = []
    last = threading.Event()

    def listen(topic: str, data: bytes) -> None:
        heard.append((topic, data))
        if topic == "last":
            last.set()

    there.listen(listen)
    here.publish("command", b"0123\n4567")
    here.publish_all(["station:1", "session:2"])
    here.publish("last")
    assert last.wait(PATIENCE_S)
    assert heard == [("command", b"0123\n4567"), ("station:1", b""), ("session:2", b""), ("last", b"")]
    here.close()
    there.close()


def test_what_is_told_often_in_one_transaction_is_one_note_after_the_commit(database: str) -> None:
    heard: list[str] = []
    listener = lambda topic, _: heard.append(topic)  # noqa: E731  # needed by name to unlisten
    bus.current().listen(listener)
    try:
        with db.transaction(writing=True):
            for _ in range(3):
                tell("account")
            tell("command", data=b"x")
            assert heard == []
        with pytest.raises(ValueError, match="no"), db.transaction(writing=True):
            tell("session")
            raise ValueError("no")
    finally:
        bus.current().unlisten(listener)
    assert sorted(heard) == ["account", "command"]

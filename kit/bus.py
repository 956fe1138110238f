"""Short notes between threads and processes: 'this topic has news'. Lossy by design; the truth is in the database.

In one process notes are handed over directly; with `REDIS_URL` they travel through Redis pub/sub.
"""

import threading
from collections.abc import Callable, Iterable

import redis
import structlog

Listener = Callable[[str, bytes], None]
log = structlog.get_logger()

CHANNEL = "notes"
PATIENCE_S = 0.5  # a note is worth no more waiting: the thread that writes to the database may be sending it


class Bus:
    """Hands each note to every listener of this process. Listeners must return at once and never raise."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Hear every note from now on."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Hear no more."""
        self._listeners.remove(listener)

    def publish(self, topic: str, data: bytes = b"") -> None:
        """Tell all processes that `topic` has news."""
        self._deliver(topic, data)

    def publish_all(self, topics: Iterable[str]) -> None:
        """The same for many topics at once, without data."""
        for topic in topics:
            self._deliver(topic, b"")

    def answers(self) -> bool:
        """Whether notes reach other processes at all; for readiness checks."""
        return True

    def close(self) -> None:
        """Stop hearing other processes."""

    def _deliver(self, topic: str, data: bytes) -> None:
        for listener in tuple(self._listeners):
            listener(topic, data)


class RedisBus(Bus):
    """The same notes for all processes that share one Redis."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE_S, socket_timeout=PATIENCE_S)
        self._pubsub = redis.Redis.from_url(url).pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # theirs
        self._pubsub.subscribe(CHANNEL)
        self._open = True
        threading.Thread(target=self._read, name="bus", daemon=True).start()

    def publish(self, topic: str, data: bytes = b"") -> None:
        """Send the note through Redis; our own listeners hear it from there as well."""
        try:
            self._redis.publish(CHANNEL, topic.encode() + b"\n" + data)
        except redis.RedisError as error:
            log.warning("bus.publish_failed", topic=topic, error=str(error))
            self._deliver(topic, data)

    def publish_all(self, topics: Iterable[str]) -> None:
        """Send them as one message: a gateway's batch touches hundreds of things at once."""
        try:
            self._redis.publish(CHANNEL, "\n".join(("", *topics)))
        except redis.RedisError as error:
            log.warning("bus.publish_failed", error=str(error))
            super().publish_all(topics)

    def answers(self) -> bool:
        """Whether Redis answers; raises redis.RedisError when it does not."""
        return bool(self._redis.ping())

    def close(self) -> None:
        """Leave Redis."""
        self._open = False
        self._redis.close()

    def _read(self) -> None:
        while self._open:
            try:
                message = self._pubsub.get_message(timeout=1.0)
            except (redis.RedisError, ValueError, OSError) as error:
                if self._open:
                    log.warning("bus.lost", error=str(error))
                    threading.Event().wait(1.0)
                continue
            if message:
                topic, _, data = message["data"].partition(b"\n")
                if topic:
                    self._deliver(topic.decode(), data)
                else:  # many topics without data
                    super().publish_all(data.decode().split("\n"))


_bus: Bus = Bus()


def connect(redis_url: str | None) -> Bus:
    """Choose the bus of this process: Redis where there are several processes, else in-process."""
    global _bus
    _bus.close()
    _bus = RedisBus(redis_url) if redis_url else Bus()
    return _bus


def current() -> Bus:
    """The bus of this process."""
    return _bus

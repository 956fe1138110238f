"""Numbers for Prometheus. Counted where things happen; what is read from the database is read when asked for."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Histogram, generate_latest, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from kit import clock, db
from kit.events import OutboxRow

CONTENT_TYPE = CONTENT_TYPE_LATEST
REQUESTS = Counter("http_requests_total", "Answered requests", ["method", "endpoint", "status"])
REQUEST_SECONDS = Histogram(
    "http_request_seconds", "Time to answer a request", ["endpoint"], buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 1, 5)
)


_watched: dict[str, tuple[str, Callable[[], float]]] = {}


def watch(name: str, words: str, read: Callable[[], float]) -> None:
    """Show a number of the program's own, read when Prometheus asks. A second time under a name, the newer counts."""
    _watched[name] = words, read


class _Watched(Collector):
    """What `watch` was told of."""

    def collect(self) -> Iterator[Metric]:
        """Asked for by Prometheus."""
        for name, (words, read) in _watched.items():
            yield GaugeMetricFamily(name, words, read())

    def describe(self) -> Iterator[Metric]:
        """Names only: at registration there is no database yet."""
        yield from ()


class _Outbox(Collector):
    """How much waits for the worker: the first number to look at when mails or receipts are late."""

    def collect(self) -> Iterator[Metric]:
        """Asked for by Prometheus."""
        waiting, failed, oldest_s = backlog()
        yield GaugeMetricFamily("events_waiting", "Events that no reaction has finished", waiting)
        yield GaugeMetricFamily("events_failed", "Waiting events that failed at least once", failed)
        yield GaugeMetricFamily("events_oldest_seconds", "Age of the oldest waiting event", oldest_s)

    def describe(self) -> Iterator[Metric]:
        """Names only: at registration there is no database yet."""
        yield from ()


REGISTRY.register(_Outbox())
REGISTRY.register(_Watched())


def backlog() -> tuple[int, int, float]:
    """Waiting events, those of them that failed, and the age of the oldest in seconds."""
    waiting = select(func.count(), func.count(OutboxRow.error), func.min(OutboxRow.recorded_at)).where(
        OutboxRow.done_at.is_(None)
    )
    with db.transaction(writing=False) as unit:
        row = unit.session.execute(waiting).one()
    count, failed = row[0], row[1]
    oldest: datetime | None = row[2]
    return count, failed, 0.0 if oldest is None else (clock.now() - oldest).total_seconds()


def page() -> bytes:
    """All numbers, in Prometheus's text format."""
    return generate_latest()


def serve(port: int) -> None:
    """Serve the numbers on a port of their own, on loopback."""
    start_http_server(port, "127.0.0.1")

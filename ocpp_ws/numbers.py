"""Numbers of the gateway for Prometheus; counted per batch, so that a message pays almost nothing for them."""

from prometheus_client import Counter, Gauge

CALLS = Counter("ocpp_calls_total", "Calls of chargers that were answered", ["action", "outcome"])
UNREADABLE = Counter("ocpp_unreadable_total", "Frames of chargers that could not be read")
SOCKETS = Gauge("ocpp_sockets", "Chargers that are connected to this process")
WAITING = Gauge("ocpp_waiting", "Messages that wait for the writer")

_known: dict[tuple[str, bool], Counter] = {}


def answered(action: str, *, stored: bool) -> None:
    """Count a call; the actions of the standard by name, everything else together."""
    counter = _known.get((action, stored))
    if counter is None:
        counter = _known[action, stored] = CALLS.labels(action, "stored" if stored else "failed")
    counter.inc()

"""A charger that talks to the gateway's dispatch in text, without a socket: one transaction per message, as a batch."""

import itertools
import json
from datetime import datetime, timedelta
from typing import Any, cast

import jsonschema_rs
import orjson

from accounts.access import Actor
from kit import clock, db
from ocpp_ws import dispatch, schemas
from ocpp_ws.caller import Caller
from stations.models import Station, WaitingStation


class Talk:
    """One station's conversation. Every answer is held against the schema of its message."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.caller = Caller(Actor.station(station.id), station.id, station.account_id)
        self._ids = itertools.count(1)

    def say(self, raw: str | bytes) -> Any:
        """Send a text as it is; the decoded answer, None where there is none."""
        with db.transaction(writing=True):
            answer = dispatch.answer(self.caller, raw.encode() if isinstance(raw, str) else raw)
        return None if answer is None else json.loads(answer)

    def call(self, action: str, payload: Any = None, *, message_id: Any = None) -> dict[str, Any]:
        """Send a call; the payload of its answer, which must be a good one."""
        call_id = message_id or str(next(self._ids))
        kind, answered, *rest = self.say(json.dumps([2, call_id, action, {} if payload is None else payload]))
        assert (kind, answered) == (3, call_id), rest
        payload = rest[0]
        validator: jsonschema_rs.Draft4Validator = schemas.schema(f"{action}Response")
        assert validator.is_valid(payload), payload
        found: dict[str, Any] = orjson.loads(orjson.dumps(payload))
        return found

    def start(
        self, *, tag: str = "04AABB", wh: Any = 1000, connector: Any = 1, at: Any = None, **more: Any
    ) -> dict[str, Any]:
        """StartTransaction."""
        stamp = at if at is not None else iso(clock.now())
        facts = {"connectorId": connector, "idTag": tag, "meterStart": wh, "timestamp": stamp}
        return self.call("StartTransaction", facts | more)

    def stop(self, transaction: Any, *, wh: Any = 5000, at: Any = None, **more: Any) -> dict[str, Any]:
        """StopTransaction."""
        stamp = at if at is not None else iso(clock.now())
        return self.call("StopTransaction", {"transactionId": transaction, "meterStop": wh, "timestamp": stamp} | more)

    def meter(self, *samples: Any, connector: Any = 1, at: Any = None, **more: Any) -> dict[str, Any]:
        """MeterValues with one sampled instant."""
        value = {"timestamp": at if at is not None else iso(clock.now()), "sampledValue": list(samples)}
        return self.call("MeterValues", {"connectorId": connector, "meterValue": [value]} | more)

    def status(self, status: str, *, connector: Any = 1, **more: Any) -> dict[str, Any]:
        """StatusNotification."""
        facts = {"connectorId": connector, "errorCode": "NoError", "status": status}
        return self.call("StatusNotification", facts | more)


def visit(waiting: WaitingStation) -> Talk:
    """The conversation of a charger that waits; it is spoken to as to a station of the same id."""
    talk = Talk(cast(Station, waiting))
    talk.caller.waiting = True
    return talk


def iso(instant: datetime) -> str:
    """An instant as most chargers write it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(**parts: float) -> datetime:
    """An instant in the past, in whole seconds."""
    return (clock.now() - timedelta(**parts)).replace(microsecond=0)

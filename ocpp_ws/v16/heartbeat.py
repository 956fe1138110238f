"""Heartbeat: the charger lives and asks for the time. Touches no table."""

from datetime import datetime
from typing import Any

import orjson

from kit import clock
from ocpp_ws.caller import Caller

_WHOLE_SECONDS = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Tell the time."""
    return {"currentTime": written(clock.now())}


def written(instant: datetime) -> str:
    """An instant in UTC as every charger can read it: whole seconds, Z."""
    return orjson.dumps(instant, option=_WHOLE_SECONDS)[1:-1].decode()

"""Heartbeat: the charger lives and asks for the time. Touches no table."""

from datetime import datetime
from typing import Any

from kit import clock
from ocpp_ws.caller import Caller


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Tell the time."""
    return {"currentTime": written(clock.now())}


def written(instant: datetime) -> str:
    """An instant in UTC as every charger can read it: whole seconds, Z."""
    return f"{instant.isoformat(timespec='seconds')[:19]}Z"

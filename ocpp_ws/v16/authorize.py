"""Authorize: may this tag charge here?"""

from typing import Any

from charging.payloads import id_tag_info
from charging.use_cases import authorize_tag, expect_authorize
from ocpp_ws import lenient
from ocpp_ws.caller import Caller


def expect(caller: Caller, payload: dict[str, Any]) -> None:
    """Say what the answer will ask for."""
    expect_authorize(caller.actor, id_tag=lenient.text(payload, "idTag"))


def answer(caller: Caller, payload: dict[str, Any]) -> dict[str, Any]:
    """Tell the verdict on the tag."""
    info = authorize_tag(caller.actor, id_tag=lenient.text(payload, "idTag"))
    return {"idTagInfo": id_tag_info(info)}

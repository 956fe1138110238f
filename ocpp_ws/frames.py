"""OCPP-J frames: liberal in what is read, exact in what is written.

A frame is `[2, id, action, payload]` (a call), `[3, id, payload]` (its answer) or `[4, id, code, text, details]` (its
refusal). What can't be read at all is answered when at least its id can be seen.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

CALL, ANSWER, FAILURE = 2, 3, 4
FORMATION, NOT_IMPLEMENTED, INTERNAL = "FormationViolation", "NotImplemented", "InternalError"
LONGEST_ECHO = 200
DEEPEST = 40  # levels of a message that are kept; no message of the standard has more than 8

_CALL_ID = re.compile(r'^\s*\[\s*"?2"?\s*,\s*("(?:[^"\\]|\\.){1,200}"|\d{1,30})\s*(?:,|\]|$)')


@dataclass(slots=True, eq=False)
class Call:
    """A call of the charger. `id` is echoed as it came; `digest` tells the same content from other content.

    `exact`: the payload was held against its schema and is as it should be. `odd`: what was not as it should be around
    the payload, in words. `mended`: it could be read only after bytes were replaced or left out; `raw` has them all.
    """

    id: Any
    action: str
    payload: dict[str, Any]
    digest: int
    raw: bytes
    exact: bool = False
    odd: str = ""
    mended: bool = False


@dataclass(slots=True, eq=False)
class Answer:
    """The charger's answer to a call of ours."""

    id: str
    payload: dict[str, Any]
    raw: bytes


@dataclass(slots=True, eq=False)
class Failure:
    """The charger's refusal of a call of ours."""

    id: str
    code: str
    text: str
    details: Any
    raw: bytes


@dataclass(slots=True, eq=False)
class Unreadable:
    """Something else. `reply` is what to answer, None where no id is to be seen."""

    problem: str
    reply: bytes | None


@dataclass(slots=True, eq=False)
class Reply:
    """What a call is answered: the frame, and what the log keeps of it (a refusal has an error code)."""

    frame: bytes
    answer: str | None
    error: str = ""


Frame = Call | Answer | Failure | Unreadable


def parse(raw: bytes) -> Frame:
    """Read a frame as well as it can be read. Never raises."""
    mended = False
    try:
        value = orjson.loads(raw)
        if (b"\\" in raw and b"\\u0000" in raw) or raw.count(b"[") + raw.count(b"{") > DEEPEST:
            value = _clean(value)
    except ValueError:
        text, mended = raw.decode("utf-8", "replace"), True
        try:
            value = _clean(json.loads(text.strip("\x00\ufeff \r\n\t"), strict=False))
        except (ValueError, RecursionError):
            return _unreadable("not JSON", text)
    if type(value) is not list or not value:
        return Unreadable("not a list", None)
    kind = value[0]
    if kind == CALL or kind == "2":
        return _call(value, raw, mended=mended)
    if kind in (ANSWER, "3") and len(value) >= 2:
        payload = (value[2] if len(value) > 2 else None) or {}
        return Answer(str(value[1]), payload if isinstance(payload, dict) else {"value": payload}, raw)
    if kind in (FAILURE, "4") and len(value) >= 2:
        code, text, details = [*value[2:5], "", "", ""][:3]
        return Failure(str(value[1]), str(code), str(text), details, raw)
    return Unreadable("unknown kind of message", None)


def answer(call_id: Any, payload: dict[str, Any]) -> bytes:
    """The frame that answers a call."""
    return orjson.dumps([ANSWER, call_id, payload])


def refusal(call_id: Any, code: str, text: str) -> bytes:
    """The frame that refuses a call; the text is for people and says nothing about our inside."""
    return orjson.dumps([FAILURE, call_id, code, text[:255], {}])


def reply(call_id: Any, payload: dict[str, Any]) -> Reply:
    """The answer of a call, for the charger and for the log."""
    if not payload:
        return Reply(answer(call_id, payload), "{}")
    return Reply(answer(call_id, payload), orjson.dumps(payload).decode())


def refused(call_id: Any, code: str, text: str) -> Reply:
    """The refusal of a call, for the charger and for the log."""
    return Reply(refusal(call_id, code, text), refusal_text(text), code)


def escaped(raw: bytes) -> str:
    """A frame byte by byte, as text that every database takes."""
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in raw)


def refusal_text(text: str, details: Any = None) -> str:
    """What the log keeps of a refusal beside its code, in the standard's own names."""
    said = {"errorDescription": text} | ({"errorDetails": details} if details else {})
    return orjson.dumps(said).decode()


def call(call_id: str, action: str, payload: dict[str, Any]) -> bytes:
    """The frame of a call of ours."""
    return orjson.dumps([CALL, call_id, action, payload])


def _call(value: list[Any], raw: bytes, *, mended: bool) -> Frame:
    call_id = value[1] if len(value) > 1 else None
    if not isinstance(call_id, str | int) or isinstance(call_id, bool):
        return Unreadable("call without an id", None)
    action = value[2] if len(value) > 2 else None
    if type(action) is not str or not action:
        return Unreadable("call without an action", refusal(call_id, FORMATION, "the action is missing"))
    payload = value[3] if len(value) > 3 else None
    odd = "the bytes are no clean JSON" if mended else ""
    if payload is None:
        payload = {}
    elif type(payload) is list and len(payload) < 2:  # some languages know no other empty object
        payload, odd = payload[0] if payload else {}, "the payload is a list"
    if type(payload) is not dict:
        return Unreadable("payload is not an object", refusal(call_id, FORMATION, "the payload is not an object"))
    digest = hash(raw)
    if len(value) > 4 and not mended:  # what follows the payload belongs to nothing
        raw = json.dumps([CALL, call_id, action, payload]).encode()
    return Call(call_id, action, payload, digest, raw, odd=odd, mended=mended)


def _unreadable(problem: str, text: str) -> Unreadable:
    found = _CALL_ID.match(text[:LONGEST_ECHO])
    if found is None:
        return Unreadable(problem, None)
    try:
        call_id = _clean(json.loads(found[1]))
    except ValueError:
        return Unreadable(problem, None)
    if isinstance(call_id, float):  # a number beyond 64 bits can't be said back
        return Unreadable(problem, None)
    return Unreadable(problem, refusal(call_id, FORMATION, "the message is not valid JSON"))


def _clean(value: Any, depth: int = 1) -> Any:
    """Without what no database takes: NUL characters, halves of surrogate pairs, numbers beyond 64 bits, and
    nesting without end.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list | dict) and depth > DEEPEST:
        return "..."
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return float("inf") if value.bit_length() > 1000 else float(value)
    return value

"""What the message log is told of each frame: the payloads' text as it came, cut where it is long, secrets masked."""

import json
from datetime import datetime, timedelta
from typing import Any

import orjson

from kit.masking import mask_text
from ocpp_ws.caller import Caller
from ocpp_ws.frames import Answer, Call, Failure, Reply, Unreadable, refusal_text
from stations.messages import LONGEST_WORD, Exchange, Fate, kept
from stations.queries import PendingCommand
from stations.values import Sender

LONGEST_UNREADABLE = 8_192
# Their fields are for texts that nobody foresaw. In other payloads that are as the schema wants no secret has a place.
_FREE_TEXT = frozenset({"DataTransfer", "SecurityEventNotification"})
_MILLISECOND = timedelta(milliseconds=1)


def of_call(caller: Caller, call: Call, reply: Reply, at: datetime, until: datetime) -> Exchange:
    """A charger's call of the instant `at`, and what it was (or is about to be) answered."""
    text = kept(_as_sent(call.raw, call.payload, str(call.id), call.action))
    if not call.exact or call.action in _FREE_TEXT:
        text = mask_text(text)
    return {
        "account_id": caller.account_id,
        "station_id": caller.station_id,
        "at": at,
        "sender": Sender.STATION,
        "action": call.action[:LONGEST_WORD],
        "message_id": str(call.id)[:LONGEST_WORD],
        "call": text,
        "answer": mask_text(kept(reply.answer)) if reply.error and reply.answer else reply.answer,
        "error": reply.error,
        "latency_ms": elapsed_ms(at, until),
    }


def of_unreadable(caller: Caller, frame: Unreadable, raw: bytes, at: datetime) -> Exchange:
    """A frame that could not be read, whole."""
    if frame.reply is None:
        return _odd(caller, raw, at, "", Fate.UNREADABLE.value)
    _, message_id, error, said, *_ = orjson.loads(frame.reply)
    return _odd(caller, raw, at, str(message_id), error, refusal_text(said))


def of_stray(caller: Caller, frame: Answer | Failure, at: datetime) -> Exchange:
    """An answer to a call that we never made, or gave up long ago."""
    return _odd(caller, frame.raw, at, frame.id, Fate.NO_SUCH_CALL.value)


def of_command(caller: Caller, command: PendingCommand, at: datetime) -> Exchange:
    """A call of ours that is about to go out; what became of it follows."""
    return {
        "account_id": caller.account_id,
        "station_id": caller.station_id,
        "at": at,
        "sender": Sender.PLATFORM,
        "action": command.action.value,
        "message_id": command.id.hex,
        "call": mask_text(kept(orjson.dumps(command.payload).decode())),
        "answer": None,
        "error": "",
        "latency_ms": None,
    }


def answer_text(frame: Answer | Failure) -> str:
    """What a charger answered, as the log keeps it: the payload, or description and details of its refusal."""
    if isinstance(frame, Failure):
        return kept(mask_text(refusal_text(frame.text, frame.details)))
    return mask_text(kept(_as_sent(frame.raw, frame.payload, frame.id)))


def elapsed_ms(since: datetime, until: datetime) -> int:
    """Whole milliseconds between two instants; none when a clock was set back in between."""
    return max(0, (until - since) // _MILLISECOND)


def _odd(caller: Caller, raw: bytes, at: datetime, message_id: str, error: str, answer: str | None = None) -> Exchange:
    return {
        "account_id": caller.account_id,
        "station_id": caller.station_id,
        "at": at,
        "sender": Sender.STATION,
        "action": "",
        "message_id": message_id[:LONGEST_WORD],
        "call": mask_text(kept(_text(raw), LONGEST_UNREADABLE)),
        "answer": answer,
        "error": error,
        "latency_ms": None,
    }


def _as_sent(raw: bytes, payload: dict[str, Any], *words: str) -> str:
    """The payload's own text: from the first brace to the last. Written anew where a brace may stand elsewhere."""
    text = _text(raw)
    first, last = text.find("{"), text.rfind("}")
    if first < 0 or "{" in "".join(words):
        return json.dumps(payload, ensure_ascii=False)
    return text[first : last + 1]


def _text(raw: bytes) -> str:
    """A frame as text that every database takes."""
    text = raw.decode("utf-8", "replace")
    return text.replace("\x00", "") if "\x00" in text else text

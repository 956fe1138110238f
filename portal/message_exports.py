"""The message log as a file: CSV for spreadsheets, JSON lines for programs; written while it is read, never whole."""

from collections.abc import Callable
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response

from accounts.access import Actor
from kit import settings
from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.spreadsheets import MARK, csv_text
from portal.actor import open_to_programs
from portal.exports import streamed
from portal.labels import label
from portal.message_filter import message_filter, read
from portal.transfers import TransferSeats
from stations.dictionary import meanings
from stations.message_export import exported_messages
from stations.queries import MessageRow

blueprint = Blueprint("message_exports", __name__)
seats = TransferSeats(lambda: max(1, settings.current().threads // 8))
Rows = tuple[MessageRow, ...]
COLUMNS = (
    word("Time"),
    word("Station"),
    word("From whom"),
    word("Kind of message"),
    word("Message id"),
    word("Error"),
    word("What it means"),
    word("Answered after (ms)"),
    word("Request"),
    word("Answer"),
)


@blueprint.get("/messages.csv")
@open_to_programs
def as_csv(actor: Actor) -> Response:
    """What fits the filter, for a spreadsheet, in the reader's language."""
    head = MARK + csv_text([[_(name) for name in COLUMNS]])
    return _file(actor, "csv", "text/csv", head, lambda rows: csv_text(_cells(row) for row in rows))


@blueprint.get("/messages.jsonl")
@open_to_programs
def as_json_lines(actor: Actor) -> Response:
    """What fits the filter, a line each, with the names of GraphQL."""
    return _file(actor, "jsonl", "application/jsonl", "", lambda rows: "".join(_line(row) for row in rows))


def _file(actor: Actor, ending: str, kind: str, head: str, written: Callable[[Rows], str]) -> Response:
    stretches = exported_messages(actor, message_filter(), before=read("before", int))
    return streamed(stretches, written, seats=seats, name="messages", ending=ending, kind=kind, head=head)


def _cells(row: MessageRow) -> tuple[object, ...]:
    at = row.at.astimezone(ZoneInfo(row.time_zone)).isoformat(" ", "milliseconds")
    words = " ".join(meaning.words for meaning in meanings(row.action, row.call, row.answer, row.error))
    who = (row.station_name, label(row.sender))
    return (at, *who, row.action, row.message_id, row.error, words, row.latency_ms, _text(row.call), _text(row.answer))


def _text(said: Any) -> str:
    return said if isinstance(said, str) else "" if said is None else orjson.dumps(said).decode()


def _line(row: MessageRow) -> str:
    facts = {
        "id": str(row.id),
        "accountId": row.account_id,
        "stationId": row.station_id,
        "stationName": row.station_name,
        "at": row.at.astimezone(UTC),
        "sender": row.sender.name,
        "action": row.action,
        "messageId": row.message_id,
        "call": row.call,
        "answer": row.answer,
        "error": row.error,
        "latencyMs": row.latency_ms,
    }
    return orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE).decode()

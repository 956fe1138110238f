"""Audit lines as a file: CSV for spreadsheets, JSON lines for programs; written while they are read, never whole."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import orjson
from flask import Blueprint, Response

from accounts.access import Actor
from accounts.audit_export import exported_lines, json_line
from accounts.queries import AuditRow
from kit import settings
from kit.deeds import words_of
from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.spreadsheets import MARK, csv_text
from portal.actor import open_to_programs
from portal.audit_filter import audit_filter, before
from portal.audit_words import actor_names, surface_words, thing_words
from portal.exports import streamed
from portal.transfers import TransferSeats

blueprint = Blueprint("audit_exports", __name__)
seats = TransferSeats(lambda: max(1, settings.current().threads // 8))
Rows = tuple[AuditRow, ...]
COLUMNS = (
    word("Time"),
    word("Account"),
    word("Who"),
    word("Reference"),
    word("What"),
    word("Done to"),
    word("From where"),
    word("Network address"),
    word("Browser"),
    word("Login or key"),
    word("By its role in"),
    word("As staff of the platform"),
    word("On behalf of"),
    word("Changes"),
    word("Input"),
    word("Number in the chain"),
    word("Seal"),
)


@blueprint.get("/audit.csv")
@open_to_programs
def as_csv(actor: Actor) -> Response:
    """What fits the filter, for a spreadsheet, in the reader's language."""
    head = MARK + csv_text([[_(name) for name in COLUMNS]])
    return _file(actor, "csv", "text/csv", head, _table)


@blueprint.get("/audit.jsonl")
@open_to_programs
def as_json_lines(actor: Actor) -> Response:
    """What fits the filter, a line each, with the names of GraphQL."""
    return _file(actor, "jsonl", "application/jsonl", "", lambda rows: "".join(json_line(row) for row in rows))


def _file(actor: Actor, ending: str, kind: str, head: str, written: Callable[[Rows], str]) -> Response:
    stretches = exported_lines(actor, audit_filter(), before=before())
    return streamed(stretches, written, seats=seats, name="audit", ending=ending, kind=kind, head=head)


def _table(rows: Rows) -> str:
    names = actor_names(row.actor for row in rows)
    return csv_text(_cells(row, names[row.actor]) for row in rows)


def _cells(row: AuditRow, who: str) -> tuple[object, ...]:
    at = row.at.astimezone(ZoneInfo(row.time_zone)).isoformat(" ", "milliseconds")
    what = (words_of(row.door), thing_words(row.thing, row) if row.thing else "")
    where = (surface_words(row.surface), row.address, row.agent, row.credential)
    right = (row.through_name, _("yes") if row.by_staff else "", row.on_behalf_of)
    said = (orjson.dumps(row.changes).decode(), orjson.dumps(row.arguments).decode())
    return (at, row.account_name, who, row.actor, *what, *where, *right, *said, row.number, row.seal)

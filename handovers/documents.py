"""The protocol of a hand-over as PDF, drawn from what was written down at the moment itself; and the old owner's copy
of his own period, as a table.
"""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from accounts.access import Actor
from handovers import queries
from handovers.models import HandOver
from handovers.part_words import PARTS
from handovers.values import HandOverId, Part
from kit import i18n, pdf
from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.spreadsheets import MARK, csv_text

TEMPLATES = Path(__file__).parent / "templates"
COLUMNS = {
    "station": word("Station"),
    "connector": word("Connector"),
    "started_at": word("Start"),
    "ended_at": word("End"),
    "meter_start_wh": word("Register at the start (Wh)"),
    "meter_stop_wh": word("Register at the end (Wh)"),
    "energy_wh": word("Energy (Wh)"),
    "id_tag": word("Tag"),
    "currency": word("Currency"),
    "gross_minor": word("Amount with VAT"),
    "vat_minor": word("VAT"),
    "receipt": word("Receipt"),
}


@dataclass(frozen=True)
class File:
    """A file to hand out."""

    name: str
    content: bytes


def protocol_pdf(actor: Actor, hand_over_id: HandOverId, language: str) -> File:
    """The protocol, for either side, in the reader's language. Raises NotFound, Forbidden, Unavailable.

    No transaction is open while it is drawn.
    """
    row = queries.hand_over_done(actor, hand_over_id)
    return File(f"protocol-{row.id.hex[:8]}.pdf", pdf.render(protocol_html(row, language), _style()))


def protocol_html(row: HandOver, language: str) -> str:
    """The page that the PDF is drawn from."""
    protocol = row.protocol
    assert protocol is not None, "it was written when it happened"
    with i18n.speaking(language, protocol["time_zone"]):
        return _environment().get_template("protocol.html").render(language=language, **_readable(protocol))


def history_csv(actor: Actor, hand_over_id: HandOverId) -> File:
    """Every session of the old owner's period, for him, in the reader's language. Raises NotFound, Forbidden."""
    zone = ZoneInfo((queries.hand_over_done(actor, hand_over_id).protocol or {})["time_zone"])
    rows = queries.history(actor, hand_over_id)
    head = [_(name) for name in COLUMNS.values()]
    lines = [[_cell(column, row[column], zone) for column in COLUMNS] for row in rows]
    return File(f"sessions-{hand_over_id.hex[:8]}.csv", (MARK + csv_text([head, *lines])).encode())


def _cell(column: str, value: Any, zone: ZoneInfo) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(" ", "seconds")
    return f"{value / 100:.2f}" if column.endswith("_minor") else value


def _readable(protocol: dict[str, Any]) -> dict[str, Any]:
    instants = ("handed_over_at", "requested_at", "old_agreed_at", "new_agreed_at")
    return {
        **protocol,
        **{name: _instant(protocol[name]) for name in instants},
        **{
            name: [{**item, "words": _(PARTS[Part(item["part"])])} for item in protocol[name]]
            for name in ("goes", "ends")
        },
        "running": [{**one, "started_at": _instant(one["started_at"])} for one in protocol["running"]],
    }


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


@functools.cache
def _style() -> str:
    return (TEMPLATES / "protocol.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    return pdf.environment(TEMPLATES)

"""Receipts and credit notes as PDF, drawn on the fly from their snapshots and never stored.

The first drawing's digest and the versions that made it are kept, so that any later copy can be checked against it.
"""

import functools
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jinja2 import Environment

from accounts.access import SYSTEM, Actor
from billing import queries, use_cases
from billing.models import Document
from billing.snapshots import Snapshot
from billing.values import DocumentKind
from kit import i18n, pdf

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class PdfFile:
    """A file to hand out."""

    name: str
    content: bytes


def document_pdf(actor: Actor, document_id: UUID) -> PdfFile:
    """The PDF of a document, for its operator or its payer. Raises NotFound, Forbidden, Unavailable.

    No transaction is open while it is drawn.
    """
    document = queries.receipt_document(actor, document_id)
    content = render_pdf(document.snapshot)
    if document.sha256 is None:
        digest = hashlib.sha256(content).hexdigest()
        use_cases.record_rendering(SYSTEM, document.id, digest, versions(document.language))
    return PdfFile(file_name(document), content)


def render_pdf(snapshot: Snapshot) -> bytes:
    """Draw a snapshot: the same snapshot, templates and library versions give the same bytes. Raises Unavailable."""
    return pdf.render(render_html(snapshot), _style())


def render_html(snapshot: Snapshot) -> str:
    """The page that the PDF is drawn from, in the snapshot's language and time zone."""
    with i18n.speaking(snapshot["language"], snapshot["time_zone"]):
        return _environment().get_template("document.html").render(_readable(snapshot))


def file_name(document: Document) -> str:
    """`R-000123.pdf`."""
    return f"{document.snapshot['number']}.pdf"


def versions(language: str) -> dict[str, str]:
    """What a drawing in this language depends on besides its snapshot: libraries, templates with their words."""
    words = i18n.CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    sources = [*sorted(TEMPLATES.glob("*.*")), *([words] if words.exists() else [])]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    return {**pdf.library_versions(), "templates": digest[:16]}


@functools.cache
def _style() -> str:
    return (TEMPLATES / "document.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    return pdf.environment(TEMPLATES)


def _readable(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot with instants, decimals and durations in place of their texts."""
    session, percent = snapshot["session"], snapshot["vat_percent"]
    corrects = snapshot["corrects"]
    return {
        **snapshot,
        "is_credit_note": snapshot["kind"] == DocumentKind.CREDIT_NOTE.value,
        "issued_at": _instant(snapshot["issued_at"]),
        "corrects": None if corrects is None else {**corrects, "issued_at": _instant(corrects["issued_at"])},
        "vat_percent": None if percent is None else Decimal(percent),
        "lines": [_readable_line(line) for line in snapshot["lines"]],
        "started": _local(session["started_at"], snapshot["time_zone"]),
        "ended": _local(session["ended_at"], snapshot["time_zone"]),
    }


def _readable_line(line: dict[str, Any]) -> dict[str, Any]:
    unit_price = line["unit_price"]
    minutes, seconds = divmod(line["quantity"], 60)
    return {
        **line,
        "unit_price": None if unit_price is None else Decimal(unit_price),
        "length": f"{minutes}:{seconds:02d}",
    }


@dataclass(frozen=True)
class _Moment:
    """An instant and how far its wall clock is from UTC, which tells the doubled hour of autumn apart."""

    at: datetime
    offset: str


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _local(text: str, zone: str) -> _Moment:
    at = _instant(text)
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds()) // 60
    return _Moment(at, f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}")

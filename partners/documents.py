"""Commissioning reports as PDF, drawn on the fly from their snapshots and never stored."""

import functools
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from jinja2 import Environment

from accounts.access import Actor
from kit import i18n, pdf, settings
from kit.i18n import lazy_ as word
from partners import queries
from partners.models import CommissioningReport
from partners.values import Check, CheckState, ReportId

TEMPLATES = Path(__file__).parent / "templates"
CHECKS: dict[Enum, str] = {
    Check.ADDRESS: word("Address entered"),
    Check.CONTACT: word("In contact"),
    Check.BOOT: word("Started, and said what it is"),
    Check.STATUS: word("Connectors ready"),
    Check.TEST_CHARGE: word("Test charge"),
    Check.METER: word("Meter plausible"),
}
STATES: dict[Enum, str] = {
    CheckState.OPEN: word("to do"),
    CheckState.PASSED: word("passed"),
    CheckState.FAILED: word("not as it should be"),
}


@dataclass(frozen=True)
class PdfFile:
    """A file to hand out."""

    name: str
    content: bytes


def report_pdf(actor: Actor, report_id: ReportId, *, language: str | None = None) -> PdfFile:
    """The PDF of a report, in the language in force or another one. Raises NotFound, Forbidden, Unavailable."""
    row = queries.report(actor, report_id)
    chosen = language if language in i18n.LANGUAGES else i18n.language()
    return PdfFile(f"commissioning-{str(row.id)[-8:]}.pdf", pdf.render(render_html(row, chosen), _style()))


def render_html(row: CommissioningReport, language: str) -> str:
    """The page that the PDF is drawn from."""
    snapshot = row.snapshot
    with i18n.speaking(language, snapshot["time_zone"]):
        return (
            _environment()
            .get_template("report.html")
            .render(
                {
                    **snapshot,
                    "language": language,
                    "brand": settings.current().brand_name,
                    "number": str(row.id)[-8:].upper(),
                    "sha256": row.sha256,
                    "intact": row.intact,
                    "signed_at": datetime.fromisoformat(snapshot["signed_at"]),
                    "checks": [_readable(one) for one in snapshot["checks"]],
                }
            )
        )


def _readable(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "words": i18n._(CHECKS[Check(one["check"])]),
        "state_words": i18n._(STATES[CheckState(one["state"])]),
        "at": None if one["at"] is None else datetime.fromisoformat(one["at"]),
    }


@functools.cache
def _style() -> str:
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    return pdf.environment(TEMPLATES)

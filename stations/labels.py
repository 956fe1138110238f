"""Labels for the plugs: a QR code to scan, a number to type, and whose station it is. One per page or cut from A4."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from jinja2 import Environment

from accounts.access import Actor
from kit import i18n, pdf, settings
from kit.errors import NotFound
from kit.i18n import _
from stations.queries.labels import Label, label_of, labels_of

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class LabelFile:
    """A PDF to print."""

    name: str
    content: bytes


def connector_label(actor: Actor, connector_id: UUID, *, sheet: bool = False) -> LabelFile:
    """The label of one connector, 74 × 105 mm; `sheet`: on A4 to cut out. Raises NotFound, Forbidden, Unavailable."""
    return _file([label_of(actor, connector_id)], sheet=sheet)


def station_labels(actor: Actor, station_id: UUID) -> LabelFile:
    """The labels of all connectors of a station on A4 to cut out. Raises NotFound, Forbidden, Unavailable."""
    return _file(labels_of(actor, station_id), sheet=True)


def render_html(labels: Sequence[Label], *, sheet: bool) -> str:
    """The page that the PDF is drawn from."""
    return (
        _environment()
        .get_template("labels.html")
        .render(labels=labels, sheet=sheet, calls=_calls(), brand=settings.current().brand_name)
    )


def _file(labels: Sequence[Label], *, sheet: bool) -> LabelFile:
    if not labels:
        raise NotFound()
    name = "-".join(label.number.replace("\u00a0", "") for label in labels[:2])
    return LabelFile(f"label-{name}.pdf", pdf.render(render_html(labels, sheet=sheet), _style()))


def _calls() -> list[tuple[str, str]]:
    """`Scan, pay, charge` in every language, each with its language."""
    calls = []
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            calls.append((language, _("Scan, pay, charge")))
    return calls


@functools.cache
def _style() -> str:
    return (TEMPLATES / "labels.css").read_text(encoding="utf-8")


@functools.cache
def _environment() -> Environment:
    return pdf.environment(TEMPLATES)

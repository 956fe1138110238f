"""Labels for the plugs: a QR code to scan, a number to type, and whose station it is. One per page or cut from A4."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy import Select, select

from accounts.access import Actor, allowed
from accounts.rights import Right
from accounts.sellers import seller_of
from kit import db, i18n, pdf, qr, settings
from kit.errors import NotFound
from kit.i18n import _
from kit.use_case import query
from stations.models import Connector, Station

TEMPLATES = Path(__file__).parent / "templates"
FIRST_DIGITS = 3


@dataclass(frozen=True)
class Label:
    """What stands on one label. `number` is grouped for the eye; blanks in it may be typed or not."""

    operator: str
    station: str
    connector: str
    number: str
    address: str
    code: Markup


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


@query
def label_of(actor: Actor, connector_id: UUID) -> Label:
    """What stands on the label of a connector. Raises NotFound (also for one without a number), Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Connector, connector_id)
    labels = _labels(select(Connector, Station).where(Connector.id == connector_id))
    if not labels:
        raise NotFound()
    return labels[0]


@query
def labels_of(actor: Actor, station_id: UUID) -> list[Label]:
    """What stands on the labels of a station, by connector. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    return _labels(select(Connector, Station).where(Connector.station_id == station_id))


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


def _labels(chosen: Select[Connector, Station]) -> list[Label]:
    rows = chosen.join(Station, Station.id == Connector.station_id).where(Connector.code.is_not(None))
    found = db.session().execute(rows.order_by(Connector.number)).all()
    return [_label(connector, station) for connector, station in found]


def _label(connector: Connector, station: Station) -> Label:
    code = connector.code or ""
    target = f"{settings.current().public_url}/q/{code}"
    return Label(
        operator=seller_of(connector.account_id).name,
        station=station.name,
        connector=connector.name or _("Connector %(number)s", number=connector.number),
        number=f"{code[:FIRST_DIGITS]}\u00a0{code[FIRST_DIGITS:]}",
        address=f"{urlsplit(target).netloc}{urlsplit(target).path}",
        code=qr.svg(target, label=target),
    )


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

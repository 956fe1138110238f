"""What stands on the labels of connectors."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import Select, select

from accounts.access import Actor, allowed
from accounts.rights import Right
from accounts.sellers import seller_of
from kit import db, qr, settings
from kit.errors import NotFound
from kit.i18n import _
from kit.use_case import query
from stations.models import Connector, Station

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

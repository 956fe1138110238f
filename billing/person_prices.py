"""Which price of his own somebody has at a connector; for rooms, within their doors.

Whoever is named himself comes before groups of tags, whatever the place; then the narrower place counts: connector,
station, group of stations. Who is not named here pays what everybody pays.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from accounts.models import AccountLineage, StationGroup, StationGroupMember
from billing.models import PersonPrice, Tariff
from billing.values import Driver
from charging.models import ChargingSession, Tag
from kit import db
from stations.models import Connector


def own_price_of(driver: Driver, connector: Connector, at: datetime) -> Tariff | None:
    """The price that was this driver's own at an instant; None: he has none."""
    whom = _naming(driver)
    if not whom:
        return None
    in_force = PersonPrice.created_at <= at, or_(PersonPrice.removed_at.is_(None), PersonPrice.removed_at > at)
    found = select(PersonPrice).where(or_(*whom), _place(connector), *in_force)
    best = min(db.session().scalars(found), key=_rank, default=None)
    return None if best is None else tariff_at(best.id, at)


def tariff_at(person_price_id: UUID, at: datetime) -> Tariff:
    """The version of somebody's own price that held at an instant."""
    versions = select(Tariff).where(Tariff.person_price_id == person_price_id, Tariff.created_at <= at)
    return db.session().scalars(versions.order_by(Tariff.created_at.desc(), Tariff.id.desc()).limit(1)).one()


def holder_of_tag(session: ChargingSession) -> Driver:
    """Whoever held up the tag of a session: its number, and its group in the account or those above that know it."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == session.account_id)
    known = select(Tag.parent_id_tag).where(Tag.id_tag == session.id_tag, Tag.account_id.in_(above))
    return Driver(id_tag=session.id_tag, tag_groups=frozenset(db.session().scalars(known)) - {""})


def _naming(driver: Driver) -> list[ColumnElement[bool]]:
    told = ((PersonPrice.email, driver.email), (PersonPrice.id_tag, driver.id_tag))
    named = [column == text for column, text in told if text]
    return [*named, PersonPrice.tag_group.in_(driver.tag_groups)] if driver.tag_groups else named


def _place(connector: Connector) -> ColumnElement[bool]:
    """Groups count as far as they are of the station's account or one above it."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == connector.account_id)
    groups = (
        select(StationGroupMember.group_id)
        .join(StationGroup, StationGroup.id == StationGroupMember.group_id)
        .where(
            StationGroupMember.station_id == connector.station_id,
            StationGroup.removed_at.is_(None),
            StationGroup.account_id.in_(above),
        )
    )
    whole_station = and_(PersonPrice.station_id == connector.station_id, PersonPrice.connector_id.is_(None))
    return or_(PersonPrice.connector_id == connector.id, whole_station, PersonPrice.group_id.in_(groups))


def _rank(own: PersonPrice) -> tuple[bool, int, float]:
    place = 0 if own.connector_id else 1 if own.station_id else 2
    return own.tag_group != "", place, -own.created_at.timestamp()

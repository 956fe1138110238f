"""Prices of single people and of groups of tags: the list with search, one of them, and whose sessions need one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from accounts.access import SYSTEM, Actor, allowed, public, system, visible, within
from accounts.models import Account, StationGroup
from accounts.rights import Right
from accounts.values import AccountId
from billing.models import PersonPrice, SessionTerms, Tariff
from billing.values import Driver, PersonPriceId, PriceWhere
from charging.models import ChargingSession, Tag
from charging.values import SessionKind
from kit import db
from kit.errors import NotFound
from kit.paging import Page
from kit.use_case import query
from stations.models import Connector, Station

MOST_PLACES = 500


@dataclass(frozen=True)
class PersonPriceRow:
    """A price in force, with the words for its place. `connector_number` None: the whole station, or the group."""

    own: PersonPrice
    tariff: Tariff
    account_name: str
    station_name: str
    connector_number: int | None
    group_name: str


@dataclass(frozen=True)
class PricePlace:
    """Where somebody can have a price of his own. `connector_number`: of a connector."""

    kind: PriceWhere
    id: UUID
    name: str
    connector_number: int | None = None


@query
def person_price_page(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    station_id: UUID | None = None,
    number: int = 1,
    size: int = 50,
) -> Page[PersonPriceRow]:
    """Prices of people, the newest first. `text` is looked for in names, addresses, tags, groups and places."""
    wanted = _wanted(account_id, text, station_id)
    found = _rows(actor).where(*wanted)
    total = db.session().scalar(select(func.count()).select_from(found.with_only_columns(PersonPrice.id).subquery()))
    number = max(1, min(number, -(-(total or 0) // size)))
    listed = found.order_by(PersonPrice.id.desc()).limit(size).offset((number - 1) * size)
    return Page(_told(listed), number, size, total or 0)


@query
def person_prices(
    actor: Actor,
    account_id: AccountId | None = None,
    *,
    text: str = "",
    station_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[PersonPriceRow]:
    """The same without their count: those that are older than `before`."""
    found = _rows(actor).where(*_wanted(account_id, text, station_id))
    if before is not None:
        found = found.where(PersonPrice.id < before)
    return _told(found.order_by(PersonPrice.id.desc()).limit(limit))


@query
def person_price(actor: Actor, person_price_id: PersonPriceId) -> PersonPriceRow:
    """One of them. Raises NotFound, also when it was removed, Forbidden."""
    allowed(actor, Right.VIEW_TARIFFS, PersonPrice, person_price_id)
    rows = _told(_rows(actor).where(PersonPrice.id == person_price_id))
    if not rows:
        raise NotFound()
    return rows[0]


@query
def price_places(actor: Actor, account_id: AccountId, *, station_id: UUID | None = None) -> list[PricePlace]:
    """Where the actor may give somebody a price of his own: groups, stations and their connectors, by name.

    Of one station where it is named; else of the account and those below, so many as a form can show.
    """
    here = Station.id == station_id if station_id else within(Station, account_id)
    stations = select(Station.id, Station.name).where(here).order_by(Station.name, Station.id).limit(MOST_PLACES)
    listed = dict(iter(db.session().execute(visible(actor, Right.MANAGE_TARIFFS, stations, Station))))
    plugs = select(Connector.station_id, Connector.id, Connector.number).where(
        Connector.station_id.in_(list(listed)), Connector.number > 0
    )
    numbered = db.session().execute(plugs.order_by(Connector.number)).all()
    groups = select(StationGroup.id, StationGroup.name).where(
        within(StationGroup, account_id), StationGroup.removed_at.is_(None)
    )
    named = db.session().execute(visible(actor, Right.MANAGE_TARIFFS, groups.order_by(StationGroup.name), StationGroup))
    found = [PricePlace(PriceWhere.GROUP, one, name) for one, name in named] if station_id is None else []
    for one, name in listed.items():
        found.append(PricePlace(PriceWhere.STATION, one, name))
        found += [
            PricePlace(PriceWhere.CONNECTOR, plug, name, number) for station, plug, number in numbered if station == one
        ]
    return found


@query
def sessions_at_own_price(actor: Actor, session_ids: Collection[UUID]) -> set[UUID]:
    """Those of many sessions by tag whose holder may have a price of his own."""
    system(actor)
    own_group = select(PersonPrice.tag_group).where(PersonPrice.tag_group != "")
    in_a_group = exists().where(Tag.id_tag == ChargingSession.id_tag, Tag.parent_id_tag.in_(own_group))
    named = exists().where(PersonPrice.id_tag == ChargingSession.id_tag)
    agreed = exists().where(SessionTerms.session_id == ChargingSession.id)
    of_them = ChargingSession.id.in_(session_ids), ChargingSession.kind == SessionKind.TAG
    return set(db.session().scalars(select(ChargingSession.id).where(*of_them, or_(named, in_a_group, agreed))))


@query
def price_letter(actor: Actor, person_price_id: PersonPriceId) -> tuple[PersonPriceRow, Account] | None:
    """What the mail with the link tells, and whose it is; None: the price was removed meanwhile."""
    system(actor)
    found = _told(_rows(actor).where(PersonPrice.id == person_price_id))
    return (found[0], db.session().get_one(Account, found[0].own.account_id)) if found else None


@query
def shown_price(actor: Actor, person_price_id: PersonPriceId, driver: Driver) -> PersonPriceRow | None:
    """What a link leads to; None: the price was removed, or is not this driver's."""
    public("a signed link says who opens it")
    found = _told(_rows(SYSTEM).where(PersonPrice.id == person_price_id, PersonPrice.email == driver.email))
    return found[0] if found and driver.email else None


def _wanted(account_id: AccountId | None, text: str, station_id: UUID | None) -> list[ColumnElement[bool]]:
    wanted = [] if account_id is None else [within(PersonPrice, account_id)]
    if station_id is not None:
        wanted.append(PersonPrice.station_id == station_id)
    if text:
        told = (PersonPrice.name, PersonPrice.email, PersonPrice.id_tag, PersonPrice.tag_group)
        places = (Station.name, StationGroup.name)
        wanted.append(or_(*(column.icontains(text, autoescape=True) for column in (*told, *places))))
    return wanted


def _rows(actor: Actor) -> Select[PersonPrice, Tariff, str, str | None, int | None, str | None]:
    """Those in force, each with its newest version."""
    later = aliased(Tariff)
    newer = or_(later.created_at > Tariff.created_at, and_(later.created_at == Tariff.created_at, later.id > Tariff.id))
    newest = ~exists().where(later.person_price_id == PersonPrice.id, newer)
    found = (
        select(PersonPrice, Tariff, Account.name, Station.name, Connector.number, StationGroup.name)
        .select_from(PersonPrice)
        .join(Tariff, and_(Tariff.person_price_id == PersonPrice.id, newest))
        .join(Account, Account.id == PersonPrice.account_id)
        .outerjoin(Station, Station.id == PersonPrice.station_id)
        .outerjoin(Connector, Connector.id == PersonPrice.connector_id)
        .outerjoin(StationGroup, StationGroup.id == PersonPrice.group_id)
        .where(PersonPrice.removed_at.is_(None))
    )
    return visible(actor, Right.VIEW_TARIFFS, found, PersonPrice)


def _told(found: Select[PersonPrice, Tariff, str, str | None, int | None, str | None]) -> tuple[PersonPriceRow, ...]:
    return tuple(
        PersonPriceRow(own, tariff, account, station or "", number, group or "")
        for own, tariff, account, station, number, group in db.session().execute(found)
    )

"""The directory: trained partners by place and language, for everybody; and all of them, for staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from accounts import access
from accounts.access import Actor, allowed_in
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import NotFound
from kit.paging import Page
from kit.use_case import query
from partners.models import Partner, PartnerLanguage, PartnerRegion
from partners.values import PartnerId, Region

PAGE = 24


@dataclass(frozen=True)
class Listed:
    """A partner with where it works and what it speaks."""

    partner: Partner
    regions: tuple[Region, ...]
    languages: tuple[str, ...]


@query
def directory(
    actor: Actor,
    *,
    search: str = "",
    region: Region | None = None,
    language: str | None = None,
    number: int = 1,
    size: int = PAGE,
) -> Page[Listed]:
    """Trained partners by name."""
    access.public("whoever needs an installer finds one")
    return _page([*_shown(), *_fitting(search, region, language)], number, size)


@query
def region_counts(actor: Actor) -> dict[Region, int]:
    """How many trained partners work where."""
    access.public("the map of the directory")
    counted = (
        select(PartnerRegion.region, func.count())
        .join(Partner, Partner.id == PartnerRegion.partner_id)
        .where(*_shown())
        .group_by(PartnerRegion.region)
    )
    return dict(iter(db.session().execute(counted)))


@query
def listed_partner(actor: Actor, partner_id: PartnerId) -> Listed:
    """One partner of the directory. Raises NotFound."""
    access.public("whoever needs an installer finds one")
    return _one(Partner.id == partner_id, *_shown())


@query
def partner_of_account(actor: Actor, account_id: AccountId) -> Listed | None:
    """The partner that this account is, whether it can be found or not; None: it is none."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    try:
        return _one(Partner.account_id == account_id)
    except NotFound:
        return None


@query
def partners_for_staff(actor: Actor, *, search: str = "", number: int = 1, size: int = PAGE) -> Page[Listed]:
    """Every partner of the platform, for its staff."""
    access.staff(actor)
    return _page(_fitting(search, None, None), number, size)


def _shown() -> list[ColumnElement[bool]]:
    return [Partner.listed.is_(True), Partner.trained_until >= clock.now().date()]


def _fitting(search: str, region: Region | None, language: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    words = search.strip().lower().replace("%", "").replace("_", "")
    if words:
        fields = (Partner.name, Partner.city, Partner.postcode, Partner.description)
        conditions.append(or_(*(func.lower(field).like(f"%{words}%") for field in fields)))
    if region is not None:
        there = select(PartnerRegion.partner_id).where(PartnerRegion.region == region)
        conditions.append(Partner.id.in_(there))
    if language is not None:
        speaks = select(PartnerLanguage.partner_id).where(PartnerLanguage.language == language)
        conditions.append(Partner.id.in_(speaks))
    return conditions


def _page(conditions: Sequence[ColumnElement[bool]], number: int, size: int) -> Page[Listed]:
    number = max(1, number)
    total = db.session().scalar(select(func.count()).select_from(Partner).where(*conditions)) or 0
    ordered = select(Partner).where(*conditions).order_by(func.lower(Partner.name), Partner.id)
    rows = list(db.session().scalars(ordered.limit(size).offset((number - 1) * size)))
    return Page(tuple(_with_facets(rows)), number, size, total)


def _one(*conditions: ColumnElement[bool]) -> Listed:
    partner = db.session().scalar(select(Partner).where(*conditions))
    if partner is None:
        raise NotFound()
    return _with_facets([partner])[0]


def _with_facets(partners: Sequence[Partner]) -> list[Listed]:
    ids = [partner.id for partner in partners]
    regions: dict[Any, list[Region]] = {}
    for row in db.session().scalars(select(PartnerRegion).where(PartnerRegion.partner_id.in_(ids))):
        regions.setdefault(row.partner_id, []).append(row.region)
    languages: dict[Any, list[str]] = {}
    for spoken in db.session().scalars(select(PartnerLanguage).where(PartnerLanguage.partner_id.in_(ids))):
        languages.setdefault(spoken.partner_id, []).append(spoken.language)
    return [
        Listed(
            partner,
            tuple(sorted(regions.get(partner.id, ()), key=list(Region).index)),
            tuple(sorted(languages.get(partner.id, ()))),
        )
        for partner in partners
    ]

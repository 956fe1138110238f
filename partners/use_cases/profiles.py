"""A company becomes a partner, and says what it does where."""

import re

from sqlalchemy import delete, select

from accounts.access import Actor, allowed
from accounts.addresses import clean_email
from accounts.models import Account
from accounts.rights import Right
from accounts.values import LANGUAGES, AccountId
from kit import clock, db
from kit.errors import Invalid
from kit.ids import new_id
from kit.use_case import use_case
from partners.errors import PartnerAlready
from partners.models import Partner, PartnerLanguage, PartnerRegion
from partners.values import PartnerId, Profile

LONGEST = {"name": 120, "description": 2000, "phone": 40, "website": 200, "street": 120, "postcode": 12, "city": 80}
_WEB = re.compile(r"https?://[^\s<>\"']+\.[^\s<>\"']+")


@use_case
def register_partner(actor: Actor, account_id: AccountId, *, profile: Profile) -> Partner:
    """Make the company behind an account a partner; the platform trains it before anybody finds it.

    Raises PartnerAlready, Invalid.
    """
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    if db.session().scalar(select(Partner.id).where(Partner.account_id == account_id)) is not None:
        raise PartnerAlready()
    partner = Partner(id=new_id(), account_id=account_id, registered_at=clock.now())
    _take(partner, profile)
    db.session().add(partner)
    db.session().flush()
    _store_facets(partner, profile)
    return partner


@use_case
def update_partner(actor: Actor, partner_id: PartnerId, *, profile: Profile, listed: bool = True) -> Partner:
    """Say anew what the partner does; `listed` False: nobody finds it. Raises Invalid."""
    partner = allowed(actor, Right.MANAGE_ACCOUNT, Partner, partner_id, lock=True)
    _take(partner, profile)
    partner.listed = listed
    _store_facets(partner, profile)
    return partner


def _take(partner: Partner, profile: Profile) -> None:
    """Raises Invalid."""
    problems: dict[str, str] = {}
    for name, most in LONGEST.items():
        text = getattr(profile, name).strip()
        text = text if name == "description" else " ".join(text.split())
        if len(text) > most:
            problems[name] = "too_long"
        setattr(partner, name, text)
    if not partner.name:
        problems["name"] = "required"
    if partner.website and not _WEB.fullmatch(partner.website):
        problems["website"] = "not_an_address"
    if not profile.regions:
        problems["regions"] = "required"
    if not profile.languages or not profile.languages <= set(LANGUAGES):
        problems["languages"] = "unknown" if profile.languages else "required"
    if problems:
        raise Invalid(**problems)
    partner.email = clean_email(profile.email)


def _store_facets(partner: Partner, profile: Profile) -> None:
    session = db.session()
    session.execute(delete(PartnerRegion).where(PartnerRegion.partner_id == partner.id))
    session.execute(delete(PartnerLanguage).where(PartnerLanguage.partner_id == partner.id))
    session.add_all(PartnerRegion(partner_id=partner.id, region=one) for one in profile.regions)
    session.add_all(PartnerLanguage(partner_id=partner.id, language=one) for one in profile.languages)

"""Prices of single people and of groups of tags."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from accounts.access import Actor, allowed, licensed, system
from accounts.addresses import clean_email
from accounts.functions import Function
from accounts.models import Account, AccountLineage, StationGroup
from accounts.rights import Right
from accounts.values import AccountId
from billing.events import PriceLinkWanted
from billing.models import Charge, PersonPrice, SessionTerms, Tariff
from billing.person_prices import holder_of_tag, own_price_of, tariff_at
from billing.queries.tariffs import terms_at
from billing.tariff_versions import judged_tariff, same_price
from billing.use_cases.charges import price_session
from billing.values import PersonPriceId, PriceWhere, Terms
from charging.models import ChargingSession, Tag
from charging.tag_rules import canonical
from charging.values import SessionId, SessionKind, SessionState
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.upsert import insert
from kit.use_case import use_case
from stations.models import Connector, Station

LONGEST_NAME = 80
LINK_AGAIN_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class Whom:
    """A person, by address or tag or both, or all tags of a group; `name` is for the operator's list."""

    name: str = ""
    email: str = ""
    id_tag: str = ""
    tag_group: str = ""


@use_case
def add_person_price(
    actor: Actor,
    where: PriceWhere,
    where_id: UUID,
    whom: Whom,
    *,
    energy_price: Decimal,
    time_price: Decimal = Decimal(0),
    session_fee: Decimal = Decimal(0),
    vat_percent: Decimal | None = None,
    tell: bool = False,
) -> PersonPrice:
    """Let somebody charge at a price of his own from now on; running sessions keep theirs. All zero: free of charge.

    `tell`: his address is mailed the link that shows who he is; the letter is held back (`link_wanted_at` stays None)
    while one of a moment ago is on its way, which is enough for all his prices. Groups, of tags or of stations, need a
    licence. Raises NotFound, LicenceNeeded; Conflict as `set_price`; Invalid by field, as `set_price` and also: `whom`
    required, not_both, taken; `email` not_an_email; `id_tag` unknown_tag; `tag_group` unknown_group.
    """
    own = _placed(actor, where, where_id)
    account = db.session().get_one(Account, own.account_id)
    if whom.tag_group or own.group_id:
        licensed(actor, Function.USER_GROUPS, account.id, own.station_id)
    _name(own, whom)
    prices = {"energy_price": energy_price, "time_price": time_price, "session_fee": session_fee}
    tariff = judged_tariff(account, prices, vat_percent)
    own.created_at = tariff.created_at
    db.session().add(own)
    db.session().flush()
    tariff.person_price_id = own.id
    db.session().add(tariff)
    if tell and own.email and not _told_lately(own):
        _want_link(own)
    return own


@use_case
def change_person_price(
    actor: Actor,
    person_price_id: PersonPriceId,
    *,
    energy_price: Decimal,
    time_price: Decimal = Decimal(0),
    session_fee: Decimal = Decimal(0),
    vat_percent: Decimal | None = None,
) -> PersonPrice:
    """Another price for the same person at the same place, from now on. Raises as `add_person_price`."""
    own = _in_force(actor, person_price_id)
    if own.tag_group or own.group_id:
        licensed(actor, Function.USER_GROUPS, own.account_id, own.station_id)
    account = db.session().get_one(Account, own.account_id)
    prices = {"energy_price": energy_price, "time_price": time_price, "session_fee": session_fee}
    tariff = judged_tariff(account, prices, vat_percent)
    if not same_price(tariff_at(own.id, tariff.created_at), tariff):
        tariff.person_price_id = own.id
        db.session().add(tariff)
        db.session().flush()
    return own


@use_case
def remove_person_price(actor: Actor, person_price_id: PersonPriceId) -> None:
    """From now on this counts no more: what is left for the person is a group's price, or everybody's, or none."""
    _in_force(actor, person_price_id).removed_at = clock.now()


@use_case
def send_price_link(actor: Actor, person_price_id: PersonPriceId) -> None:
    """Mail the link again that shows who somebody is. Raises Conflict: no_email, link_sent_lately."""
    own = _in_force(actor, person_price_id)
    if not own.email:
        raise Conflict("no_email")
    if _told_lately(own):
        raise Conflict("link_sent_lately")
    _want_link(own)


@use_case
def agree_terms(actor: Actor, session_id: SessionId) -> Terms | None:
    """Freeze what a session by tag is to cost, as of its start; None: its holder has no price of his own.

    Asked again, the first answer stands.
    """
    system(actor)
    agreed = db.session().get(SessionTerms, session_id)
    if agreed is not None:
        return Terms.from_plain(agreed.terms)
    session = db.session().get_one(ChargingSession, session_id)
    if session.kind is not SessionKind.TAG:
        return None
    connector = db.session().get_one(Connector, session.connector_id)
    tariff = own_price_of(holder_of_tag(session), connector, session.started_at)
    if tariff is None:
        return None
    terms = terms_at(tariff, connector)
    frozen = {"session_id": session.id, "account_id": session.account_id, "terms": terms.plain()}
    db.session().execute(insert(SessionTerms).values(frozen).on_conflict_do_nothing())
    return terms


@use_case
def price_tag_session(actor: Actor, session_id: SessionId) -> Charge | None:
    """An ended session by tag gets its price, once, for whoever sold it; None: nobody's own price was agreed on."""
    system(actor)
    session = db.session().get_one(ChargingSession, session_id)
    if session.state is not SessionState.ENDED:
        return None
    terms = agree_terms(actor, session_id)
    if terms is None:
        return None
    sold = db.session().get_one(SessionTerms, session_id)
    return price_session(actor, session_id, terms, seller_id=sold.account_id)


@use_case
def withdraw_person_prices(actor: Actor, account_id: AccountId, person_price_ids: Collection[PersonPriceId]) -> None:
    """Prices that were brought along by mistake go without a trace; what was agreed on by them stays as it was."""
    system(actor)
    session = db.session()
    session.execute(delete(Tariff).where(Tariff.person_price_id.in_(person_price_ids), Tariff.account_id == account_id))
    own = PersonPrice.id.in_(person_price_ids), PersonPrice.account_id == account_id
    session.execute(delete(PersonPrice).where(*own))


@use_case
def forget_person_prices(actor: Actor, account_id: AccountId) -> None:
    """The account ends: nobody has a price of his own there any more, and who had one is forgotten."""
    system(actor)
    now = clock.now()
    for own in db.session().scalars(select(PersonPrice).where(PersonPrice.account_id == account_id)):
        own.name = own.email = own.id_tag = own.tag_group = ""
        own.removed_at = own.removed_at or now


def _placed(actor: Actor, where: PriceWhere, where_id: UUID) -> PersonPrice:
    """A row for this place, after the right was asked for."""
    if where is PriceWhere.CONNECTOR:
        connector = allowed(actor, Right.MANAGE_TARIFFS, Connector, where_id)
        return PersonPrice(account_id=connector.account_id, connector_id=connector.id, station_id=connector.station_id)
    if where is PriceWhere.STATION:
        station = allowed(actor, Right.MANAGE_TARIFFS, Station, where_id)
        return PersonPrice(account_id=station.account_id, station_id=station.id)
    group = allowed(actor, Right.MANAGE_TARIFFS, StationGroup, where_id)
    if group.removed_at is not None:
        raise NotFound()
    return PersonPrice(account_id=group.account_id, group_id=group.id)


def _name(own: PersonPrice, whom: Whom) -> None:
    """Write down who it is for. Raises Invalid."""
    person, group = whom.email.strip() or whom.id_tag.strip(), whom.tag_group.strip()
    if (not person and not group) or (person and group):
        raise Invalid(whom="not_both" if person else "required")
    own.name = " ".join(whom.name.split())
    if len(own.name) > LONGEST_NAME:
        raise Invalid(name="too_long")
    own.email = clean_email(whom.email) if whom.email.strip() else ""
    own.id_tag, own.tag_group = canonical(whom.id_tag), canonical(group)
    if own.id_tag and not _known(own, Tag.id_tag == own.id_tag):
        raise Invalid(id_tag="unknown_tag")
    if own.tag_group and not _known(own, Tag.parent_id_tag == own.tag_group):
        raise Invalid(tag_group="unknown_group")
    if any(_named_here(own, name) for name in ("email", "id_tag", "tag_group")):
        raise Invalid(whom="taken")


def _known(own: PersonPrice, which: ColumnElement[bool]) -> bool:
    """Whether the account, or one above it, has such a tag."""
    above = select(AccountLineage.ancestor_id).where(AccountLineage.account_id == own.account_id)
    found = select(Tag.id).where(which, Tag.account_id.in_(above))
    return db.session().scalars(found.limit(1)).first() is not None


def _named_here(own: PersonPrice, name: str) -> bool:
    """Whether somebody with the same address, tag or group has a price at this very place already."""
    told, places = getattr(own, name), (PersonPrice.connector_id, PersonPrice.station_id, PersonPrice.group_id)
    if not told:
        return False
    here = [column.is_not_distinct_from(getattr(own, column.key)) for column in places]
    same = select(PersonPrice.id).where(getattr(PersonPrice, name) == told, PersonPrice.removed_at.is_(None), *here)
    return db.session().scalars(same.limit(1)).first() is not None


def _told_lately(own: PersonPrice) -> bool:
    """Whether the account had a link mailed to this address just now, even for a price that is gone: nobody's letter
    box is to be filled by whoever knows the address.
    """
    lately = PersonPrice.link_wanted_at > clock.now() - LINK_AGAIN_AFTER
    same = select(PersonPrice.id).where(
        PersonPrice.account_id == own.account_id, PersonPrice.email == own.email, lately
    )
    return db.session().scalars(same.limit(1)).first() is not None


def _want_link(own: PersonPrice) -> None:
    own.link_wanted_at = clock.now()
    record(PriceLinkWanted(person_price_id=own.id, wanted_at=own.link_wanted_at))


def _in_force(actor: Actor, person_price_id: PersonPriceId) -> PersonPrice:
    own = allowed(actor, Right.MANAGE_TARIFFS, PersonPrice, person_price_id, lock=True)
    if own.removed_at is not None:
        raise Conflict("price_removed")
    return own

"""OCPP stations leave an account of smart-me: a new property under the same master takes them, while they charge."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts.access import SYSTEM, Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.use_cases import create_property
from accounts.use_cases.accounts import AccountChanges
from accounts.values import AccountId
from billing.use_cases import carry_prices
from charging.models import Tag
from charging.use_cases import follow_station, import_tags
from charging.values import NewTag, TagState
from kit import db
from kit.errors import Conflict
from kit.use_case import use_case
from stations.kinds import StationKind
from stations.models import Station
from stations.use_cases import move_station
from stations.values import StationId

AT_ONCE = 5_000  # as many as an import takes


@dataclass(frozen=True)
class Separation:
    """What came of it: the new account, and how many stations and tags it has."""

    account: Account
    stations: int
    tags: int


@use_case
def separate(actor: Actor, account_id: AccountId, *, name: str = "") -> Separation:
    """Give the OCPP stations of an account an account of their own under the same master, all or none.

    They stay connected and keep numbers, prices, settings and former addresses; what runs or is paid for ends in the
    account where it began. Tags count in both accounts from then on. Raises Invalid(name=), Conflict(nothing_to_move).
    """
    account = allowed(actor, Right.MANAGE_STATIONS, Account, account_id, lock=True)
    leaving = db.session().scalars(
        select(Station.id)
        .where(Station.account_id == account_id, Station.kind == StationKind.OCPP)
        .order_by(Station.id)
    )
    station_ids = [StationId(one) for one in leaving]
    if not station_ids:
        raise Conflict("nothing_to_move")
    new = _beside(actor, account, name)
    tags = _copy_tags(actor, account_id, AccountId(new.id))
    for station_id in station_ids:
        _move(actor, station_id, AccountId(new.id))
    return Separation(new, len(station_ids), tags)


@use_case
def account_beside(actor: Actor, account_id: AccountId) -> Account:
    """The account for OCPP stations beside one of smart-me, under the same master; made when it is first asked for."""
    account = allowed(actor, Right.MANAGE_STATIONS, Account, account_id, lock=True)
    return _beside(actor, account, "")


def _beside(actor: Actor, account: Account, name: str) -> Account:
    """A new account under the master of this one; it sells in the same name."""
    master_id, wanted = AccountId(account.parent_id or account.id), name.strip() or f"{account.name} OCPP"
    same = select(Account).where(Account.parent_id == master_id, Account.name == wanted, Account.id != account.id)
    known = db.session().scalars(same.order_by(Account.created_at)).first()
    if known is not None:
        return known
    facts = AccountChanges(
        name=wanted,
        legal_name=account.legal_name,
        street=account.street,
        postcode=account.postcode,
        city=account.city,
        country=account.country,
        contact_email=account.contact_email,
        contact_phone=account.contact_phone,
        time_zone=account.time_zone,
        language=account.language,
        uid=account.uid,
        vat_registered=account.vat_registered,
    )
    return create_property(actor, master_id, **facts)


def _move(actor: Actor, station_id: StationId, account_id: AccountId) -> None:
    """In this transaction, not a little later: no driver finds the station without its price."""
    move_station(actor, station_id, account_id)
    follow_station(SYSTEM, station_id)
    carry_prices(SYSTEM, station_id)


def _copy_tags(actor: Actor, account_id: AccountId, to_account_id: AccountId) -> int:
    tags = db.session().scalars(select(Tag).where(Tag.account_id == account_id)).all()
    rows = [
        NewTag(tag.id_tag, tag.name, tag.expires_at, tag.parent_id_tag, tag.state is TagState.BLOCKED) for tag in tags
    ]
    for first in range(0, len(rows), AT_ONCE):
        import_tags(actor, to_account_id, rows[first : first + AT_ONCE])
    return len(rows)

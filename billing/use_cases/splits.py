"""Stations leave an account for one of their own beside it, with prices and tags, while they charge."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from accounts.access import SYSTEM, Actor, allowed, allowed_in, can
from accounts.models import Account
from accounts.rights import Right, Role
from accounts.use_cases import create_beside
from accounts.values import AccountId
from billing.use_cases.moves import carry_prices
from charging.models import Tag
from charging.use_cases import follow_station, import_tags
from charging.values import NewTag, TagState
from kit import db
from kit.errors import Conflict
from kit.use_case import use_case
from stations.models import Station
from stations.use_cases import move_station
from stations.values import StationId

AT_ONCE = 5_000  # as many as an import takes


@dataclass(frozen=True)
class Split:
    """What came of it: the new account, and how many stations and tags it has."""

    account: Account
    stations: int
    tags: int


@use_case
def split_account(actor: Actor, account_id: AccountId, *, station_ids: Collection[StationId], name: str) -> Split:
    """Give these stations of an account one of their own beside it, all or none.

    They stay connected and keep numbers, prices, settings and former addresses; what runs or is paid for ends in the
    account where it began. Tags count in both accounts from then on. Raises NoPlaceBeside, Invalid(name=),
    Conflict(nothing_to_move).
    """
    allowed(actor, Right.MANAGE_STATIONS, Account, account_id, lock=True)
    allowed_in(actor, Right.MANAGE_ACCOUNT, account_id)
    here = select(Station.id).where(Station.account_id == account_id, Station.id.in_(station_ids))
    leaving = list(db.session().scalars(here.order_by(Station.id)))
    if not leaving:
        raise Conflict("nothing_to_move")
    new = create_beside(actor, account_id, name=name)
    owner = _at_home_in(actor, AccountId(new.id))
    tags = _copy_tags(owner, account_id, AccountId(new.id))
    for station_id in leaving:
        _move(owner, StationId(station_id), AccountId(new.id))
    return Split(new, len(leaving), tags)


def _at_home_in(actor: Actor, account_id: AccountId) -> Actor:
    """Whoever has just become the owner of an account by itself; he was read before."""
    if can(actor, Right.MANAGE_STATIONS, account_id):
        return actor
    grants: Mapping[Any, Any] = {**actor.grants, account_id: frozenset({Role.OWNER})}
    return replace(actor, grants=grants)


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

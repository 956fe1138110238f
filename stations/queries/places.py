"""Which accounts mix properties: their stations stand at clearly different places."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account, StationGroup, StationGroupMember
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query
from stations.models import AcceptedMixture, Station
from stations.places import Place, Spot, places_of
from stations.values import Location, StationId

MOST_ACCOUNTS, MOST_STATIONS = 20, 2_000
_FAR_APART_E6 = 2_700  # no less than what is near


@dataclass(frozen=True)
class AccountPlaces:
    """Where the stations of an account stand. `accepted`: somebody said that all these belong together."""

    account_id: AccountId
    name: str
    places: tuple[Place, ...]
    accepted: bool

    @property
    def mixed(self) -> bool:
        """Whether it looks like several properties."""
        return len(self.places) > 1


@query
def account_places(actor: Actor, account_id: AccountId) -> AccountPlaces:
    """Where the stations of one account stand. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Account, account_id)
    return _told(actor, [account_id])[0]


@query
def mixed_accounts(actor: Actor, account_id: AccountId) -> list[AccountPlaces]:
    """The account and those below it that mix properties, and nobody said that this is as it should be; at most twenty.
    One statement where there is none.
    """
    street, north = func.lower(Station.postcode + " " + Station.street), Station.latitude_e6
    apart = or_(
        func.count(street.distinct()) > 1,
        func.max(north) - func.min(north) > _FAR_APART_E6,
        func.max(Station.longitude_e6) - func.min(Station.longitude_e6) > _FAR_APART_E6,
    )
    standing = select(Station.account_id).where(within(Station, account_id))
    asked = visible(actor, Right.VIEW_STATIONS, standing, Station).group_by(Station.account_id).having(apart)
    ids = list(db.session().scalars(asked.order_by(func.count().desc(), Station.account_id).limit(MOST_ACCOUNTS)))
    return [one for one in _told(actor, ids) if one.mixed and not one.accepted] if ids else []


def _told(actor: Actor, account_ids: Collection[UUID]) -> list[AccountPlaces]:
    named = select(Account.id, Account.name).where(Account.id.in_(account_ids))
    names = dict(iter(db.session().execute(named.order_by(func.lower(Account.name), Account.id))))
    accepted = select(AcceptedMixture).where(AcceptedMixture.account_id.in_(account_ids))
    agreed = {row.account_id: set(row.keys) for row in db.session().scalars(accepted)}
    spots, groups = _spots(actor, account_ids), _groups(account_ids)
    found = []
    for account_id, name in names.items():
        places = tuple(places_of(spots.get(account_id, []), groups.get(account_id)))
        known = agreed.get(account_id)
        fine = known is not None and {place.key for place in places} <= known
        found.append(AccountPlaces(AccountId(account_id), name, places, fine))
    return found


def _spots(actor: Actor, account_ids: Collection[UUID]) -> dict[UUID, list[Spot]]:
    facts = (Station.street, Station.postcode, Station.city, Station.country)
    told = select(Station.account_id, Station.id, Station.name, *facts, Station.latitude_e6, Station.longitude_e6)
    seen = visible(actor, Right.VIEW_STATIONS, told.where(Station.account_id.in_(account_ids)), Station)
    found: dict[UUID, list[Spot]] = {}
    for row in db.session().execute(seen.order_by(Station.name, Station.id).limit(MOST_STATIONS)):
        account_id, station_id, name, street, postcode, city, country, north, east = row
        location = None if north is None or east is None else Location(north, east)
        spot = Spot(StationId(station_id), name, street, postcode, city, country, location)
        found.setdefault(account_id, []).append(spot)
    return found


def _groups(account_ids: Collection[UUID]) -> dict[UUID, dict[str, set[UUID]]]:
    """The groups that these accounts made themselves, by account and name."""
    made = (
        select(StationGroup.account_id, StationGroup.name, StationGroupMember.station_id)
        .join(StationGroupMember, StationGroupMember.group_id == StationGroup.id)
        .where(StationGroup.account_id.in_(account_ids), StationGroup.removed_at.is_(None))
    )
    found: dict[UUID, dict[str, set[UUID]]] = {}
    for account_id, name, station_id in db.session().execute(made):
        found.setdefault(account_id, {}).setdefault(name, set()).add(station_id)
    return found

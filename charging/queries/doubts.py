"""Stored facts that somebody should look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from accounts.access import Actor, allowed, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import DoubtfulFact
from charging.values import Doubt, DoubtId
from kit import db
from kit.use_case import query
from stations.models import Station
from stations.values import StationId


@dataclass(frozen=True)
class DoubtRow:
    """A doubt in a list, with the names people know its place by."""

    doubt: DoubtfulFact
    station_name: str
    account_name: str
    time_zone: str


@query
def doubts_of_station(actor: Actor, station_id: StationId, *, limit: int = 20) -> Sequence[DoubtfulFact]:
    """The newest doubtful facts that a station sent. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    newest = select(DoubtfulFact).where(DoubtfulFact.station_id == station_id).order_by(DoubtfulFact.at.desc())
    return db.session().scalars(newest.limit(limit)).all()


@query
def doubts(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    doubt: Doubt | None = None,
    looked_at: bool | None = False,
    before: DoubtId | None = None,
    limit: int = 20,
) -> list[DoubtRow]:
    """The newest doubts that nobody has looked at (`looked_at` None: all); the next page starts `before` the last."""
    joined = (
        select(DoubtfulFact, Station.name, Account.name, Account.time_zone)
        .join(Station, Station.id == DoubtfulFact.station_id)
        .join(Account, Account.id == DoubtfulFact.account_id)
    )
    found = visible(actor, Right.VIEW_STATIONS, joined, DoubtfulFact)
    if account_id is not None:
        found = found.where(within(DoubtfulFact, account_id))
    if station_id is not None:
        found = found.where(DoubtfulFact.station_id == station_id)
    if doubt is not None:
        found = found.where(DoubtfulFact.doubt == doubt)
    if looked_at is not None:
        found = found.where(DoubtfulFact.looked_at.is_not(None) if looked_at else DoubtfulFact.looked_at.is_(None))
    if before is not None:
        found = found.where(DoubtfulFact.id < before)
    return [DoubtRow(*row) for row in db.session().execute(found.order_by(DoubtfulFact.id.desc()).limit(limit))]


@query
def open_doubts(actor: Actor, account_id: AccountId | None = None) -> int:
    """How many doubts nobody has looked at, of the account and below it."""
    counted = select(func.count()).select_from(DoubtfulFact).where(DoubtfulFact.looked_at.is_(None))
    if account_id is not None:
        counted = counted.where(within(DoubtfulFact, account_id))
    return db.session().scalar(visible(actor, Right.VIEW_STATIONS, counted, DoubtfulFact)) or 0

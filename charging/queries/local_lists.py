"""Local lists: what a station knows and what it should know; which lists are to be looked after."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from accounts.access import Actor, allowed, system, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.local_lists import composed, differences
from charging.models import LocalList
from kit import db
from kit.use_case import query
from stations.models import Station, StationCommand
from stations.values import Action, CommandState, StationId


@dataclass(frozen=True)
class LocalListFacts:
    """The list of a station. `known` tags are on it, None: nobody knows; `due` have to be told, of `tags` in all."""

    station_id: UUID
    version: int | None
    known: int | None
    tags: int
    due: int
    automatic: bool
    sending: bool
    problem: str
    sent_at: datetime | None

    @property
    def supported(self) -> bool:
        """Whether the station keeps a list, as far as is known."""
        return self.version != -1


@query
def local_list(actor: Actor, station_id: StationId) -> LocalListFacts:
    """What a station knows by heart, and what differs from its account's tags. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    session = db.session()
    known = session.get(LocalList, station_id) or LocalList(
        station_id=station_id, account_id=station.account_id, automatic=False, wanted=False, problem=""
    )
    wanted = composed(station.id, station.account_id)
    sending = select(StationCommand.id).where(
        StationCommand.station_id == station_id,
        StationCommand.action == Action.SEND_LOCAL_LIST,
        StationCommand.state.in_([CommandState.PENDING, CommandState.SENT]),
    )
    return LocalListFacts(
        station_id=station.id,
        version=known.version,
        known=None if known.entries is None else len(known.entries),
        tags=len(wanted),
        due=len(wanted) if known.entries is None else len(differences(known, wanted)),
        automatic=known.automatic,
        sending=session.scalar(sending.limit(1)) is not None,
        problem=known.problem,
        sent_at=known.sent_at,
    )


@query
def automatic_lists(actor: Actor, account_id: AccountId) -> list[UUID]:
    """The stations of an account and of those below it whose lists are kept up to date."""
    system(actor)
    kept = _kept().where(within(LocalList, account_id))
    return list(db.session().scalars(kept.order_by(LocalList.station_id)))


@query
def missed_lists(actor: Actor) -> list[UUID]:
    """Stations that were away for too long to be told, and are back."""
    system(actor)
    missed = _kept().where(LocalList.problem == "offline", Station.connected_at.is_not(None))
    return list(db.session().scalars(missed))


def _kept() -> Select[UUID]:
    """Stations that hear of changes by themselves; those that want quiet hear nothing that nobody asked for."""
    joined = select(LocalList.station_id).join(Station, Station.id == LocalList.station_id)
    return joined.where(LocalList.automatic.is_(True), Station.quiet_after_boot.is_(False))

"""What the gateway needs to know of a charger: who may connect under an identity, and which connectors it has."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.exc import NoResultFound

from accounts.access import Actor, system
from accounts.models import Account
from kit import db
from kit.use_case import query
from stations.models import Connector, HeldMessage, Station, StationMove, WaitingStation
from stations.opening_hours import OpeningHours
from stations.quirks import STANDARD, Quirks, matching, quirks_of
from stations.station_clock import StationClock
from stations.values import SecurityProfile, WaitingState


@dataclass(frozen=True, slots=True)
class SocketStation:
    """What the handshake compares with. `by_account`: it was asked for by the code of its account. `by_own_name`: by
    its identity, where it is now. `waiting`: it is no station yet, and proves nothing. `unstored`: something that it
    said while it waited is still held. `any_user`: its user need not be its identity.
    """

    id: UUID
    account_id: UUID
    identity: str
    password_hash: str
    next_password_hash: str | None = None
    security_profile: SecurityProfile = SecurityProfile.PASSWORD
    next_security_profile: SecurityProfile | None = None
    login_renewed_at: datetime | None = None
    by_account: bool = False
    by_own_name: bool = True
    waiting: bool = False
    unstored: bool = False
    any_user: bool = True


@dataclass(slots=True)
class StationFacts:
    """What the gateway keeps in mind of a station: its account, the row behind each connector number, how it behaves.

    `zone` is its account's; `clock` is measured as its messages come. `hours` are the station's, `hours_of_plugs` those
    of connectors with their own. `password_due`: it is to be sent a password when it starts; said once.
    """

    id: UUID
    account_id: UUID
    connectors: dict[int, UUID]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    quirks: Quirks = STANDARD
    clock: StationClock = field(default_factory=StationClock)
    password_due: bool = False
    hours: OpeningHours | None = None
    hours_of_plugs: dict[int, OpeningHours] = field(default_factory=dict)

    def admits(self, number: int | None, instant: datetime) -> bool:
        """Whether the operator's own tags may start at a plug, or at any of them, by its hours."""
        if self.hours is None and not self.hours_of_plugs:
            return True
        plugs = [number] if number is not None else [one for one in self.connectors if one > 0] or [0]
        hours = [self.hours_of_plugs.get(one, self.hours) for one in plugs]
        return any(one is None or one.admits(instant, self.zone, own=True) for one in hours)


Name = tuple[str, str | None]  # what a charger calls itself, and the code of the account that it names
MOST_KNOWN = 50_000
_AT_ONCE = 500
_known: dict[UUID, StationFacts] = {}


def _many(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


_FOUND_OUT = ("by_account", "by_own_name", "waiting", "unstored", "any_user")
_FACTS = [each.name for each in fields(SocketStation) if each.name not in _FOUND_OUT]
_MADE = (Station.vendor, Station.model, Station.firmware, Station.quirk_overrides)
_UNSTORED = exists().where(HeldMessage.station_id == Station.id).label("unstored")
_SOCKET_STATION = select(*(getattr(Station, name) for name in _FACTS), _UNSTORED, *_MADE)
_ALIAS = Station.quirk_overrides["also_called"].as_string()
_OF_ACCOUNT = _SOCKET_STATION.add_columns(Account.code).join(Account, Account.id == Station.account_id)
_BY_IDENTITY = _SOCKET_STATION.where(Station.identity.in_(_many("identities")), Station.generated.is_(True))
_IN_ACCOUNT = _OF_ACCOUNT.where(Account.code.in_(_many("codes")), Station.identity.in_(_many("identities")))
_BY_ALIAS = _OF_ACCOUNT.add_columns(_ALIAS.label("alias")).where(
    Account.code.in_(_many("codes")), _ALIAS.in_(_many("identities"))
)
# A station that moved away is still dialled for at the account that it left.
_BY_FORMER = (
    _SOCKET_STATION.add_columns(Account.code, StationMove.identity.label("former"))
    .join(StationMove, StationMove.station_id == Station.id)
    .join(Account, Account.id == StationMove.account_id)
    .where(Account.code.in_(_many("codes")), StationMove.identity.in_(_many("identities")))
)
_STATIONS = (
    select(
        Station.id,
        Station.account_id,
        Account.time_zone,
        Station.vendor,
        Station.model,
        Station.firmware,
        Station.serial,
        Station.quirk_overrides,
        Station.clock_skew_s,
        Station.clock_measured_at,
        Station.password_due,
        Station.opening_hours,
    )
    .join(Account, Account.id == Station.account_id)
    .where(Station.id.in_(_many("station_ids")))
)
_CONNECTORS = select(Connector.number, Connector.id).where(Connector.station_id == bindparam("station_id"))
_CONNECTORS_OF_MANY = select(Connector.station_id, Connector.number, Connector.id, Connector.opening_hours).where(
    Connector.station_id.in_(_many("station_ids"))
)


@query
def station_for_socket(actor: Actor, identity: str, code: str | None = None) -> SocketStation | None:
    """The station that is called so in the account with this code, by its own name, or else by the one it is known to
    use, or as the account knew it before it moved away; without a code, by an identity that we made.
    """
    system(actor)
    return stations_for_sockets(actor, [(identity, code)]).get((identity, code))


@query
def stations_for_sockets(actor: Actor, asked: Collection[Name]) -> dict[Name, SocketStation]:
    """The same for many names at once."""
    system(actor)
    session, found = db.session(), dict[Name, SocketStation]()
    ours = [identity for identity, code in asked if code is None]
    if ours:
        for row in session.execute(_BY_IDENTITY, {"identities": ours}):
            found[row.identity, None] = _socket_station(row)
    named = {name for name in asked if name[1] is not None}
    for statement, called in ((_IN_ACCOUNT, "identity"), (_BY_ALIAS, "alias"), (_BY_FORMER, "former")):
        left = named - found.keys()
        if left:
            identities, codes = ([*{name[part] for name in left}] for part in (0, 1))
            for row in session.execute(statement, {"identities": identities, "codes": codes}):
                name = getattr(row, called), row.code
                if name in left:
                    found[name] = _socket_station(row, by_account=True, by_own_name=called == "identity")
    return found


@query
def stations_lately_here(actor: Actor, most: int) -> list[tuple[Name, SocketStation]]:
    """So many stations that were heard last, each under the names that are its own."""
    system(actor)
    lately = _OF_ACCOUNT.add_columns(Station.generated).where(Station.last_seen_at.is_not(None))
    found: list[tuple[Name, SocketStation]] = []
    for row in db.session().execute(lately.order_by(Station.last_seen_at.desc()).limit(most)):
        found.append(((row.identity, row.code), _socket_station(row, by_account=True)))
        if row.generated:
            found.append(((row.identity, None), _socket_station(row)))
    return found


@query
def renewed_logins(actor: Actor, since: datetime) -> Mapping[UUID, datetime]:
    """The stations whose login was renewed since then, and when: who was let in before that has to come again."""
    system(actor)
    renewed = select(Station.id, Station.login_renewed_at).where(Station.login_renewed_at >= since)
    return {row.id: row.login_renewed_at for row in db.session().execute(renewed)}


@query
def moved_stations(actor: Actor, since: datetime) -> Mapping[UUID, UUID]:
    """The stations that moved since then, and the account of each."""
    system(actor)
    moved = select(StationMove.station_id).where(StationMove.moved_at >= since)
    rows = db.session().execute(select(Station.id, Station.account_id).where(Station.id.in_(moved)))
    return {row.id: row.account_id for row in rows}


@query
def turned_away(actor: Actor, waiting_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these chargers that wait no more and are no stations under the same id, either."""
    system(actor)
    waits = select(WaitingStation.id).where(
        WaitingStation.id.in_(waiting_ids), WaitingStation.state == WaitingState.WAITING
    )
    became = select(Station.id).where(Station.id.in_(waiting_ids))
    return set(waiting_ids).difference(db.session().scalars(waits), db.session().scalars(became))


def _socket_station(row: Any, *, by_account: bool = False, by_own_name: bool = True) -> SocketStation:
    facts = {name: getattr(row, name) for name in _FACTS}
    quirks = quirks_of(matching(row.vendor, row.model, row.firmware), row.quirk_overrides)
    return SocketStation(
        **facts, unstored=row.unstored, by_account=by_account, by_own_name=by_own_name, any_user=quirks.any_user
    )


def station_facts(station_id: UUID) -> StationFacts:
    """What is kept in mind of a station by this process. For rooms, within their door."""
    facts = _known.get(station_id)
    if facts is None:
        learn_stations([station_id])
        facts = _known.get(station_id)
        if facts is None:
            raise NoResultFound(f"station {station_id}")
    return facts


def learn_stations(station_ids: Iterable[UUID]) -> None:
    """Read at once what is not in mind yet of many stations. For rooms, within their door."""
    new = [station_id for station_id in station_ids if station_id not in _known]
    for first in range(0, len(new), _AT_ONCE):
        _learn(new[first : first + _AT_ONCE])


def _learn(station_ids: list[UUID]) -> None:
    session, asked = db.session(), {"station_ids": station_ids}
    found: dict[UUID, StationFacts] = {}
    for row in session.execute(_STATIONS, asked):
        facts = found[row.id] = StationFacts(
            row.id,
            row.account_id,
            {},
            ZoneInfo(row.time_zone),
            row.vendor,
            row.model,
            row.firmware,
            row.serial,
            row.quirk_overrides,
            quirks_of(matching(row.vendor, row.model, row.firmware), row.quirk_overrides),
            password_due=row.password_due,
            hours=OpeningHours.from_plain(row.opening_hours) if row.opening_hours else None,
        )
        if row.clock_skew_s is not None:
            skew = timedelta(seconds=row.clock_skew_s)
            facts.clock = StationClock(skew, row.clock_measured_at, written=skew)
    for row in session.execute(_CONNECTORS_OF_MANY, asked):
        if row.station_id in found:
            found[row.station_id].connectors[row.number] = row.id
            if row.opening_hours:
                hours = OpeningHours.from_plain(row.opening_hours)
                found[row.station_id].hours_of_plugs[row.number] = hours
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known.update(found)


def clock_of(station_id: UUID) -> StationClock | None:
    """The clock of a station that has said something to this process."""
    facts = _known.get(station_id)
    return None if facts is None else facts.clock


def quirks_in_mind(station_id: UUID) -> Quirks:
    """How a station behaves, without any database: as the standard says until it has said something to this process."""
    facts = _known.get(station_id)
    return STANDARD if facts is None else facts.quirks


def station_belongs_to(station_id: UUID, account_id: UUID) -> None:
    """Read them again with the next message where they name another account: the station moved."""
    facts = _known.get(station_id)
    if facts is not None and facts.account_id != account_id:
        forget_station_facts(station_id)


def forget_station_facts(station_id: UUID) -> None:
    """Read them again with the next message: somebody changed how the station behaves, or its hours."""
    _known.pop(station_id, None)


def connector_row(facts: StationFacts, number: int) -> UUID | None:
    """The row of a connector number; looked up again when it is not known yet, since it may have been added."""
    found = facts.connectors.get(number)
    if found is None:
        rows = db.session().execute(_CONNECTORS, {"station_id": facts.id})
        return next((row.id for row in rows if row.number == number), None)
    return found

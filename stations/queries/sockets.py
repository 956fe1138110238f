"""What the gateway needs to know of a charger: who may connect under an identity, and which connectors it has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, select

from accounts.access import Actor, system
from accounts.models import Account
from kit import db
from kit.use_case import query
from stations.models import Connector, HeldMessage, Station, WaitingStation
from stations.quirks import STANDARD, Quirks, matching, quirks_of
from stations.station_clock import StationClock
from stations.values import SecurityProfile, WaitingState


@dataclass(frozen=True, slots=True)
class SocketStation:
    """What the handshake compares with. `by_account`: it was asked for by the code of its account. `waiting`: it is no
    station yet, and proves nothing. `unstored`: something that it said while it waited is still held. `any_user`: its
    user need not be its identity.
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
    waiting: bool = False
    unstored: bool = False
    any_user: bool = True


@dataclass(slots=True)
class StationFacts:
    """What the gateway keeps in mind of a station: its account, the row behind each connector number, how it behaves.

    `zone` is its account's; `clock` is measured as its messages come. `password_due`: it is to be sent a password when
    it starts; said once.
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


MOST_KNOWN = 50_000
_known: dict[UUID, StationFacts] = {}

_FOUND_OUT = ("by_account", "waiting", "unstored", "any_user")
_FACTS = [each.name for each in fields(SocketStation) if each.name not in _FOUND_OUT]
_MADE = (Station.vendor, Station.model, Station.firmware, Station.quirk_overrides)
_UNSTORED = exists().where(HeldMessage.station_id == Station.id).label("unstored")
_SOCKET_STATION = select(*(getattr(Station, name) for name in _FACTS), _UNSTORED, *_MADE)
_BY_IDENTITY = _SOCKET_STATION.where(Station.identity == bindparam("identity"), Station.generated.is_(True))
_IN_ACCOUNT = _SOCKET_STATION.join(Account, Account.id == Station.account_id).where(
    Account.code == bindparam("code"), Station.identity == bindparam("identity")
)
_BY_ALIAS = _SOCKET_STATION.join(Account, Account.id == Station.account_id).where(
    Account.code == bindparam("code"), Station.quirk_overrides["also_called"].as_string() == bindparam("identity")
)
_STATION = (
    select(
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
    )
    .join(Account, Account.id == Station.account_id)
    .where(Station.id == bindparam("station_id"))
)
_CONNECTORS = select(Connector.number, Connector.id).where(Connector.station_id == bindparam("station_id"))


@query
def station_for_socket(actor: Actor, identity: str, code: str | None = None) -> SocketStation | None:
    """The station that is called so in the account with this code, by its own name or else by the one it is known to
    use; without a code, by an identity that we made.
    """
    system(actor)
    if code is None:
        row = db.session().execute(_BY_IDENTITY, {"identity": identity}).first()
    else:
        asked = {"identity": identity, "code": code}
        row = db.session().execute(_IN_ACCOUNT, asked).first() or db.session().execute(_BY_ALIAS, asked).first()
    if row is None:
        return None
    *known, vendor, model, firmware, overrides = row
    quirks = quirks_of(matching(vendor, model, firmware), overrides)
    facts = dict(zip((*_FACTS, "unstored"), known, strict=True))
    return SocketStation(**facts, by_account=code is not None, any_user=quirks.any_user)


@query
def renewed_logins(actor: Actor, since: datetime) -> Mapping[UUID, datetime]:
    """The stations whose login was renewed since then, and when: who was let in before that has to come again."""
    system(actor)
    renewed = select(Station.id, Station.login_renewed_at).where(Station.login_renewed_at >= since)
    return {row.id: row.login_renewed_at for row in db.session().execute(renewed)}


@query
def turned_away(actor: Actor, waiting_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these chargers that wait no more and are no stations under the same id, either."""
    system(actor)
    waits = select(WaitingStation.id).where(
        WaitingStation.id.in_(waiting_ids), WaitingStation.state == WaitingState.WAITING
    )
    became = select(Station.id).where(Station.id.in_(waiting_ids))
    return set(waiting_ids).difference(db.session().scalars(waits), db.session().scalars(became))


def station_facts(station_id: UUID) -> StationFacts:
    """What is kept in mind of a station by this process. For rooms, within their door."""
    facts = _known.get(station_id)
    if facts is None:
        session = db.session()
        row = session.execute(_STATION, {"station_id": station_id}).one()
        profile = matching(row.vendor, row.model, row.firmware)
        facts = StationFacts(
            station_id,
            row.account_id,
            {},
            ZoneInfo(row.time_zone),
            row.vendor,
            row.model,
            row.firmware,
            row.serial,
            row.quirk_overrides,
            quirks_of(profile, row.quirk_overrides),
            password_due=row.password_due,
        )
        if row.clock_skew_s is not None:
            skew = timedelta(seconds=row.clock_skew_s)
            facts.clock = StationClock(skew, row.clock_measured_at, written=skew)
        facts.connectors.update(
            (row.number, row.id) for row in session.execute(_CONNECTORS, {"station_id": station_id})
        )
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[station_id] = facts
    return facts


def clock_of(station_id: UUID) -> StationClock | None:
    """The clock of a station that has said something to this process."""
    facts = _known.get(station_id)
    return None if facts is None else facts.clock


def quirks_in_mind(station_id: UUID) -> Quirks:
    """How a station behaves, without any database: as the standard says until it has said something to this process."""
    facts = _known.get(station_id)
    return STANDARD if facts is None else facts.quirks


def forget_station_facts(station_id: UUID) -> None:
    """Read them again with the next message: somebody changed how the station behaves."""
    _known.pop(station_id, None)


def connector_row(facts: StationFacts, number: int) -> UUID | None:
    """The row of a connector number; looked up again when it is not known yet, since it may have been added."""
    found = facts.connectors.get(number)
    if found is None:
        rows = db.session().execute(_CONNECTORS, {"station_id": facts.id})
        return next((row.id for row in rows if row.number == number), None)
    return found

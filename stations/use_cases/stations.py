"""Stations: add, describe."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select

from accounts.access import Actor, allowed, allowed_in
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Invalid
from kit.events import record
from kit.ids import secret_hex
from kit.notes import tell
from kit.use_case import use_case
from stations.admission import admit
from stations.events import StationAdded
from stations.identities import identity_taken
from stations.kinds import StationKind
from stations.models import Station
from stations.passwords import LONGEST_PASSWORD, PASSWORD_BYTES, SHORTEST_PASSWORD, hash_password
from stations.use_cases.connectors import connector_rows
from stations.use_cases.held import settle_waiting
from stations.values import Location, NewConnector, SecurityProfile, StationId

LONGEST_IDENTITY = 60
LONGEST = {"name": 80, "description": 1000, "street": 120, "postcode": 20, "city": 120, "country": 2}
# No 0, O, 1, I, L, U: an identity is read from a screen and typed into a charger's menu.
_IDENTITY_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_WITH_PASSWORD = (SecurityProfile.PASSWORD, SecurityProfile.PASSWORD_TLS)
_MOST_LATITUDE_E6, _MOST_LONGITUDE_E6 = 90_000_000, 180_000_000


@dataclass(frozen=True)
class AddedStation:
    """A new station, and its password in clear: it is shown once and kept nowhere. Empty where it needs none."""

    station: Station
    password: str


@use_case
def add_station(
    actor: Actor,
    account_id: AccountId,
    *,
    name: str,
    connectors: Sequence[NewConnector],
    description: str = "",
    street: str = "",
    postcode: str = "",
    city: str = "",
    country: str = "CH",
    location: Location | None = None,
    identity: str = "",
    password: str = "",
    security_profile: SecurityProfile = SecurityProfile.PASSWORD,
    kind: StationKind = StationKind.OCPP,
) -> AddedStation:
    """Put a station into an account, with its OCPP identity, password and one label number per connector.

    `identity`: the name that the charger has already; else one is made. `password`: one that it has already; else one
    is made where the security profile asks for it. Raises Invalid for `name`, `description`, an address field,
    `location`, `identity`, `password`, `connectors`, or per connector `connector_1_max_power_w` and the like.
    """
    allowed_in(actor, Right.MANAGE_STATIONS, account_id)
    password = _password(password, security_profile)
    station = Station(
        account_id=account_id,
        identity=_judged_identity(account_id, identity) if identity.strip() else _new_identity(country.strip().upper()),
        generated=not identity.strip(),
        password_hash=hash_password(password.encode()) if password else "",
        security_profile=security_profile,
        kind=kind,
        created_at=clock.now(),
    )
    address = {"street": street, "postcode": postcode, "city": city, "country": country}
    insert_station(station, connectors, {"name": name, "description": description, **address}, location)
    settle_waiting(station, station.identity)
    return AddedStation(station, password)


def insert_station(
    station: Station,
    connectors: Sequence[NewConnector],
    texts: Mapping[str, str],
    location: Location | None,
    *,
    bound_for: AccountId | None = None,
) -> Station:
    """Put a new station into the database with its connectors and what people read of it. Raises Invalid.

    `bound_for`: the account that it goes on to at once, so that is the one to take it. For rooms, within their door.
    """
    for field, text in _judged(texts).items():
        setattr(station, field, text)
    _judge_location(location)
    station.latitude_e6 = location.latitude_e6 if location else None
    station.longitude_e6 = location.longitude_e6 if location else None
    rows = connector_rows(station.account_id, connectors)
    admit(bound_for or station.account_id, station.kind)
    session = db.session()
    session.add(station)
    session.flush()
    for row in rows:
        row.station_id = station.id
    session.add_all(rows)
    record(StationAdded(station_id=station.id, account_id=station.account_id))
    tell("account", station.account_id)
    return station


@use_case
def update_station(
    actor: Actor,
    station_id: StationId,
    *,
    name: str | None = None,
    description: str | None = None,
    street: str | None = None,
    postcode: str | None = None,
    city: str | None = None,
    country: str | None = None,
    location: Location | None = None,
    remove_location: bool = False,
    kind: StationKind | None = None,
) -> Station:
    """Change what people read of a station; None leaves a field as it is. Raises Invalid as `add_station` does."""
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    address = {"street": street, "postcode": postcode, "city": city, "country": country}
    given = {"name": name, "description": description, **address}
    facts = _judged({field: text for field, text in given.items() if text is not None})
    _judge_location(location)
    if kind is not None and kind is not station.kind:
        admit(station.account_id, kind)
        station.kind = kind
    for field, text in facts.items():
        setattr(station, field, text)
    if location is not None or remove_location:
        station.latitude_e6 = location.latitude_e6 if location else None
        station.longitude_e6 = location.longitude_e6 if location else None
    tell("station", station.id)
    tell("account", station.account_id)
    return station


@use_case
def keep_quiet(actor: Actor, station_id: StationId, *, quiet: bool) -> Station:
    """Send a station nothing that nobody asked for, neither after its start nor later; or end that."""
    station = allowed(actor, Right.MANAGE_STATIONS, Station, station_id)
    station.quiet_after_boot = quiet
    tell("station", station.id)
    return station


def _new_identity(country: str) -> str:
    while True:
        identity = f"{country}-" + "".join(secrets.choice(_IDENTITY_SIGNS) for _ in range(8))
        if not db.session().scalar(select(exists().where(Station.identity == identity))):
            return identity


def _judged_identity(account_id: AccountId, identity: str) -> str:
    """A name that a charger has already, letter by letter."""
    clean = identity.strip()
    if len(clean) > LONGEST_IDENTITY:
        raise Invalid(identity="too_long")
    if not clean.isprintable():
        raise Invalid(identity="invalid")
    if identity_taken(account_id, clean):
        raise Invalid(identity="taken")
    return clean


def _password(given: str, profile: SecurityProfile) -> str:
    """The password of a new station: the one that was chosen, or a random one where it needs one."""
    if given:
        if len(given) < SHORTEST_PASSWORD:
            raise Invalid(password="too_short")  # noqa: S106  # what is the matter with it
        if len(given) > LONGEST_PASSWORD:
            raise Invalid(password="too_long")  # noqa: S106  # as above
        return given
    return secret_hex(PASSWORD_BYTES) if profile in _WITH_PASSWORD else ""


def _judged(given: Mapping[str, str]) -> dict[str, str]:
    """The texts without needless blanks; raises Invalid with every field that can't be taken."""
    facts = {field: text.strip() if field == "description" else " ".join(text.split()) for field, text in given.items()}
    problems = {field: "too_long" for field, text in facts.items() if len(text) > LONGEST[field]}
    if "name" in facts and not facts["name"]:
        problems["name"] = "required"
    if "country" in facts:
        facts["country"] = facts["country"].upper()
        if len(facts["country"]) != 2 or not facts["country"].isascii() or not facts["country"].isalpha():
            problems["country"] = "unknown"
    if problems:
        raise Invalid(**problems)
    return facts


def _judge_location(location: Location | None) -> None:
    if location is None:
        return
    if abs(location.latitude_e6) > _MOST_LATITUDE_E6 or abs(location.longitude_e6) > _MOST_LONGITUDE_E6:
        raise Invalid(location="out_of_range")

"""What is to become of each row: made, left out for a reason, or wrong. Looks at what is there and changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import select

from accounts.models import Account
from accounts.values import AccountId
from billing.models import PersonPrice
from billing.price_rules import MOST_DECIMALS, judged_prices
from charging.models import ChargingSession, Tag
from charging.tag_rules import canonical
from charging.use_cases.tags import LONGEST_GROUP, LONGEST_NAME, LONGEST_TAG
from imports import cells
from imports.cells import Unreadable
from imports.models import Import, ImportRow
from imports.values import Judged, Outcome, Row, What
from kit import db
from kit.money import EXPONENTS
from stations.models import Connector, Station
from stations.use_cases.connectors import LEAST_POWER_W, MOST_CONNECTORS, MOST_POWER_W
from stations.values import PlugType

LONGEST_STATION, LONGEST_DRIVER, MOST_KWH = 80, 120, 10_000
SMALLEST_PRICE = Decimal(1).scaleb(-MOST_DECIMALS)
PLUGS = {
    "type2": PlugType.TYPE_2,
    "typ2": PlugType.TYPE_2,
    "t2": PlugType.TYPE_2,
    "schuko": PlugType.SCHUKO,
    "swiss": PlugType.SWISS,
    "t13": PlugType.SWISS,
    "t15": PlugType.SWISS,
    "t23": PlugType.SWISS,
    "ccs": PlugType.CCS,
    "chademo": PlugType.CHADEMO,
    "unknown": PlugType.UNKNOWN,
    "": PlugType.TYPE_2,
}


@dataclass
class Place:
    """What is in an account already, by the names under which files speak of it."""

    account_id: AccountId
    zone: str
    currency: str
    stations: dict[str, UUID] = field(default_factory=dict)
    connectors: set[tuple[UUID, int]] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    own_prices: set[str] = field(default_factory=set)
    sessions: set[str] = field(default_factory=set)

    def station_of(self, facts: dict[str, str]) -> UUID | None:
        """The station that a row means: by what the other platform calls it, by its identity, by its name."""
        names = (f"ext:{facts.get('external_id', '')}", facts.get("identity", ""), facts.get("station", ""))
        return next((self.stations[name.casefold()] for name in names if name.casefold() in self.stations), None)


def place_of(account_id: AccountId, *, sessions: bool = True) -> Place:
    """Look around in an account, within the running door; at `sessions` too, of which there may be very many."""
    session, account = db.session(), db.session().get_one(Account, account_id)
    place = Place(account_id, account.time_zone, account.currency)
    named = select(Station.id, Station.name, Station.identity).where(Station.account_id == account_id)
    for station_id, name, identity in session.execute(named.order_by(Station.created_at.desc())):
        place.stations |= {name.casefold(): station_id, identity.casefold(): station_id}
    called = select(ImportRow.external_id, ImportRow.thing_id).join(Import, Import.id == ImportRow.import_id)
    made = Import.account_id == account_id, ImportRow.what == What.STATIONS, ImportRow.outcome == Outcome.MADE
    for name, thing_id in session.execute(called.where(*made, ImportRow.external_id != "")):
        assert thing_id is not None, "it was made"
        place.stations[f"ext:{name}".casefold()] = thing_id
    numbers = select(Connector.station_id, Connector.number).where(Connector.account_id == account_id)
    place.connectors = {(station_id, number) for station_id, number in session.execute(numbers)}
    place.tags = set(session.scalars(select(Tag.id_tag).where(Tag.account_id == account_id)))
    numbered = select(PersonPrice, Connector.number).outerjoin(Connector, Connector.id == PersonPrice.connector_id)
    in_force = PersonPrice.account_id == account_id, PersonPrice.removed_at.is_(None), PersonPrice.email != ""
    for own, number in session.execute(numbered.where(*in_force)):
        place.own_prices.add(price_key(own.email, own.station_id, number))
    if not sessions:
        return place
    keys = select(ChargingSession.start_key).where(
        ChargingSession.account_id == account_id, ChargingSession.start_key.startswith("import:")
    )
    place.sessions = set(session.scalars(keys))
    return place


def judge(rows: Iterable[Row], place: Place) -> list[Judged]:
    """Each row by what there is, and by those before it in the file."""
    judged, seen = [], Counter[str]()
    for row in rows:
        try:
            one = _JUDGES[row.what](row, place)
        except Unreadable as problem:
            one = Judged(row, Outcome.WRONG, field=problem.field, code=problem.code)
        if one.outcome is Outcome.MAKE and row.what is not What.STATIONS:
            seen[one.key] += 1
            if seen[one.key] > 1:
                one = Judged(row, Outcome.SKIP, one.key, code="twice")
        judged.append(one)
    return _station_numbers(judged)


def _station_numbers(judged: list[Judged]) -> list[Judged]:
    """The connectors of a station in a file are 1 and on, each once: so many rows as it has plugs."""
    wanted: dict[str, list[int]] = {}
    for one in judged:
        if one.row.what is What.STATIONS and one.outcome is Outcome.MAKE:
            wanted.setdefault(one.key, []).append(int(one.row.facts.get("connector") or 1))
    odd = {key for key, found in wanted.items() if sorted(found) != list(range(1, len(found) + 1))}
    return [
        Judged(one.row, Outcome.WRONG, one.key, "connector", "not_in_order")
        if one.row.what is What.STATIONS and one.outcome is Outcome.MAKE and one.key in odd
        else one
        for one in judged
    ]


def _station(row: Row, place: Place) -> Judged:
    facts = row.facts
    name = _text(facts, "station", LONGEST_STATION, required=True)
    key = f"station:{(facts.get('identity') or name).casefold()}"
    if place.station_of({"identity": facts.get("identity", ""), "station": name}) is not None:
        return Judged(row, Outcome.SKIP, key, code="there_already")
    if cells.whole(facts, "connector", usual=1) > MOST_CONNECTORS:
        raise Unreadable("connector", "too_many")
    if "".join(sign for sign in facts.get("plug", "").casefold() if sign.isalnum()) not in PLUGS:
        raise Unreadable("plug", "unknown")
    if not LEAST_POWER_W <= power_w(facts) <= MOST_POWER_W:
        raise Unreadable("max_power_kw", "out_of_range")
    for axis, most in (("latitude", 90), ("longitude", 180)):
        value = cells.number(facts, axis)
        if value is not None and abs(value) > most:
            raise Unreadable(axis, "out_of_range")
    for column, longest in (("street", 120), ("postcode", 20), ("city", 120), ("connector_name", 40)):
        _text(facts, column, longest)
    country = facts.get("country", "") or "CH"
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise Unreadable("country", "unknown")
    return Judged(row, Outcome.MAKE, key)


def _person(row: Row, place: Place) -> Judged:
    """Whoever has a price and a place gets that price there. Without a price nobody charges for nothing by accident:
    only a tag is made, where there is one.
    """
    facts = row.facts
    email = _text(facts, "email", 254, required=True)
    if "@" not in email:
        raise Unreadable("email", "not_an_email")
    _text(facts, "name", LONGEST_NAME)
    prices = own_prices(facts)
    if prices is None or not (facts.get("station") or any(prices.values())):
        return _tag(row, place) if facts.get("tag") else Judged(row, Outcome.SKIP, code="no_price")
    for name, code in judged_prices(prices).items():
        raise Unreadable(name, code)
    _text(facts, "station", LONGEST_STATION, required=True)
    station_id = place.station_of(facts)
    if station_id is None:
        raise Unreadable("station", "unknown_station")
    number = cells.whole(facts, "connector", usual=1) if facts.get("connector") else None
    if number is not None and (station_id, number) not in place.connectors:
        raise Unreadable("connector", "unknown_connector")
    if facts.get("tag"):
        canonical(_text(facts, "tag", LONGEST_TAG))
    key = price_key(email, station_id, number)
    there = key in place.own_prices
    return Judged(row, Outcome.SKIP if there else Outcome.MAKE, key, code="there_already" if there else "")


def own_prices(facts: dict[str, str]) -> dict[str, Decimal] | None:
    """The prices of a row, per kWh and per minute; None where it tells none. Prices per hour become prices per minute,
    rounded down as far as prices go.
    """
    energy, hourly = cells.number(facts, "energy_price"), cells.number(facts, "time_price")
    if energy is None and hourly is None:
        return None
    minutely = ((hourly or Decimal(0)) / 60).quantize(SMALLEST_PRICE, ROUND_DOWN)
    return {"energy_price": energy or Decimal(0), "time_price": minutely}


def price_key(email: str, station_id: UUID | None, number: int | None) -> str:
    """The same for the same person at the same place."""
    return f"price:{email.strip().casefold()}|{station_id}|{number or ''}"


def _tag(row: Row, place: Place) -> Judged:
    facts = row.facts
    tag = canonical(_text(facts, "tag", LONGEST_TAG, required=True))
    _text(facts, "name", LONGEST_NAME)
    _text(facts, "group", LONGEST_GROUP)
    cells.last_day(facts, "valid_until", place.zone)
    there = tag in place.tags
    return Judged(row, Outcome.SKIP if there else Outcome.MAKE, f"tag:{tag}", code="there_already" if there else "")


def _session(row: Row, place: Place) -> Judged:
    facts = row.facts
    station_id = place.station_of(facts)
    if station_id is None:
        raise Unreadable("station", "unknown_station")
    number = cells.whole(facts, "connector", usual=1)
    if (station_id, number) not in place.connectors:
        raise Unreadable("connector", "unknown_connector")
    begin, _end = span_of(facts, place.zone)
    used = cells.number(facts, "energy_kwh")
    if used is None or not 0 <= used <= MOST_KWH:
        raise Unreadable("energy_kwh", "required" if used is None else "out_of_range")
    if (facts.get("currency") or place.currency).upper() not in EXPONENTS:
        raise Unreadable("currency", "unknown")
    costs = cells.number(facts, "costs")
    if costs is not None and costs < 0:
        raise Unreadable("costs", "negative")
    _text(facts, "driver", LONGEST_DRIVER)
    key = session_key(facts, station_id, number, begin)
    there = key in place.sessions
    return Judged(row, Outcome.SKIP if there else Outcome.MAKE, key, code="there_already" if there else "")


def session_key(facts: dict[str, str], station_id: UUID, number: int, begin: datetime) -> str:
    """The same for the same session, whenever and in whatever file it comes."""
    told = facts.get("reference") or f"{number}|{begin.timestamp():.0f}"
    return "import:" + blake2b(f"{station_id}|{told}".encode(), digest_size=16).hexdigest()


def span_of(facts: dict[str, str], zone: str) -> tuple[datetime, datetime]:
    """From when to when a session was."""
    begin, end = cells.instant(facts, "started_at", zone), cells.instant(facts, "ended_at", zone)
    if begin is None:
        raise Unreadable("started_at", "required")
    length = cells.duration(facts, "duration")
    if end is None and length is None:
        raise Unreadable("ended_at", "required")
    end = end if end is not None else begin + (length or cells.LONGEST)
    if not begin <= end <= begin + cells.LONGEST:
        raise Unreadable("ended_at", "before_the_start" if end < begin else "out_of_range")
    return begin, end


def power_w(facts: dict[str, str]) -> int:
    """The most power of a plug in W."""
    told = cells.number(facts, "max_power_kw")
    return 11_000 if told is None else int(told * 1000)


def plug_of(facts: dict[str, str]) -> PlugType:
    """What can be plugged in."""
    return PLUGS["".join(sign for sign in facts.get("plug", "").casefold() if sign.isalnum())]


def _text(facts: dict[str, str], column: str, longest: int, *, required: bool = False) -> str:
    text = " ".join(facts.get(column, "").split())
    if required and not text:
        raise Unreadable(column, "required")
    if len(text) > longest:
        raise Unreadable(column, "too_long")
    return text


_JUDGES: dict[What, Callable[[Row, Place], Judged]] = {
    What.STATIONS: _station,
    What.PEOPLE: _person,
    What.TAGS: _tag,
    What.HISTORY: _session,
}

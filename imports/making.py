"""From rows to stations, tags and sessions, by the doors of their rooms; within the running door."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from accounts.access import SYSTEM
from accounts.values import AccountId
from billing.use_cases import Whom, add_person_price
from billing.values import PriceWhere
from charging.models import Tag
from charging.tag_rules import canonical
from charging.use_cases import PastSession, add_tag, import_tags, store_past_sessions
from charging.values import NewTag
from imports import cells
from imports.judging import Place, own_prices, place_of, plug_of, power_w, session_key, span_of
from imports.models import ImportedSession, ImportRow
from imports.values import MADE_TAG, Outcome, What
from kit import db
from kit.errors import AppError, Invalid
from kit.money import round_minor
from stations.models import Connector
from stations.use_cases import add_station
from stations.values import ConnectorId, Location, NewConnector, StationId


def make(account_id: AccountId, rows: Sequence[ImportRow]) -> None:
    """Make what these rows tell, and note on each what became of it. Stations come before what happened at them."""
    place = place_of(account_id, sessions=False)
    stations = [row for row in rows if row.what is What.STATIONS]
    for key in dict.fromkeys(row.key for row in stations):
        _make_station(place, [row for row in stations if row.key == key])
    if stations:
        place = place_of(account_id, sessions=False)
    priced = [row for row in rows if row.key.startswith("price:")]
    _make_tags(place, [row for row in rows if row.what in (What.TAGS, What.PEOPLE) and row not in priced])
    for row in priced:
        _make_price(place, row)
    _make_sessions(place, [row for row in rows if row.what is What.HISTORY])


def _make_station(place: Place, rows: list[ImportRow]) -> None:
    facts = rows[0].facts
    if place.station_of({"station": facts.get("station", ""), "identity": facts.get("identity", "")}) is not None:
        _note(rows, Outcome.SKIP, code="there_already")
        return
    in_order = sorted((row.facts for row in rows), key=lambda one: int(one.get("connector") or 1))
    plugs = [NewConnector(plug_of(one), power_w(one), one.get("connector_name", "")) for one in in_order]
    texts = {name: facts.get(name, "") for name in ("description", "street", "postcode", "city", "identity")}
    try:
        with db.session().begin_nested():
            country = facts.get("country") or "CH"
            made = add_station(
                SYSTEM,
                place.account_id,
                name=facts["station"],
                connectors=plugs,
                location=_location(facts),
                country=country,
                **texts,
            )
    except Invalid as refused:
        field, code = next(iter(refused.fields.items()))
        _note(rows, Outcome.WRONG, field=field, code=code)
    except AppError as refused:
        _note(rows, Outcome.WRONG, field="station", code=refused.code)
    else:
        _note(rows, Outcome.MADE, thing_id=made.station.id)


def _location(facts: dict[str, str]) -> Location | None:
    latitude, longitude = cells.number(facts, "latitude"), cells.number(facts, "longitude")
    if latitude is None or longitude is None:
        return None
    return Location(int(latitude * 1_000_000), int(longitude * 1_000_000))


def _make_tags(place: Place, rows: list[ImportRow]) -> None:
    there = [row for row in rows if canonical(row.facts["tag"]) in place.tags]
    _note(there, Outcome.SKIP, code="there_already")
    new = [row for row in rows if row not in there]
    if not new:
        return
    import_tags(SYSTEM, place.account_id, [_new_tag(row.facts, place.zone) for row in new])
    wanted = select(Tag.id_tag, Tag.id).where(Tag.account_id == place.account_id)
    ids: dict[str, UUID] = dict(iter(db.session().execute(wanted)))
    for row in new:
        _note([row], Outcome.MADE, thing_id=ids[canonical(row.facts["tag"])])


def _make_price(place: Place, row: ImportRow) -> None:
    """A person's price, and the tag where it is new: the row remembers it, as it goes with the price."""
    facts, prices = row.facts, own_prices(row.facts)
    station_id = place.station_of(facts)
    if prices is None or station_id is None:
        _note([row], Outcome.WRONG, field="station", code="unknown_station")
        return
    tag = canonical(facts.get("tag", ""))
    try:
        with db.session().begin_nested():
            if tag and tag not in place.tags:
                made = add_tag(SYSTEM, place.account_id, tag, name=facts.get("name", ""))
                row.facts = {**facts, MADE_TAG: str(made.id)}
            whom = Whom(name=facts.get("name", ""), email=facts["email"], id_tag=tag)
            where, where_id = _place_of_price(facts, station_id)
            energy, minute = prices["energy_price"], prices["time_price"]
            own = add_person_price(SYSTEM, where, where_id, whom, energy_price=energy, time_price=minute)
    except Invalid as refused:
        field, code = next(iter(refused.fields.items()))
        taken = code == "taken"
        _note([row], Outcome.SKIP if taken else Outcome.WRONG, field=field, code="there_already" if taken else code)
    except AppError as refused:
        _note([row], Outcome.WRONG, field="energy_price", code=refused.code)
    else:
        place.tags.add(tag)
        _note([row], Outcome.MADE, thing_id=own.id)


def _place_of_price(facts: dict[str, str], station_id: UUID) -> tuple[PriceWhere, UUID]:
    """The connector that is named, else the whole station."""
    if not facts.get("connector"):
        return PriceWhere.STATION, station_id
    number = cells.whole(facts, "connector", usual=1)
    named = select(Connector.id).where(Connector.station_id == station_id, Connector.number == number)
    return PriceWhere.CONNECTOR, db.session().scalars(named).one()


def _new_tag(facts: dict[str, str], zone: str) -> NewTag:
    return NewTag(
        facts["tag"],
        facts.get("name") or facts.get("email", "")[:80],
        cells.last_day(facts, "valid_until", zone),
        facts.get("group", ""),
        blocked=cells.ticked(facts, "blocked"),
    )


def _make_sessions(place: Place, rows: list[ImportRow]) -> None:
    told: dict[str, tuple[ImportRow, PastSession]] = {}
    for row in rows:
        past = _past(place, row.facts)
        if past is None:
            _note([row], Outcome.WRONG, field="station", code="unknown_station")
        else:
            told[past.key] = (row, past)
    ids = store_past_sessions(SYSTEM, place.account_id, [past for _, past in told.values()]) if told else {}
    for key, (row, _past_session) in told.items():
        if key not in ids:
            _note([row], Outcome.SKIP, code="there_already")
            continue
        _note([row], Outcome.MADE, thing_id=ids[key])
        currency = (row.facts.get("currency") or place.currency).upper()
        costs = cells.number(row.facts, "costs")
        db.session().add(
            ImportedSession(
                session_id=ids[key],
                account_id=place.account_id,
                driver=row.facts.get("driver", ""),
                costs_minor=None if costs is None else round_minor(costs, currency),
                currency=currency,
            )
        )


def _past(place: Place, facts: dict[str, str]) -> PastSession | None:
    station_id, number = place.station_of(facts), cells.whole(facts, "connector", usual=1)
    connector = select(Connector.id).where(Connector.station_id == station_id, Connector.number == number)
    connector_id = db.session().scalar(connector) if station_id is not None else None
    if station_id is None or connector_id is None:
        return None
    begin, end = span_of(facts, place.zone)
    return PastSession(
        StationId(station_id),
        ConnectorId(connector_id),
        session_key(facts, station_id, number, begin),
        canonical(facts.get("tag", "")),
        begin,
        end,
        int((cells.number(facts, "energy_kwh") or Decimal(0)) * 1000),
    )


def _note(
    rows: Iterable[ImportRow], outcome: Outcome, *, field: str = "", code: str = "", thing_id: UUID | None = None
) -> None:
    for row in rows:
        row.outcome, row.field, row.code, row.thing_id = outcome, field, code, thing_id

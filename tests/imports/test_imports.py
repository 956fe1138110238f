"""An operator moves over: stations, people, tags and past sessions, from tables and from eCarUp's public API."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

import imports.reactions
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import NotSwitchedOn
from accounts.use_cases import agree_to_visit, ask_for_visit, end_visit, set_flag
from accounts.values import AccountId, SupportVisitId
from billing.models import Payment, PersonPrice
from billing.queries import person_prices
from charging.models import ChargingSession, Tag
from charging.queries import daily_energy
from charging.queries.starts import with_gap
from charging.values import SessionKind, SessionState
from imports.columns import COLUMNS, column_of, heading
from imports.errors import ImportOver, ImportUsed
from imports.models import Import, ImportedSession
from imports.queries import import_view
from imports.queries import imports as imports_of
from imports.use_cases import (
    carry_on_import,
    discard_import,
    forget_previews,
    preview_import,
    start_import,
    undo_import,
)
from imports.values import ImportId, ImportState, Outcome, What
from kit import clock, db, worker
from kit.errors import Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations.models import Connector, Station
from tests import make, scene
from tests.people import People
from tests.talk import Talk

STATIONS = """Ladestation;OCPP-Kennung;Anschluss;Stecker;Leistung kW;Strasse;PLZ;Ort;Breite;Länge
Garage Nord;CP-001;1;Typ 2;22;Seestrasse 1;6300;Zug;47,166;8,515
Garage Nord;CP-001;2;CCS;50,0;;;;;
"Garage; Süd";;;;;;;;;
"""
HISTORY = """Station,Connector,Start,Duration,Energy kWh,Driver,Costs,Reference
Garage Nord,1,2026-03-01 08:00,2:30,12.345,fahrer@example.org,4.20,R-1
Garage Nord,2,2026-03-02T08:00:00Z,600,7,,,R-2
"""


@pytest.fixture
def home(people: People) -> AccountId:
    worker.bind([imports.reactions.REACTIONS], [])
    set_flag(replace(ANYONE, staff=True), "own_import", percent=100)
    return AccountId(people.home.id)


def bring(actor: Actor, home: AccountId, what: What, text: str | bytes) -> ImportId:
    """Look at it and carry it out."""
    looked = look(actor, home, what, text)
    start_import(actor, looked)
    worker.drain()
    assert make.row(Import, looked).state is ImportState.DONE
    return looked


def look(actor: Actor, home: AccountId, what: What, text: str | bytes) -> ImportId:
    content = text.encode() if isinstance(text, str) else text
    return ImportId(preview_import(actor, home, what=what, content=content, file_name="liste.csv").id)


def outcomes(actor: Actor, import_id: ImportId) -> list[tuple[int, Outcome, str, str]]:
    return [(row.number, row.outcome, row.field, row.code) for row in import_view(actor, import_id).rows.items]


def counts(actor: Actor, import_id: ImportId) -> dict[str, int]:
    return {outcome.value: count for outcome, count in import_view(actor, import_id).counts.items()}


def test_what_was_brought_goes_on_page_by_page(home: AccountId, people: People) -> None:
    first, second, third = (look(people.alice, home, What.TAGS, f"Tag\n04A{number}\n") for number in range(3))
    assert [row.id for row in imports_of(people.alice, home, limit=2).rows] == [third, second]
    assert [row.id for row in imports_of(people.alice, home, before=second).rows] == [first]


def stations() -> list[tuple[str, str, int]]:
    with db.transaction(writing=False) as unit:
        plugs = select(Station.name, Station.identity, func.count(Connector.id)).join(Connector)
        counted = plugs.where(Connector.number > 0)
        rows = unit.session.execute(counted.group_by(Station.id, Station.name, Station.identity).order_by(Station.name))
        return [(name, identity, count) for name, identity, count in rows]


def test_nothing_is_made_before_somebody_has_seen_the_preview(people: People, home: AccountId) -> None:
    looked = look(people.alice, home, What.STATIONS, STATIONS)
    assert outcomes(people.alice, looked) == [(number, Outcome.MAKE, "", "") for number in (1, 2, 3)]
    assert stations() == []
    discard_import(people.alice, looked)
    assert imports_of(people.alice, home).rows == ()


def test_stations_come_with_their_plugs_and_where_they_stand(people: People, home: AccountId) -> None:
    done = bring(people.alice, home, What.STATIONS, "\ufeff" + STATIONS)
    assert [row[0] for row in stations()] == ["Garage Nord", "Garage; Süd"]
    assert [row[2] for row in stations()] == [2, 1]
    north = next(row for row in scene.rows(Station) if row.identity == "CP-001")
    assert (north.street, north.city) == ("Seestrasse 1", "Zug")
    assert (north.latitude_e6, north.longitude_e6) == (47_166_000, 8_515_000)
    its = [row for row in scene.rows(Connector) if row.station_id == north.id and row.number]
    plugs = sorted((row.number, row.plug.value, row.max_power_w) for row in its)
    assert plugs == [(1, "type_2", 22_000), (2, "ccs", 50_000)]
    assert counts(people.alice, done) == {"made": 3}


def test_the_same_file_again_makes_nothing(people: People, home: AccountId) -> None:
    tags = "Inhaber;Karte\nHauswart;04AABB\nGärtnerin;04CCDD\n"
    for what, text in ((What.STATIONS, STATIONS), (What.TAGS, tags), (What.HISTORY, HISTORY)):
        bring(people.alice, home, what, text)
        again = bring(people.alice, home, what, text)
        assert set(counts(people.alice, again)) == {"skip"}, what
        assert {code for _, _, _, code in outcomes(people.alice, again)} == {"there_already"}
    assert (len(scene.rows(Station)), len(scene.rows(Tag)), len(scene.rows(ChargingSession))) == (2, 2, 2)


def test_columns_may_stand_in_any_order_with_either_sign_between_them(people: People, home: AccountId) -> None:
    for separator, encoding in ((";", "utf-8"), (",", "utf-8-sig"), (";", "cp1252")):
        tag = f"04{separator == ';'}{encoding}".upper()
        text = separator.join(("Gültig bis", "unbekannt", "Name", "Gesperrt", "KARTE")) + "\r\n"
        text += separator.join(("31.12.2030", "x", "Höfli", "ja", tag)) + "\r\n"
        bring(people.alice, home, What.TAGS, text.encode(encoding))
        found = next(row for row in scene.rows(Tag) if row.id_tag == tag)
        assert (found.name, found.state.value) == ("Höfli", "blocked")
        assert found.expires_at == datetime(2030, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("language", ["en", "de", "fr", "it"])
def test_a_template_is_understood_in_the_language_in_which_it_is_given(language: str) -> None:
    for what, columns in COLUMNS.items():
        headings = [heading(column, language) for column in columns]
        assert [column_of(what, text) for text in headings] == list(columns)
        assert [column_of(what, text.upper()) for text in headings] == list(columns)


def test_tags_come_under_french_and_italian_headings(people: People, home: AccountId) -> None:
    for text in ("Badge;Nom;Bloque\n04F1;Léa;oui\n", "tessera;NOME;bloccata\n04A7;Lea;sì\n"):
        bring(people.alice, home, What.TAGS, text.encode())
    assert {row.id_tag: (row.name, row.state.value) for row in scene.rows(Tag)} == {
        "04F1": ("Léa", "blocked"),
        "04A7": ("Lea", "blocked"),
    }


def test_past_sessions_are_marked_count_as_energy_and_are_never_billed(people: People, home: AccountId) -> None:
    bring(people.alice, home, What.STATIONS, STATIONS)
    begin = clock.now() - timedelta(days=3)
    text = "Station;Anschluss;Beginn;Dauer;Energie kWh;Fahrer;Kosten\n"
    text += f"Garage Nord;1;{begin.isoformat()};3600;12,5;F;4,20\n"
    bring(people.alice, home, What.HISTORY, text)
    (session,) = scene.rows(ChargingSession)
    assert (session.kind, session.state, session.energy_wh) == (SessionKind.IMPORTED, SessionState.ENDED, 12_500)
    assert session.ended_at - session.started_at == timedelta(hours=1)
    (told,) = scene.rows(ImportedSession)
    assert (told.driver, told.costs_minor, told.currency) == ("F", 420, "CHF")
    assert sum(day.energy_wh for day in daily_energy(people.alice, home)) == 12_500
    assert scene.rows(Payment) == []
    with db.transaction(writing=False) as unit:
        events = [row.kind for row in unit.session.scalars(select(OutboxRow))]
    assert "SessionEnded" not in events, "no room hears of it: nothing settles, mails or bills it"


def test_a_charger_that_goes_on_makes_no_gap_after_imported_sessions(people: People, home: AccountId) -> None:
    bring(people.alice, home, What.STATIONS, STATIONS)
    bring(people.alice, home, What.HISTORY, HISTORY)
    north = next(row for row in scene.rows(Station) if row.identity == "CP-001")
    talk = Talk(north)
    talk.start(tag="04FF", wh=500_000)
    ids = {row.id for row in scene.rows(ChargingSession) if row.kind is not SessionKind.IMPORTED}
    assert len(ids) == 1
    assert with_gap(SYSTEM, ids) == set()


def test_every_row_says_what_is_wrong_with_it(people: People, home: AccountId) -> None:
    bring(people.alice, home, What.STATIONS, STATIONS)
    rows = [
        "Anderswo,1,2026-03-01 08:00,60,1",
        "Garage Nord,7,2026-03-01 08:00,60,1",
        "Garage Nord,1,gestern,60,1",
        "Garage Nord,1,2099-01-01 08:00,60,1",
        "Garage Nord,1,2026-03-01 08:00,,1",
        "Garage Nord,1,2026-03-01 08:00,60,viel",
        "Garage Nord,1,2026-03-01 08:00,60,-1",
        "Garage Nord,1,2026-03-01 08:00,60,1",
        "Garage Nord,1,2026-03-01 08:00,60,1",
    ]
    looked = look(people.alice, home, What.HISTORY, "Station,Connector,Start,Duration,kWh\n" + "\n".join(rows))
    assert [one[1:] for one in outcomes(people.alice, looked)] == [
        (Outcome.WRONG, "station", "unknown_station"),
        (Outcome.WRONG, "connector", "unknown_connector"),
        (Outcome.WRONG, "started_at", "not_an_instant"),
        (Outcome.WRONG, "started_at", "in_the_future"),
        (Outcome.WRONG, "ended_at", "required"),
        (Outcome.WRONG, "energy_kwh", "not_a_number"),
        (Outcome.WRONG, "energy_kwh", "out_of_range"),
        (Outcome.MAKE, "", ""),
        (Outcome.SKIP, "", "twice"),
    ]
    start_import(people.alice, looked)
    worker.drain()
    assert counts(people.alice, looked) == {"wrong": 7, "made": 1, "skip": 1}


@pytest.mark.parametrize(
    ("what", "text", "code"),
    [
        (What.TAGS, "", "missing_columns"),
        (What.TAGS, "Karte\n", "no_rows"),
        (What.HISTORY, "Station;kWh\nA;1\n", "missing_columns"),
        (What.TAGS, "Karte\n" + "A\n" * 20_001, "too_many"),
        (What.TAGS, "[{]", "not_json"),
        (What.TAGS, '[{"hello": 1}]', "not_ecarup"),
        (What.TAGS, "x" * (10 * 1024 * 1024 + 1), "file_too_large"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(
    people: People, home: AccountId, what: What, text: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        look(people.alice, home, what, text)
    assert refused.value.fields == {"file": code}


PEOPLE = """E-Mail;Name;Karte;Station;Anschluss;Preis pro kWh;Preis pro Stunde
a@x.ch;Hauswart;04A1;;;0;
b@x.ch;Büro;04B1;Garage;2;0,25;1
c@x.ch;Gast;;Garage;;0;
d@x.ch;Fremd;;;;;
e@x.ch;Wo;;;;0,30;
f@x.ch;Wo;;Nirgends;;0,30;
g@x.ch;Teuer;;Garage;;99;
"""


def test_people_come_with_their_prices_and_nobody_charges_for_nothing_by_accident(
    people: People, home: AccountId
) -> None:
    garage = make.station(property=people.home, owner=people.alice, name="Garage", connectors=2)
    done = bring(people.alice, home, What.PEOPLE, PEOPLE)
    assert [one[1:] for one in outcomes(people.alice, done)] == [
        (Outcome.MADE, "", ""),
        (Outcome.MADE, "", ""),
        (Outcome.MADE, "", ""),
        (Outcome.SKIP, "", "no_price"),
        (Outcome.WRONG, "station", "required"),
        (Outcome.WRONG, "station", "unknown_station"),
        (Outcome.WRONG, "energy_price", "too_high"),
    ]
    assert sorted((row.id_tag, row.name) for row in scene.rows(Tag)) == [("04A1", "Hauswart"), ("04B1", "Büro")]
    office, guest = sorted(person_prices(people.alice), key=lambda row: row.own.email)
    assert (office.own.email, office.own.id_tag, office.connector_number) == ("b@x.ch", "04B1", 2)
    assert (str(office.tariff.energy_price), str(office.tariff.time_price)) == ("0.25", "0.0166")
    assert (guest.own.station_id, guest.connector_number, guest.tariff.free) == (garage.id, None, True)
    again = bring(people.alice, home, What.PEOPLE, PEOPLE)
    assert counts(people.alice, again) == {"skip": 4, "wrong": 3}
    assert undo_import(people.alice, done).state is ImportState.UNDONE
    assert scene.rows(Tag) == scene.rows(PersonPrice) == []


ECARUP: list[dict[str, Any]] = [
    {
        "id": "st-1",
        "name": "Parkhaus",
        "serialnumber": "SN-77",
        "latitude": 47.05,
        "longitude": 8.3,
        "street": "Bahnhofstrasse 1",
        "city": "Luzern",
        "countryCode": "CH",
        "connectors": [
            {"id": "c-1", "number": 1, "name": "links", "plugtype": 1, "maxpower": 11000},
            {"number": 2, "plugtype": 5, "maxpower": 50000, "access": {"type": 1, "special_users": ["x@y.ch"]}},
        ],
    }
]


def test_stations_and_history_come_from_ecarups_public_api(people: People, home: AccountId) -> None:
    done = bring(people.alice, home, What.HISTORY, orjson.dumps(ECARUP))
    assert stations() == [("Parkhaus", "SN-77", 2)]
    assert [one[1:] for one in outcomes(people.alice, done)][-1] == (Outcome.SKIP, "", "no_price")
    history = {
        "items": [
            {
                "id": "h-1",
                "station": {"id": "st-1", "name": "Parkhaus (alt)", "connectorNumber": 2},
                "startTime": "2026-02-01T10:00:00Z",
                "durationS": 1800,
                "consumptionKwh": 9.5,
                "driverCosts": {"currency": "CHF", "energy": 3.8, "time": 0.5},
                "driverIdentifier": "anonym",
            }
        ],
        "cursor": "next",
    }
    bring(people.alice, home, What.STATIONS, orjson.dumps(history))
    (session,) = scene.rows(ChargingSession)
    assert (session.energy_wh, session.ended_at) == (9_500, datetime(2026, 2, 1, 10, 30, tzinfo=UTC))
    (told,) = scene.rows(ImportedSession)
    assert (told.costs_minor, told.driver) == (430, "anonym")


def test_an_import_is_undone_as_long_as_nothing_uses_it(people: People, home: AccountId) -> None:
    placed = bring(people.alice, home, What.STATIONS, STATIONS)
    tagged = bring(people.alice, home, What.TAGS, "Tag\n04A1\n04A2\n")
    past = bring(people.alice, home, What.HISTORY, HISTORY)
    with pytest.raises(ImportUsed) as refused:
        undo_import(people.alice, placed)
    assert refused.value.details == {"row": "2"}, "the last row of the station that has a past"
    for each in (past, tagged, placed):
        assert undo_import(people.alice, each).state is ImportState.UNDONE
    assert [scene.rows(model) for model in (Station, Connector, Tag, ChargingSession, ImportedSession)] == [[]] * 5
    with pytest.raises(ImportOver):
        undo_import(people.alice, placed)
    bring(people.alice, home, What.STATIONS, STATIONS)
    assert len(scene.rows(Station)) == 2, "and brought again"


def test_a_tag_that_has_charged_stays(people: People, home: AccountId) -> None:
    tagged = bring(people.alice, home, What.TAGS, "Tag\n04A1\n04A2\n")
    made = make.station(property=people.home, owner=people.alice)
    Talk(make.row(Station, made.id)).start(tag="04A2", wh=1)
    with pytest.raises(ImportUsed) as refused:
        undo_import(people.alice, tagged)
    assert refused.value.details == {"row": "2"}
    assert len(scene.rows(Tag)) == 2, "all or nothing"


def test_it_is_for_administrators_and_only_where_it_is_switched_on(people: People, home: AccountId) -> None:
    with pytest.raises(Forbidden):
        look(people.bob, home, What.TAGS, "Tag\nA\n")
    with pytest.raises(NotFound):
        look(people.charlie, home, What.TAGS, "Tag\nA\n")
    set_flag(replace(ANYONE, staff=True), "own_import", percent=0)
    with pytest.raises(NotSwitchedOn):
        look(people.alice, home, What.TAGS, "Tag\nA\n")


def test_staff_imports_with_consent_and_not_without(people: People, home: AccountId) -> None:
    staff = replace(people.charlie, staff=True)
    for with_import in (False, True):
        with pytest.raises(NotFound):
            look(staff, home, What.TAGS, "Tag\n04A1\n")
        asked = ask_for_visit(staff, home, reason="Umzug", hours=1, with_import=with_import)
        with pytest.raises(NotFound):
            look(staff, home, What.TAGS, "Tag\n04A1\n")
        agree_to_visit(people.alice, SupportVisitId(asked.id))
        if not with_import:
            with pytest.raises(NotFound):
                look(staff, home, What.TAGS, "Tag\n04A1\n")
            end_visit(people.alice, SupportVisitId(asked.id))
    set_flag(replace(ANYONE, staff=True), "own_import", percent=0)
    bring(staff, home, What.TAGS, "Tag\n04A1\n")
    assert len(scene.rows(Tag)) == 1
    end_visit(people.alice, SupportVisitId(asked.id))
    with pytest.raises(NotFound):
        imports_of(staff, home)


def test_thousands_of_rows_go_on_after_a_break(people: People, home: AccountId) -> None:
    looked = look(people.alice, home, What.TAGS, "Tag\n" + "".join(f"04{number:06}\n" for number in range(450)))
    start_import(people.alice, looked)
    assert carry_on_import(SYSTEM, looked)
    assert counts(people.alice, looked) == {"made": 200, "make": 250}
    worker.drain()
    assert counts(people.alice, looked) == {"made": 450}
    assert not carry_on_import(SYSTEM, looked)


def test_previews_that_nobody_wants_are_forgotten(people: People, home: AccountId) -> None:
    look(people.alice, home, What.TAGS, "Tag\nA\n")
    with clock.moved_to(clock.now() + timedelta(days=8)):
        forget_previews(SYSTEM)
    assert scene.rows(Import) == []

"""A copy of an account: everything is in it and no secret, its link works without a login, and it goes after a week."""

import csv
import io
import json
import zipfile
from datetime import timedelta

import pytest

from accounts.access import ANYONE, SYSTEM
from accounts.errors import CheckNeeded
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from charging.models import ChargingSession, MeterValue
from charging.use_cases import add_tag
from closures import exporting, jobs, links, queries, use_cases
from closures.errors import ExportUnderWay
from closures.models import Export
from closures.queries import contents
from closures.values import ExportState
from kit import clock, files, mail, worker
from kit.signing import LinkExpired
from stations.use_cases import move_station
from stations.values import StationId
from tests import scene
from tests.closures.test_closing import OWNER_EMAIL, brought, parties
from tests.handovers.parties import here


def opened(row: Export) -> zipfile.ZipFile:
    """The file that is kept."""
    assert row.file_key is not None
    assert row.size_bytes is not None
    return zipfile.ZipFile(io.BytesIO(b"".join(files.read(row.file_key, 0, row.size_bytes))))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """A table as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")), delimiter=";"))


@pytest.mark.usefixtures("database")
def test_everything_is_in_the_copy_and_no_secret() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    add_tag(olga, property_id, id_tag="04A1B2C3", name="=Karte")
    secret = create_api_token(olga, property_id, name="Programm").secret
    shop.charge()
    scene.reading(scene.rows(ChargingSession)[0], minutes=5, energy_wh=6_000, power_w=11_000)
    with pytest.raises(CheckNeeded):
        use_cases.request_export(olga, property_id)
    use_cases.request_export(here(olga), property_id)
    with pytest.raises(ExportUnderWay):
        use_cases.request_export(here(olga), property_id)
    jobs.write_exports()
    worker.drain()
    (row,) = queries.exports(olga, property_id)
    assert (row.state, row.done) == (ExportState.READY, row.parts)
    archive = opened(row)
    assert archive.testzip() is None
    assert [one["name"] for one in table(archive, "stations.csv")] == [shop.station.name]
    assert [(one["id_tag"], one["name"]) for one in table(archive, "tags.csv")] == [("04A1B2C3", "'=Karte")]
    (session,) = [json.loads(line) for line in archive.read("sessions.jsonl").splitlines()]
    assert (session["energy_wh"], session["state"]) == (10_000, "ended")
    readings = table(archive, "meter_values.csv")
    assert [(one["session_id"], one["energy_wh"]) for one in readings] == [(session["id"], "7000")]
    assert sum(int(one["amount_minor"]) for one in table(archive, "ledger_postings.csv")) == 0
    assert archive.read("documents/R-000001.pdf").startswith(b"%PDF")
    assert OWNER_EMAIL in {one["email"] for one in table(archive, "people.csv")}
    doors = {json.loads(line)["door"].rpartition(".")[2] for line in archive.read("activity.jsonl").splitlines()}
    assert {"add_tag", "create_api_token", "request_export"} <= doors
    assert shop.account.name in archive.read("README.txt").decode()
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert secret.encode() not in whole
    assert shop.station.password_hash.encode() not in whole
    (letter,) = [one for one in mail.letters() if "Kopie" in one.subject]
    token = letter.text.partition("/exports/")[2].split()[0]
    assert (letter.to, queries.export_of_link(ANYONE, token).id) == (OWNER_EMAIL, row.id)


@pytest.mark.usefixtures("database")
def test_every_reading_is_in_the_copy_once_also_of_a_station_that_moved_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    other = scene.station(property=shop.account)
    for station in (shop.station, other):
        session = scene.session(connector=scene.connector(station))
        for number in range(7):  # three at the same instant, and two, and two
            scene.reading(session, minutes=number % 3, energy_wh=1_000 + number, power_w=None)
    move_station(SYSTEM, StationId(other.id), AccountId(scene.account(name="Andere AG").id))
    monkeypatch.setattr(contents, "STRETCH", 2)
    use_cases.request_export(here(olga), property_id)
    jobs.write_exports()
    (row,) = queries.exports(olga, property_id)
    readings = table(opened(row), "meter_values.csv")
    stored = scene.rows(MeterValue, MeterValue.account_id == property_id)
    assert len(stored) == 14
    assert sorted(one["id"] for one in readings) == sorted(str(one.id) for one in stored)


@pytest.mark.usefixtures("database")
def test_what_was_imported_is_in_the_copy() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    brought(property_id)
    use_cases.request_export(here(olga), property_id)
    jobs.write_exports()
    archive = opened(queries.exports(olga, property_id)[0])
    assert [one["file_name"] for one in table(archive, "imports.csv")] == ["tags.csv", "history.csv"]
    rows = [json.loads(line) for line in archive.read("import_rows.jsonl").splitlines()]
    assert [(one["what"], one["outcome"]) for one in rows] == [("tags", "made"), ("history", "made")]
    assert "Frau Meier" in str(rows[0]["facts"])
    (past,) = table(archive, "imported_sessions.csv")
    assert (past["driver"], past["costs_minor"], past["currency"]) == ("Frau Meier", "420", "CHF")


@pytest.mark.usefixtures("database")
def test_the_link_works_for_a_week_and_the_file_goes() -> None:
    shop, olga = parties()
    use_cases.request_export(here(olga), AccountId(shop.account.id))
    jobs.write_exports()
    (row,) = scene.rows(Export)
    token = links.link(row).rsplit("/", 1)[1]
    assert queries.export_of_link(ANYONE, token).file_key == row.file_key
    with clock.moved_to(clock.now() + timedelta(days=7, minutes=1)):
        jobs.forget_exports()
        with pytest.raises(LinkExpired):
            queries.export_of_link(ANYONE, token)
        assert files.remove_loose() == 1
    with pytest.raises(files.FileGone):
        b"".join(files.read(row.file_key, 0, 1))
    (gone,) = queries.exports(olga, AccountId(shop.account.id))
    assert (gone.state, gone.file_key) == (ExportState.GONE, None)


@pytest.mark.usefixtures("database")
def test_a_copy_that_was_left_half_done_is_begun_anew_and_one_that_fails_can_be_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    row = use_cases.request_export(here(olga), property_id)
    assert use_cases.begin_export(SYSTEM) == row.id
    assert use_cases.begin_export(SYSTEM) is None, "somebody is at it"
    with clock.moved_to(clock.now() + timedelta(hours=1)):
        monkeypatch.setattr(exporting, "LARGEST", 10)
        jobs.write_exports()
    assert queries.exports(olga, property_id)[0].state is ExportState.FAILED
    monkeypatch.undo()
    use_cases.request_export(here(olga), property_id)
    jobs.write_exports()
    assert [one.state for one in queries.exports(olga, property_id)] == [ExportState.READY, ExportState.FAILED]

"""The filled demo: a few days of it, made by the same doors, on both databases; and every page that shows it."""

import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

import wsgi
from accounts.access import ANYONE, SYSTEM
from accounts.use_cases import sign_in
from billing.models import Document, LedgerEntry, LedgerPosting, Payment, Refund, SandboxHold
from billing.values import DocumentKind, HoldState, PaymentState, RefundState
from charging.models import ChargingSession
from charging.values import SessionKind, SessionState
from demo import fill, welcome
from demo.plans import StationPlan
from kit import db
from kit.events import OutboxRow
from kit.settings import Settings
from stations.passwords import hash_password
from stations.queries import station_for_socket
from tests import make, scene
from tests.browser import review
from tests.databases import migrate
from tests.portal.desk import Desk

DAYS, A_STATION = 5, 4
MOST_STATEMENTS = 26
COUNTS_ALL = {"/accounts/*/hand-over": 33, "/accounts/*/close": 40}  # they tell how many there are of everything
ENGLISH = ("/sandbox/checkout/*", "/graphql")  # tools of others, as they come
PAGES_EACH = 2  # of each kind of address, so many are opened


@dataclass
class Filled:
    """The demo, its program and its file."""

    app: Flask
    settings: Settings
    file: Path

    @property
    def facts(self) -> dict[str, Any]:
        """What stands in the file."""
        content: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return content


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    var_dir = tmp_path_factory.mktemp("demo") / "var"
    environ = {}
    if request.param == "postgresql":
        environ["DATABASE_URL"] = request.getfixturevalue("postgresql").create()
    settings = make.settings_for(var_dir, **environ)
    migrate(settings.database_url)
    db.connect(settings.database_url)
    app = wsgi.create_app(settings)
    yield Filled(app, settings, fill.fill(settings, days=DAYS, a_station=A_STATION, quiet=True))
    db.disconnect()


def rows(statement: Any) -> list[Any]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.execute(statement))


def test_every_kind_of_session_happened(demo: Filled) -> None:
    sessions = [row[0] for row in rows(select(ChargingSession))]
    assert {session.state for session in sessions} == {SessionState.ENDED}
    assert {session.kind for session in sessions} == {
        SessionKind.PAID,
        SessionKind.TAG,
        SessionKind.OPERATOR,
        SessionKind.ORPHAN,
    }
    assert [session.offline for session in sessions].count(True) == 1
    assert [session.estimated for session in sessions].count(True) == 1
    per_station = Counter(session.station_id for session in sessions)
    assert len(per_station) == 12
    assert min(per_station.values()) >= A_STATION - 1
    assert all(session.energy_wh is not None and session.energy_wh >= 0 for session in sessions)


def test_payments_came_to_every_end(demo: Filled) -> None:
    states = Counter(state for (state,) in rows(select(Payment.state)))
    assert set(states) == {PaymentState.CAPTURED, PaymentState.RELEASED, PaymentState.DECLINED}
    failures = {failure for (failure,) in rows(select(Payment.failure).where(Payment.failure.is_not(None)))}
    assert failures == {"refused", "not_plugged_in", "card_declined"}
    too_little = select(Payment.id).where(Payment.state == PaymentState.RELEASED, Payment.failure.is_(None))
    assert len(rows(too_little)) == 1
    assert {language for (language,) in rows(select(Document.language))} == {"de", "fr", "it", "en"}
    assert [state for (state,) in rows(select(Refund.state))] == [RefundState.DONE] * 2
    assert rows(select(SandboxHold.id).where(SandboxHold.state == HoldState.HELD)) == []


def test_the_books_are_balanced_and_the_numbers_have_no_gap(demo: Filled) -> None:
    assert rows(select(func.sum(LedgerPosting.amount_minor)).group_by(LedgerPosting.entry_id).distinct()) == [(0,)]
    (captured,) = rows(select(func.count()).where(Payment.state == PaymentState.CAPTURED))[0]
    (booked,) = rows(select(func.count()).where(LedgerEntry.business_key.startswith("capture:")))[0]
    assert captured == booked
    numbers: dict[tuple[Any, DocumentKind], list[int]] = {}
    series = select(Document.series_account_id, Document.kind, Document.number).order_by(Document.issued_at)
    for account, kind, number in rows(series):
        numbers.setdefault((account, kind), []).append(number)
    for counted in numbers.values():
        assert counted == list(range(1, len(counted) + 1))


def test_nothing_is_left_to_do(demo: Filled) -> None:
    assert rows(select(OutboxRow.kind).where(OutboxRow.done_at.is_(None))) == []
    assert rows(select(OutboxRow.error).where(OutboxRow.attempts > 1)) == []


def test_the_file_is_the_owners_and_lets_people_and_chargers_in(demo: Filled) -> None:
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600
    passwords = {login["password"] for login in demo.facts["logins"]}
    assert len(passwords) == 4
    for login in demo.facts["logins"]:
        assert sign_in(ANYONE, email=login["email"], password=login["password"]).email == login["email"]
    registers = dict(
        rows(
            select(ChargingSession.station_id, func.max(ChargingSession.meter_stop_wh)).group_by(
                ChargingSession.station_id
            )
        )
    )
    for plan in (StationPlan.from_json(item) for item in demo.facts["stations"]):
        found = station_for_socket(SYSTEM, plan.identity)
        assert found is not None
        assert found.password_hash == hash_password(plan.password.encode())
        assert max(plug.register_wh for plug in plan.plugs) >= registers[found.id]
    shown = welcome.text(demo.file, "http://localhost:8000")
    assert shown.count("/q/") == 4
    assert all(password in shown for password in passwords)


def test_it_is_filled_once_only(demo: Filled) -> None:
    with pytest.raises(fill.AlreadyFilled):
        fill.fill(demo.settings)
    before = rows(select(func.count()).select_from(ChargingSession))
    fill.run(demo.settings)
    assert rows(select(func.count()).select_from(ChargingSession)) == before


def kind_of(link: str) -> str:
    """The address without what names one thing."""
    path = link.partition("?")[0]
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+|(?<=/)[\w-]{24,}|[^/]+\.eml", "*", path)


def test_every_page_is_in_order_in_four_languages(demo: Filled) -> None:
    owner = demo.facts["logins"][0]
    desk = Desk(demo.app)
    desk.sign_in(owner["email"], owner["password"])
    faults: list[str] = []
    speaks_all = demo.settings.database_url.startswith("sqlite")  # words are the same in both
    for language in ("de", "fr", "it", "en") if speaks_all else ("en",):
        opened: Counter[str] = Counter()
        desk.post("/language", at="/me", language=language, next="/me")
        waiting = ["/dashboard", f"/q/{demo.facts['connectors'][0]['code']}", "/code"]
        while waiting:
            link = waiting.pop(0).partition("#")[0]
            kind = kind_of(link)
            if not link.startswith("/") or kind.startswith(("/static", "/logout")) or opened[kind] >= PAGES_EACH:
                continue
            opened[kind] += 1
            with scene.statements(only_mine=True) as seen:
                page = desk.get(link)
            if page.status != 200:
                faults.append(f"{language} {link}: {page.status}")
            if not page.html:
                continue
            read = review(page.html)
            faults += [f"{language} {kind}: {fault}" for fault in read.faults]
            if read.language != language and kind not in ENGLISH:
                faults.append(f"{kind} speaks {read.language}, not {language}")
            asked = sum(one != "BEGIN" for one in seen)
            if asked > COUNTS_ALL.get(kind, MOST_STATEMENTS):
                faults.append(f"{kind} asks the database {asked} times")
            waiting += read.links
        assert len(opened) > 20, opened
    assert sorted(set(faults)) == []

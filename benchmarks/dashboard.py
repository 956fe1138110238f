"""Pages of an operator with 50 stations and 4,000 sessions: milliseconds a request, signed in, on SQLite."""

import re
import statistics
import tempfile
import time
from datetime import datetime, timedelta

from flask.testing import FlaskClient

import wsgi
from accounts import links
from accounts.access import ANYONE, SYSTEM
from accounts.models import Account, User
from accounts.use_cases import confirm_email, register
from accounts.values import AccountId
from benchmarks.table import Row
from charging.models import ChargingSession
from charging.values import SessionKind, SessionState
from kit import clock, db, log, settings
from kit.ids import new_id
from stations.models import Connector, Station
from stations.use_cases import add_station
from stations.values import ConnectorStatus, NewConnector

STATIONS, CONNECTORS, SESSIONS = 50, 2, 40
REQUESTS, WARM_UP = 60, 10
EMAIL, PASSWORD = "bench@example.org", "a long enough password"  # of a database that lives for seconds


def run() -> list[Row]:
    """Make the operator, sign in, ask for the pages again and again."""
    with tempfile.TemporaryDirectory() as folder:
        made = settings.Settings.from_environ({"DEMO": "1", "VAR_DIR": folder, "LOG_LEVEL": "error"})
        settings.use(made)
        log.configure(made.log_format, made.log_level)
        db.migrate(made.database_url)
        db.connect(made.database_url)
        try:
            account_id = _operator()
            _stations(account_id)
            client = _signed_in(made)
            return [_measured(client, path) for path in ("/dashboard", "/stations", "/sessions")]
        finally:
            db.disconnect()


def _measured(client: FlaskClient, path: str) -> Row:
    times = []
    for number in range(WARM_UP + REQUESTS):
        started = time.perf_counter()
        assert client.get(path).status_code == 200
        if number >= WARM_UP:
            times.append((time.perf_counter() - started) * 1_000)
    slow = statistics.quantiles(times, n=20)[-1]
    what = f"page {path}, {STATIONS} stations"
    return Row(what, f"{statistics.median(times):.0f} ms", f"median; 95 % below {slow:.0f} ms; {_pieces()}")


def _pieces() -> str:
    return f"{STATIONS * CONNECTORS} connectors, {STATIONS * CONNECTORS * SESSIONS:,} sessions, SQLite"


def _operator() -> AccountId:
    register(ANYONE, email=EMAIL, password=PASSWORD, name="Bench", account_name="Bench AG", language="de")
    with db.transaction(writing=False) as unit:
        (account,), (user,) = unit.session.query(Account).all(), unit.session.query(User).all()
    confirm_email(ANYONE, links.confirmation(user).rsplit("/", 1)[1])
    return AccountId(account.id)


def _signed_in(made: settings.Settings) -> FlaskClient:
    app = wsgi.create_app(made)
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").get_data(as_text=True))
    assert token, "the login page has a form"
    sent = client.post("/login", data={"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD})
    assert sent.status_code == 303, "the login is right"
    return client


def _stations(account_id: AccountId) -> None:
    now = clock.now()
    plugs = [NewConnector()] * CONNECTORS
    for number in range(STATIONS):
        added = add_station(SYSTEM, account_id, name=f"Station {number:02}", connectors=plugs, city="Zug")
        _history(added.station)
    with db.transaction(writing=True) as unit:
        unit.session.query(Station).update({"connected_at": now, "last_seen_at": now})
        unit.session.query(Connector).update({"status": ConnectorStatus.AVAILABLE, "status_at": now})


def _history(station: Station) -> None:
    now = clock.now()
    with db.transaction(writing=True) as unit:
        plugs = unit.session.query(Connector).filter(Connector.station_id == station.id, Connector.number > 0).all()
        for connector in plugs:
            for number in range(SESSIONS):
                start = now - timedelta(hours=17 * number + connector.number)
                unit.session.add(_session(connector, start))


def _session(connector: Connector, start: datetime) -> ChargingSession:
    return ChargingSession(
        account_id=connector.account_id,
        station_id=connector.station_id,
        connector_id=connector.id,
        transaction_id=new_id().int % 2_000_000_000 + 1,
        start_key=str(new_id()),
        kind=SessionKind.TAG,
        state=SessionState.ENDED,
        id_tag="04A1B2C3",
        started_at=start,
        ended_at=start + timedelta(hours=2),
        arrived_at=start,
        meter_start_wh=0,
        meter_stop_wh=12_345,
        last_wh=12_345,
        last_at=start + timedelta(hours=2),
        energy_wh=12_345,
    )

"""The message log: milliseconds for the first, a middle and the last page of a million messages, by filter.

Several tenants share the table: a master with 1,000 properties, of which one has a station that said 300,000 of them.
Each figure is the slowest of three scopes: that station, its property, the whole master; of each the median of five.
A search for what no index tells looks through 10,000 messages a page. BENCH_MESSAGES makes it shorter.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from accounts.access import SYSTEM, Actor
from accounts.models import Account, AccountLineage, Grant
from accounts.rights import Role
from accounts.values import AccountId, AccountKind
from benchmarks.table import Row
from kit import clock, db
from kit.ids import new_id
from stations.messages import MessageFilter, first_message_id, new_message_id
from stations.models import Message
from stations.queries import messages
from stations.use_cases import prune_messages
from stations.use_cases.retention import BITE
from stations.values import Sender, StationId
from tests import make
from tests.databases import postgresql_cluster

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "1000000"))
PROPERTIES, BATCH, RUNS = 1_000, 5_000, 5
BITES = min(100, MESSAGES // 4 // BITE)
DAYS = timedelta(days=90)
ACTIONS = {"MeterValues": 550, "Heartbeat": 300, "StatusNotification": 100, "Authorize": 20, "StartTransaction": 15}
OURS = {"TriggerMessage": 10, "Reset": 1}
READINGS = '{"connectorId": 1, "meterValue": [{"timestamp": "2027-01-01T00:00:00Z", "sampledValue": [%s]}]}'
READING = '{"value": "%d", "measurand": "Energy.Active.Import.Register", "unit": "Wh", "context": "Sample.Periodic"}'
FILTERS: dict[str, dict[str, Any]] = {
    "no filter": {},
    "a frequent action": {"action": "MeterValues"},
    "a rare action": {"action": "Reset"},
    "an action nobody sent": {"action": "GetLog"},
    "from the platform": {"sender": Sender.PLATFORM},
    "from the station": {"sender": Sender.STATION},
    "only errors": {"errors": True},
    "an error code": {"error": "FormationViolation"},
    "an error nobody had": {"error": "GenericError"},
    "errors of one action": {"errors": True, "action": "Authorize"},
    "a message id": {"message_id": "nobody's"},
    "a text": {"text": "not said by anybody"},
    "a text of a rare action": {"text": "not said by anybody", "action": "Reset"},
}


def run() -> list[Row]:
    """Fill a database of each kind, and read."""
    with tempfile.TemporaryDirectory() as folder:
        make.settings_for(Path(folder), MESSAGE_LOG_DAYS="45")
        rows = _measured(f"sqlite:///{folder}/bench.db", "SQLite")
        with postgresql_cluster() as cluster:
            return rows + _measured(cluster.create(), "PostgreSQL")


def _measured(url: str, database: str) -> list[Row]:
    db.migrate(url)
    db.connect(url)
    try:
        master = make.owned()
        station = make.station(property=make.property(master=master))
        now = clock.now()
        _fill(_messages(station.id, station.station.account_id, _properties(master.id), now))
        scopes = [
            MessageFilter(station_id=StationId(station.id)),
            MessageFilter(account_id=AccountId(station.station.account_id)),
            MessageFilter(account_id=master.id),
        ]
        rows = [_row(database, name, one, scopes, master.owner, now) for name, one in FILTERS.items()]
        return [*rows, _forgetting(database)]
    finally:
        db.disconnect()


def _row(
    database: str, name: str, one: dict[str, Any], scopes: list[MessageFilter], actor: Actor, now: datetime
) -> Row:
    middle = first_message_id(now - DAYS / 2)
    pages: list[dict[str, int]] = [{}, {"before": middle}, {"after": 0}]
    slowest = [max(_milliseconds(actor, replace(scope, **one), page) for scope in scopes) for page in pages]
    figures = " / ".join(f"{figure:.0f}" for figure in slowest)
    return Row(f"message log, {name}", f"{figures} ms", f"first / middle / last page of {MESSAGES:,}, {database}")


def _milliseconds(actor: Actor, wanted: MessageFilter, page: dict[str, int]) -> float:
    taken = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        messages(actor, wanted, before=page.get("before"), after=page.get("after"))
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1000


def _forgetting(database: str) -> Row:
    """How long the gateway of an embedded database waits while old messages are removed."""
    taken = []
    for _ in range(BITES):
        begin = time.perf_counter()
        assert prune_messages(SYSTEM), "half of the messages are old"
        taken.append((time.perf_counter() - begin) * 1000)
    figure = f"{statistics.median(taken):.0f} ms"
    return Row(f"message log, {BITE} old ones removed", figure, f"slowest of {BITES}: {max(taken):.0f} ms, {database}")


def _properties(master_id: AccountId) -> list[UUID]:
    """Properties without anything but their place below the master."""
    ids = [new_id() for _ in range(PROPERTIES)]
    kind, now = AccountKind.PROPERTY, clock.now()
    with db.transaction(writing=True) as unit:
        named = [{"id": one, "kind": kind, "parent_id": master_id, "name": "P", "created_at": now} for one in ids]
        unit.session.execute(insert(Account), named)
        above = [{"account_id": one, "ancestor_id": ancestor} for one in ids for ancestor in (one, master_id)]
        unit.session.execute(insert(AccountLineage), above)
        trusted = {"holder_id": master_id, "role": Role.OWNER, "granted_by": "system", "granted_at": now}
        unit.session.execute(insert(Grant), [{"id": new_id(), "account_id": one, **trusted} for one in ids])
    return ids


def _messages(station_id: UUID, account_id: UUID, properties: list[UUID], now: datetime) -> Iterator[dict[str, Any]]:
    """A million of them, oldest first: 30 % of the one station, 40 % of the properties, 30 % of somebody else."""
    chance = random.Random(4)
    strangers = [new_id() for _ in range(50)]
    texts = [READINGS % ", ".join(READING % (1000 * n + place) for place in range(6)) for n in range(1000)]
    for number in range(MESSAGES):
        draw = chance.random()
        account = account_id if draw < 0.3 else chance.choice(properties if draw < 0.7 else strangers)
        action = chance.choices([*ACTIONS, *OURS], [*ACTIONS.values(), *OURS.values()])[0]
        at = now - DAYS + DAYS * number / MESSAGES
        yield {
            "id": new_message_id(at),
            "account_id": account,
            "station_id": station_id if draw < 0.3 else account,
            "at": at,
            "sender": Sender.PLATFORM if action in OURS else Sender.STATION,
            "action": action,
            "message_id": f"{number:036}",
            "call": chance.choice(texts) if action == "MeterValues" else '{"connectorId": 1, "idTag": "04A1B2C3"}',
            "answer": '{"currentTime": "2027-01-01T00:00:00Z"}',
            "error": "FormationViolation" if chance.random() < 0.002 else "",
            "latency_ms": 3,
        }


def _fill(rows: Iterator[dict[str, Any]]) -> None:
    table = insert(db.Base.metadata.tables[Message.__tablename__])
    for _ in range(MESSAGES // BATCH):
        with db.transaction(writing=True) as unit:
            for _ in range(BATCH):
                unit.later(table, next(rows))
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))  # as PostgreSQL does by itself within a minute

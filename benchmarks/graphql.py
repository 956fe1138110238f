"""GraphQL: milliseconds for 50 stations with connectors, prices and last sessions, beside the same rows as JSON."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import orjson

from accounts.access import Actor
from accounts.values import AccountId
from benchmarks.table import Row
from billing.queries import prices_of
from charging.queries import last_sessions_of
from graphql_api.context import Context
from graphql_api.schema import schema
from kit import db
from stations.queries import station_list
from tests import make

STATIONS, RUNS, WARM_UP = 50, 40, 5
QUERY = """{ stations(first: 50) { nodes { id name city connected
  connectors { id number code state status powerW tariff { energyPrice timePrice sessionFee }
    lastSession { id startedAt endedAt energyWh } } } } }"""


def run() -> list[Row]:
    """Measure both ways on an embedded database of our own."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.db"
        db.migrate(url)
        db.connect(url)
        try:
            settings = make.settings_for(Path(folder))
            master = make.owned()
            for number in range(STATIONS):
                station = make.station(name=f"Station {number:02}", connectors=2)
                for connector in station.connectors:
                    make.price(connector=connector)

            def by_graphql() -> None:
                result = schema.execute_sync(QUERY, context_value=Context(master.owner, settings))
                assert result.errors is None
                orjson.dumps(result.data, default=str)

            return [
                Row("GraphQL, 50 stations", f"{_milliseconds(by_graphql):.1f} ms"),
                Row("the same rows as plain JSON", f"{_milliseconds(lambda: _plain(master.owner, master.id)):.1f} ms"),
            ]
        finally:
            db.disconnect()


def _plain(actor: Actor, account_id: AccountId) -> bytes:
    rows = station_list(actor, account_id, size=STATIONS).items
    ids = [one.connector.id for row in rows for one in row.connectors]
    prices, latest = prices_of(actor, ids), last_sessions_of(actor, ids)
    return orjson.dumps(
        [
            {
                "name": row.station.name,
                "connectors": [
                    {
                        "code": one.connector.code,
                        "state": one.state.value,
                        "price": str(prices[one.connector.id].energy_price),
                        "last": str(latest[one.connector.id].id) if one.connector.id in latest else None,
                    }
                    for one in row.connectors
                ],
            }
            for row in rows
        ]
    )


def _milliseconds(deed: Callable[[], object]) -> float:
    for _ in range(WARM_UP):
        deed()
    taken = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - begin)
    return median(taken) * 1000

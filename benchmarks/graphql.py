"""GraphQL: milliseconds for 50 stations with connectors, prices and last sessions, beside the same rows as JSON."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import event, func, select

from accounts.access import Actor, visible
from accounts.rights import Right
from benchmarks.table import Row
from billing.models import Tariff, TariffAssignment
from charging.models import ChargingSession
from charging.values import SessionKind, SessionState
from graphql_api.context import Context
from graphql_api.errors import as_json
from graphql_api.execution import run as run_query
from kit import clock, db
from kit.ids import new_id
from stations.models import Connector, Station
from tests import make

STATIONS, RUNS, WARM_UP = 50, 60, 10
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
            actor = _fill()

            def by_graphql() -> bytes:
                answer = run_query(QUERY, Context(actor, settings))
                assert answer.result.errors is None
                return orjson.dumps(as_json(answer.result, answer.cost))

            statements: list[str] = []
            note = lambda *told: statements.append(told[2])  # noqa: E731  # removed below by its name
            event.listen(db.engine(), "before_cursor_execute", note)
            by_graphql()
            event.remove(db.engine(), "before_cursor_execute", note)
            ours, plain = _milliseconds(by_graphql), _milliseconds(lambda: _plain(actor))
            return [
                Row("GraphQL, 50 stations, limit 10", f"{ours:.1f} ms"),
                Row("SQL statements, limit 8", str(len(statements))),
                Row("the same as Core rows to JSON", f"{plain:.2f} ms"),
                Row("factor, limit 12", f"{ours / plain:.1f}"),
            ]
        finally:
            db.disconnect()


def _fill() -> Actor:
    """Stations with prices, each connector with one session that ended."""
    master = make.owned()
    now, number = clock.now(), 0
    for place in range(STATIONS):
        station = make.station(name=f"Station {place:02}", connectors=2)
        for connector in station.connectors:
            make.price(connector=connector)
            number += 1
            with db.transaction(writing=True) as unit:
                unit.session.add(_session(station.station, connector.id, number, now))
    return master.owner


def _session(station: Station, connector_id: UUID, number: int, now: Any) -> ChargingSession:
    times = {"started_at": now, "ended_at": now, "arrived_at": now, "last_at": now}
    return ChargingSession(
        id=new_id(),
        account_id=station.account_id,
        station_id=station.id,
        connector_id=connector_id,
        transaction_id=number,
        start_key=str(number),
        kind=SessionKind.TAG,
        state=SessionState.ENDED,
        id_tag="AB12",
        meter_start_wh=0,
        meter_stop_wh=11_000,
        last_wh=11_000,
        energy_wh=11_000,
        **times,
    )


def _plain(actor: Actor) -> bytes:
    """The least that could be done with the same rights: a statement each of bare columns, nested by hand."""
    with db.transaction(writing=False) as unit:
        stations = unit.session.execute(
            visible(
                actor,
                Right.VIEW_STATIONS,
                select(Station.id, Station.name, Station.city, Station.connected_at),
                Station,
            )
            .order_by(Station.name)
            .limit(STATIONS)
        ).all()
        connectors = unit.session.execute(
            select(
                Connector.station_id,
                Connector.id,
                Connector.number,
                Connector.code,
                Connector.status,
            ).where(Connector.station_id.in_([row.id for row in stations]), Connector.number > 0)
        ).all()
        ids = [row.id for row in connectors]
        prices = {row.connector_id: row for row in unit.session.execute(_prices(actor, ids))}
        latest = {row.connector_id: row for row in unit.session.execute(_latest(actor, ids))}
        powers = dict(iter(unit.session.execute(_powers(ids))))
    return orjson.dumps({"data": {"stations": {"nodes": _nested(stations, connectors, prices, latest, powers)}}})


def _nested(
    stations: Any, connectors: Any, prices: dict[UUID, Any], latest: dict[UUID, Any], powers: dict[Any, Any]
) -> list[dict[str, Any]]:
    inside: dict[UUID, list[Any]] = {row.id: [] for row in stations}
    for row in connectors:
        price, last = prices.get(row.id), latest.get(row.id)
        inside[row.station_id].append(
            {
                "id": row.id,
                "number": row.number,
                "code": row.code,
                "status": row.status.name,
                "powerW": powers.get(row.id),
                "tariff": price
                and {"energyPrice": str(price[1]), "timePrice": str(price[2]), "sessionFee": str(price[3])},
                "lastSession": last and {"id": last[1], "startedAt": last[2], "endedAt": last[3], "energyWh": last[4]},
            }
        )
    return [
        {
            "id": row.id,
            "name": row.name,
            "city": row.city,
            "connected": row.connected_at is not None,
            "connectors": inside[row.id],
        }
        for row in stations
    ]


def _powers(ids: list[UUID]) -> Any:
    running = (ChargingSession.connector_id.in_(ids), ChargingSession.state == SessionState.ACTIVE)
    return select(ChargingSession.connector_id, ChargingSession.last_power_w).where(*running)


def _prices(actor: Actor, ids: list[UUID]) -> Any:
    return (
        visible(
            actor,
            Right.VIEW_TARIFFS,
            select(TariffAssignment.connector_id, Tariff.energy_price, Tariff.time_price, Tariff.session_fee),
            TariffAssignment,
        )
        .join(Tariff, Tariff.id == TariffAssignment.tariff_id)
        .where(TariffAssignment.connector_id.in_(ids))
        .order_by(TariffAssignment.valid_from)
    )


def _latest(actor: Actor, ids: list[UUID]) -> Any:
    columns = (ChargingSession.connector_id, ChargingSession.id, ChargingSession.started_at, ChargingSession.ended_at)
    order = (ChargingSession.started_at.desc(), ChargingSession.id.desc())
    rank = func.row_number().over(partition_by=ChargingSession.connector_id, order_by=order).label("rank")
    mine = visible(actor, Right.VIEW_SESSIONS, select(*columns, ChargingSession.energy_wh, rank), ChargingSession)
    ranked = mine.where(ChargingSession.connector_id.in_(ids)).subquery()
    return select(ranked).where(ranked.c.rank == 1)


def _milliseconds(deed: Callable[[], object]) -> float:
    for _ in range(WARM_UP):
        deed()
    taken = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        deed()
        taken.append(time.perf_counter() - begin)
    return median(taken) * 1000

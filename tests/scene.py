"""Accounts, stations and sessions that the tests of stations, charging and the portal share.

Keyword-only, everything defaulted, through the doors where the thing is not a charger's own word.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, insert, select, update

from accounts import tree
from accounts.access import SYSTEM, Actor, ActorKind
from accounts.functions import Function
from accounts.models import Account, AccountLineage, Grant
from accounts.rights import Role
from accounts.use_cases import entitle
from accounts.values import AccountId, AccountKind
from charging.models import Authorisation, ChargingSession, MeterValue
from charging.values import SessionKind, SessionState
from kit import clock, db
from kit.ids import new_id, secret_hex
from stations.models import Connector, Station
from stations.use_cases import add_station
from stations.values import ConnectorStatus, NewConnector


def account(*, name: str = "Immobilien Muster AG", parent: Account | None = None, **fields: Any) -> Account:
    """A master account with all functions, or a property when it has a parent."""
    kind = AccountKind.MASTER if parent is None else AccountKind.PROPERTY
    values = {
        "legal_name": name,
        "street": "Bahnhofstrasse 1",
        "postcode": "6343",
        "city": "Rotkreuz",
        "contact_email": "hallo@muster.example",
        "contact_phone": "+41 41 000 00 00",
    } | fields
    row = Account(kind=kind, parent_id=parent.id if parent else None, name=name, created_at=clock.now(), **values)
    with db.transaction(writing=True):
        tree.place(row, by="system")
    if parent is None:  # it has every function, and so do its properties
        entitle(SYSTEM, row.id, {(row.id, function): None for function in Function})
    return row


def properties(*, below: Account, count: int) -> None:
    """Many properties at once, which trust everybody above them."""
    ids, now = [new_id() for _ in range(count)], clock.now()
    with db.transaction(writing=True) as unit:
        above = tree.lineage(below.id)
        facts = {"kind": AccountKind.PROPERTY, "parent_id": below.id, "city": "Zug", "created_at": now}
        accounts = [{"id": id, "name": f"Lot {number:04}", **facts} for number, id in enumerate(ids, 1)]
        lines = [{"account_id": id, "ancestor_id": one} for id in ids for one in (id, *above)]
        given = {"role": Role.OWNER, "granted_by": "system", "granted_at": now}
        grants = [{"id": new_id(), "account_id": id, "holder_id": one, **given} for id in ids for one in above]
        for model, rows in ((Account, accounts), (AccountLineage, lines), (Grant, grants)):
            unit.session.execute(insert(model), rows)


def station(
    *,
    property: Account | None = None,
    name: str = "Tiefgarage Ost",
    connectors: Sequence[NewConnector] = (NewConnector(),),
    online: bool = True,
    status: ConnectorStatus = ConnectorStatus.AVAILABLE,
    **fields: Any,
) -> Station:
    """A station as the operator adds it; online, with every connector in `status`, unless told otherwise."""
    owner = property or account(name="Bahnhofstrasse 1", parent=account())
    added = add_station(SYSTEM, AccountId(owner.id), name=name, connectors=connectors, **fields).station
    if online:
        says(added, status)
    return added


def says(station: Station, status: ConnectorStatus, **fields: Any) -> None:
    """The station is connected and has just said this of all its connectors."""
    now = clock.now()
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Station).where(Station.id == station.id).values(connected_at=now, last_seen_at=now))
        of_it = update(Connector).where(Connector.station_id == station.id, Connector.number > 0)
        unit.session.execute(of_it.values({"status": status, "status_at": now} | fields))


def silent(station: Station, since: timedelta = timedelta(minutes=16)) -> None:
    """The station went away some time ago."""
    gone = clock.now() - since
    with db.transaction(writing=True) as unit:
        unit.session.execute(
            update(Station)
            .where(Station.id == station.id)
            .values(connected_at=None, disconnected_at=gone, last_seen_at=gone)
        )


def connector(station: Station, number: int = 1) -> Connector:
    """A connector of the station as it stands in the database now."""
    with db.transaction(writing=False) as unit:
        found = select(Connector).where(Connector.station_id == station.id, Connector.number == number)
        return unit.session.scalars(found).one()


def session(
    *,
    connector: Connector,
    energy_wh: int = 0,
    ended: bool = False,
    authorisation: Authorisation | None = None,
    **fields: Any,
) -> ChargingSession:
    """A session at the connector: begun an hour ago, running unless `ended`, `energy_wh` so far."""
    now = clock.now()
    values = {
        "account_id": connector.account_id,
        "station_id": connector.station_id,
        "connector_id": connector.id,
        "authorisation_id": authorisation.id if authorisation else None,
        "transaction_id": new_id().int % 2_000_000_000 + 1,
        "start_key": str(new_id()),
        "kind": authorisation.kind if authorisation else SessionKind.OPERATOR,
        "state": SessionState.ENDED if ended else SessionState.ACTIVE,
        "id_tag": authorisation.id_tag if authorisation else secret_hex(10),
        "started_at": now - timedelta(hours=1),
        "ended_at": now if ended else None,
        "arrived_at": now - timedelta(hours=1),
        "meter_start_wh": 1_000,
        "meter_stop_wh": 1_000 + energy_wh if ended else None,
        "last_wh": 1_000 + energy_wh,
        "last_at": now,
        "energy_wh": energy_wh if ended else None,
    } | fields
    row = ChargingSession(**values)
    with db.transaction(writing=True) as unit:
        unit.session.add(row)
    return row


def reading(session: ChargingSession, *, minutes: int, energy_wh: int | None, power_w: int | None) -> None:
    """A meter value of the session, some minutes after its start; the register starts at 1000 Wh."""
    with db.transaction(writing=True) as unit:
        unit.session.add(
            MeterValue(
                account_id=session.account_id,
                station_id=session.station_id,
                connector_id=session.connector_id,
                session_id=session.id,
                at=session.started_at + timedelta(minutes=minutes),
                energy_wh=None if energy_wh is None else session.meter_start_wh + energy_wh,
                power_w=power_w,
                samples=[],
            )
        )


def row(model: Any, row_id: UUID) -> Any:
    """A row as it stands in the database now."""
    with db.transaction(writing=False) as unit:
        return unit.session.get_one(model, row_id)


def rows(model: Any, *conditions: Any) -> list[Any]:
    """Rows as they stand in the database now, in the order of their ids."""
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(model).where(*conditions).order_by(model.id)))


def somebody(role: Role, on: Account) -> Actor:
    """A signed-in person with one role on one account (and below)."""
    return Actor(ActorKind.USER, new_id(), {on.id: frozenset({role})})


@dataclass(frozen=True)
class People:
    """A master account with two properties, and everybody around them."""

    master: Account
    property: Account
    other_property: Account
    alice: Actor
    bob: Actor
    vera: Actor
    charlie: Actor


def people() -> People:
    """Make the accounts and the people. Vera may only look at the property; Charlie owns an account elsewhere."""
    master = account()
    here = account(name="Bahnhofstrasse 1", parent=master)
    there = account(name="Seestrasse 9", parent=master)
    elsewhere = account(name="Fremde AG")
    return People(
        master=master,
        property=here,
        other_property=there,
        alice=somebody(Role.OWNER, master),
        bob=somebody(Role.TECHNICIAN, here),
        vera=somebody(Role.VIEWER, here),
        charlie=somebody(Role.OWNER, elsewhere),
    )


@contextmanager
def statements(*, only_mine: bool = False) -> Iterator[list[str]]:
    """Every statement that goes to the database meanwhile, or only those of this thread."""
    seen: list[str] = []
    mine = threading.get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not only_mine or threading.get_ident() == mine:
            seen.append(statement)

    for engine in db.engines().apart:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in db.engines().apart:
            event.remove(engine, "before_cursor_execute", note)

"""Work orders: how many of their stations stand where, each station's answer, and what an order would come to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, case, false, func, select

from accounts.access import Actor, allowed, allowed_in, covered, licensed, system, visible, within
from accounts.functions import Function
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Invalid
from kit.ids import secret_hex
from kit.use_case import query
from stations.dictionary import TELLING
from stations.models import Connector, Station, StationCommand, WorkOrder
from stations.passwords import PASSWORD_BYTES
from stations.payloads import is_password_change
from stations.queries.stations import mentions
from stations.quirks import unable_to
from stations.values import (
    BUSY_STATUSES,
    Action,
    CommandId,
    CommandState,
    Selection,
    StationId,
    WorkOrderId,
)
from stations.wishes import USUAL_TRIES, judge_delivery, judged_wish

USUAL_WAIT = timedelta(days=1)
USUAL_PACE, FASTEST_PACE = 60, 1_000
MOST_STATIONS, MOST_BYTES = 5_000, 50_000_000
LONGEST_NAME = 80
MOST_OFFERED, MOST_MAKES = 100, 500
# A start or stop is about one plug and one session, and needs the driver's or operator's decision there.
FOR_ONE_STATION = frozenset({Action.REMOTE_START, Action.REMOTE_STOP})
TOLD = func.coalesce(StationCommand.answer["status"].as_string().in_(TELLING), false())  # an answer, though no yes


@dataclass(frozen=True)
class WorkOrderRow:
    """A work order, whose it is, and how many of its stations stand where. `told`: how many of those that count as
    refused did not refuse, but told how they are.
    """

    order: WorkOrder
    account_name: str
    time_zone: str
    counts: Mapping[CommandState, int]
    told: int = 0

    @property
    def stations(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def over(self) -> int:
        """How many are not waited for any more."""
        return sum(count for state, count in self.counts.items() if state.final)

    @property
    def waiting(self) -> int:
        """How many were not told yet."""
        return self.counts.get(CommandState.PENDING, 0)

    @property
    def accepted(self) -> int:
        """How many said yes."""
        return self.counts.get(CommandState.ACCEPTED, 0)

    @property
    def unfulfilled(self) -> int:
        """How many it could be repeated for."""
        return sum(count for state, count in self.counts.items() if state.unfulfilled) - self.told


@dataclass(frozen=True)
class WorkOrderStation:
    """One station of a work order, with its command."""

    command: StationCommand
    name: str
    connected: bool


@dataclass(frozen=True)
class Make:
    """What some stations say they are."""

    vendor: str
    model: str
    firmware: str


@dataclass(frozen=True)
class WorkPlan:
    """What an order would come to: the message (`action`, `payload`, `unchecked`), its stations by name, and who of
    them is known not to do it. `spread` is how long it takes at least until the last one is told.
    """

    wish: Mapping[str, Any]
    stations: Sequence[Station]
    unable: Mapping[StationId, str]
    charging: int
    spread: timedelta

    @property
    def asleep(self) -> int:
        """How many are not connected now."""
        return sum(station.connected_at is None for station in self.stations)


@query
def plan_work(
    actor: Actor,
    account_id: AccountId,
    selection: Selection,
    action: Action,
    payload: Mapping[str, Any],
    *,
    name: str = "",
    expires_in: timedelta = USUAL_WAIT,
    tries: int = USUAL_TRIES,
    unchecked: bool = False,
    per_minute: int = USUAL_PACE,
    request_key: str | None = None,
) -> WorkPlan:
    """What the use case `order_work` would do with this; it refuses with the same words.

    A new password without a value is one of its own for each station.
    """
    allowed_in(actor, Right.COMMAND_STATIONS, account_id)
    licensed(actor, Function.MAINTENANCE, account_id)
    judge_delivery(expires_in, tries, request_key)
    if action in FOR_ONE_STATION:
        raise Invalid(action="one_station_only")
    if not 1 <= per_minute <= FASTEST_PACE:
        raise Invalid(per_minute="out_of_range")
    if len(name.strip()) > LONGEST_NAME:
        raise Invalid(name="too_long")
    changes_password = is_password_change(action, payload)
    each_its_own = changes_password and not payload.get("value")
    said = {**payload, "value": secret_hex(PASSWORD_BYTES)} if each_its_own else payload
    wish = judged_wish(action, said, unchecked=unchecked)
    if each_its_own:
        wish["payload"]["value"] = ""
    stations = _selected(actor, account_id, selection)
    if len(stations) > 1 and changes_password and not each_its_own:
        raise Invalid(value="one_station_only")
    if len(stations) * len(orjson.dumps(wish["payload"])) > MOST_BYTES:
        raise Invalid(station_ids="too_many")
    unable = {
        StationId(one.id): why for one in stations if (why := unable_to(one, action, unchecked=wish["unchecked"]))
    }
    if changes_password:
        unable |= dict.fromkeys(_being_changed([one.id for one in stations]), "password_under_way")
    spread = timedelta(minutes=(len(stations) - 1) // per_minute)
    return WorkPlan(wish, stations, unable, _charging([station.id for station in stations]), spread)


@query
def work_orders(
    actor: Actor, account_id: AccountId | None = None, *, before: WorkOrderId | None = None, limit: int = 50
) -> list[WorkOrderRow]:
    """The newest work orders that the actor sees."""
    wanted = select(WorkOrder, Account.name, Account.time_zone).join(Account, Account.id == WorkOrder.account_id)
    wanted = visible(actor, Right.VIEW_STATIONS, wanted, WorkOrder)
    if account_id is not None:
        wanted = wanted.where(within(WorkOrder, account_id))
    if before is not None:
        wanted = wanted.where(WorkOrder.id < before)
    rows = db.session().execute(wanted.order_by(WorkOrder.id.desc()).limit(limit)).all()
    counts = _counts([order.id for order, *_ in rows])
    return [WorkOrderRow(order, name, zone, *counts.get(order.id, ({}, 0))) for order, name, zone in rows]


@query
def work_order(actor: Actor, work_order_id: WorkOrderId) -> WorkOrderRow:
    """One work order; its stations are asked for by `work_order_stations`. Raises NotFound, Forbidden."""
    order = allowed(actor, Right.VIEW_STATIONS, WorkOrder, work_order_id)
    account = db.session().get_one(Account, order.account_id)
    return WorkOrderRow(order, account.name, account.time_zone, *_counts([order.id]).get(order.id, ({}, 0)))


@query
def work_order_stations(
    actor: Actor,
    work_order_id: WorkOrderId,
    states: Collection[CommandState] = (),
    *,
    told: bool | None = None,
    after: CommandId | None = None,
    limit: int = 50,
) -> list[WorkOrderStation]:
    """Stations of a work order by name; `states`: only those whose commands are in one of these, `told`: only those
    that told how they are, or only the others. Raises NotFound.
    """
    allowed(actor, Right.VIEW_STATIONS, WorkOrder, work_order_id)
    wanted = select(StationCommand, Station.name, Station.connected_at.is_not(None)).join(
        Station, Station.id == StationCommand.station_id
    )
    wanted = wanted.where(StationCommand.work_order_id == work_order_id)
    if states:
        wanted = wanted.where(StationCommand.state.in_(states))
    if told is not None:
        wanted = wanted.where(TOLD if told else ~TOLD)
    if after is not None:
        wanted = wanted.where(StationCommand.id > after)
    rows = db.session().execute(wanted.order_by(StationCommand.id).limit(limit))
    return [WorkOrderStation(command, name, bool(connected)) for command, name, connected in rows]


@query
def work_orders_due(actor: Actor) -> list[WorkOrderId]:
    """The orders whose next stations may be told."""
    system(actor)
    due = select(WorkOrder.id).where(WorkOrder.next_turn_at <= clock.now())
    return list(db.session().scalars(due.order_by(WorkOrder.id)))


@query
def work_order_choices(
    actor: Actor, account_id: AccountId, selection: Selection
) -> tuple[int, list[tuple[Station, str]]]:
    """How many stations fit, and the first of them by name, each with the name of its account."""
    fitting = _fitting(actor, account_id, selection)
    counted = visible(actor, Right.COMMAND_STATIONS, select(func.count()).select_from(Station), Station)
    wanted = select(Station, Account.name).join(Account, Account.id == Station.account_id)
    wanted = visible(actor, Right.COMMAND_STATIONS, wanted, Station).where(*fitting)
    first = wanted.order_by(func.lower(Station.name), Station.id).limit(MOST_OFFERED)
    session = db.session()
    return session.scalar(counted.where(*fitting)) or 0, [(row[0], row[1]) for row in session.execute(first)]


@query
def makes(actor: Actor, account_id: AccountId) -> list[Make]:
    """What the stations of an account and below say they are, each combination once."""
    columns = (Station.vendor, Station.model, Station.firmware)
    wanted = visible(actor, Right.VIEW_STATIONS, select(*columns).distinct(), Station)
    wanted = wanted.where(within(Station, account_id)).order_by(*columns).limit(MOST_MAKES)
    return [Make(*row) for row in db.session().execute(wanted)]


def _selected(actor: Actor, account_id: AccountId, selection: Selection) -> Sequence[Station]:
    """The stations by name, as far as they have the function. Who names one that he may not command, that has it not,
    or that is elsewhere, gets none.
    """
    wanted = select(Station).where(*_fitting(actor, account_id, selection))
    wanted = visible(actor, Right.COMMAND_STATIONS, wanted, Station)
    named = None if selection.station_ids is None else set(selection.station_ids)
    if named is not None:
        if len(named) > MOST_STATIONS:
            raise Invalid(station_ids="too_many")
        wanted = wanted.where(Station.id.in_(named))
    found = db.session().scalars(wanted.order_by(func.lower(Station.name), Station.id).limit(MOST_STATIONS + 1)).all()
    if named is not None and len(found) < len(named):
        raise Invalid(station_ids="unknown")
    if not 0 < len(found) <= MOST_STATIONS:
        raise Invalid(station_ids="too_many" if found else "required")
    return found


def _fitting(actor: Actor, account_id: AccountId, selection: Selection) -> list[ColumnElement[bool]]:
    wanted = [within(Station, account_id), covered(actor, Function.MAINTENANCE, Station.id, Station.account_id)]
    if words := selection.text.strip():
        wanted.append(mentions(words))
    for column, value in (
        (Station.vendor, selection.vendor),
        (Station.model, selection.model),
        (Station.firmware, selection.firmware),
    ):
        if value:
            wanted.append(column == value)
    return wanted


def _being_changed(station_ids: Sequence[StationId]) -> set[StationId]:
    """To which of them a new password is on its way."""
    open_ones = select(StationCommand).where(
        StationCommand.station_id.in_(station_ids),
        StationCommand.action == Action.CHANGE_CONFIGURATION,
        StationCommand.state.in_([CommandState.PENDING, CommandState.SENT]),
    )
    rows = db.session().scalars(open_ones)
    return {StationId(row.station_id) for row in rows if is_password_change(row.action, row.payload)}


def _charging(station_ids: Sequence[StationId]) -> int:
    """At how many of them somebody charges."""
    taken = Connector.station_id.in_(station_ids), Connector.status.in_(BUSY_STATUSES)
    return db.session().scalar(select(func.count(Connector.station_id.distinct())).where(*taken)) or 0


def _counts(order_ids: Sequence[WorkOrderId]) -> Mapping[WorkOrderId | None, tuple[Mapping[CommandState, int], int]]:
    """For each order how many commands are in each state, and how many told how their station is."""
    counted = (
        select(StationCommand.work_order_id, StationCommand.state, func.count(), func.sum(case((TOLD, 1), else_=0)))
        .where(StationCommand.work_order_id.in_(order_ids))
        .group_by(StationCommand.work_order_id, StationCommand.state)
    )
    found: dict[WorkOrderId | None, tuple[dict[CommandState, int], int]] = {}
    for order_id, state, count, told in db.session().execute(counted):
        counts, before = found.get(order_id, ({}, 0))
        found[order_id] = counts | {state: count}, before + told
    return found

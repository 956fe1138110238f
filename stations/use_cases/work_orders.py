"""Work orders: one message for many stations, told one after another; taken back, and tried again where it failed.

A thousand stations that restart in the same second would open their sockets in the same second, and their buildings
would lose and find all load at once. So commands of an order wait for a turn, and only so many get one in a minute.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, insert, select, update

from accounts.access import Actor, allowed, allowed_in, system
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict
from kit.ids import new_id, secret_hex
from kit.notes import tell
from kit.use_case import use_case
from stations.models import Station, StationCommand, WorkOrder
from stations.passwords import PASSWORD_BYTES
from stations.payloads import is_password_change
from stations.queries.work_orders import TOLD, USUAL_PACE, USUAL_WAIT, WorkPlan, plan_work
from stations.use_cases.commands import ANNOUNCED, announce, end_unsent
from stations.values import Action, CommandState, Selection, StationId, WorkOrderId
from stations.wishes import USUAL_TRIES, tries_of

TURN_S = 5  # so much of a minute's share is told at once
LOOK_AGAIN = timedelta(seconds=10)  # where nobody who waits is connected


@use_case
def order_work(
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
) -> WorkOrder:
    """Send one message to many stations of an account and those below; each has a command of its own from now on.

    A station that is known not to do it has a failed command at once; the others get theirs. A new password without a
    value is a random one for each station, which nobody sees. `expires_in` counts from
    when the last of them could have had its turn. Asked again with the same `request_key`, it is the order of the
    first time. Raises Invalid as `request_command` does, and for `station_ids`, `per_minute`, `name`, `action`
    (`one_station_only`, as for the `value` of a new password); Conflict(`other_request`).
    """
    how: dict[str, Any] = {"tries": tries, "unchecked": unchecked, "per_minute": per_minute, "request_key": request_key}
    allowed_in(actor, Right.COMMAND_STATIONS, account_id)
    plan = plan_work(actor, account_id, selection, action, payload, name=name, expires_in=expires_in, **how)
    now = clock.now()
    order = WorkOrder(
        account_id=account_id,
        name=name.strip(),
        **plan.wish,
        selection=_written(selection),
        wait_s=int(expires_in.total_seconds()),
        tries_allowed=tries_of(action, tries),
        per_minute=per_minute,
        requested_by=actor.reference,
        request_key=request_key or None,
        requested_at=now,
        expires_at=now + plan.spread + expires_in,
    )
    if earlier := _ordered_before(actor, request_key):
        if any(getattr(earlier, fact) != getattr(order, fact) for fact in _WISHED):
            raise Conflict("other_request")
        return earlier
    _place(order, plan)
    return order


@use_case
def cancel_work_order(actor: Actor, work_order_id: WorkOrderId) -> WorkOrder:
    """Take back what was not sent yet. Raises Conflict(`work_order_over`) where nothing waits any more."""
    order = allowed(actor, Right.COMMAND_STATIONS, WorkOrder, work_order_id, lock=True)
    if not end_unsent(CommandState.CANCELLED, StationCommand.work_order_id == order.id):
        raise Conflict("work_order_over")
    order.next_turn_at = None
    return order


@use_case
def repeat_work_order(actor: Actor, work_order_id: WorkOrderId, *, request_key: str | None = None) -> WorkOrder:
    """Order the same again for the stations that refused, failed, were away too long or did not answer.

    Raises Conflict: `nothing_to_repeat`, `other_request` (the key is another order's).
    """
    order = allowed(actor, Right.COMMAND_STATIONS, WorkOrder, work_order_id)
    if earlier := _ordered_before(actor, request_key):
        if earlier.repeats_id != order.id:
            raise Conflict("other_request")
        return earlier
    states = [state for state in CommandState if state.unfulfilled]
    failed = select(StationCommand.station_id).where(*_of(order, StationCommand.state.in_(states), ~TOLD))
    station_ids = tuple(StationId(one) for one in db.session().scalars(failed))
    if not station_ids:
        raise Conflict("nothing_to_repeat")
    made = order_work(
        actor,
        AccountId(order.account_id),
        Selection(station_ids),
        order.action,
        order.payload,
        name=order.name,
        expires_in=timedelta(seconds=order.wait_s),
        tries=order.tries_allowed,
        unchecked=order.unchecked,
        per_minute=order.per_minute,
        request_key=request_key,
    )
    made.repeats_id = order.id
    return made


@use_case
def give_turns(actor: Actor, work_order_id: WorkOrderId) -> None:
    """Tell the next stations of an order, if it is time for them. Harmless when done twice."""
    system(actor)
    order = db.session().get(WorkOrder, work_order_id, with_for_update=True, populate_existing=True)
    if order is not None and order.next_turn_at is not None and order.next_turn_at <= clock.now():
        _give_turns(order)


def _place(order: WorkOrder, plan: WorkPlan) -> None:
    session = db.session()
    session.add(order)
    session.flush()
    session.execute(insert(StationCommand), [_command(order, plan, station) for station in plan.stations])
    if plan.unable:
        for row in session.execute(select(*ANNOUNCED).where(*_of(order, StationCommand.state == CommandState.FAILED))):
            announce(row, CommandState.FAILED)
    _give_turns(order)


def _command(order: WorkOrder, plan: WorkPlan, station: Station) -> dict[str, Any]:
    """A row of the batch."""
    unable = plan.unable.get(StationId(station.id))
    said = plan.wish["payload"]
    if is_password_change(order.action, said) and not said["value"]:
        said = said | {"value": secret_hex(PASSWORD_BYTES)}
    return {
        "id": new_id(),
        "account_id": station.account_id,
        "station_id": station.id,
        "work_order_id": order.id,
        "waits_turn": unable is None,
        **plan.wish,
        "payload": said,
        "state": CommandState.FAILED if unable else CommandState.PENDING,
        "error": unable,
        "tries_allowed": order.tries_allowed,
        "requested_by": order.requested_by,
        "requested_at": order.requested_at,
        "expires_at": order.expires_at,
    }


def _give_turns(order: WorkOrder) -> None:
    session = db.session()
    waiting = _of(order, StationCommand.state == CommandState.PENDING, StationCommand.waits_turn.is_(True))
    ready = (
        select(StationCommand.id, StationCommand.station_id)
        .join(Station, Station.id == StationCommand.station_id)
        .where(*waiting, Station.connected_at.is_not(None))
        .order_by(StationCommand.id)
        .limit(max(1, order.per_minute * TURN_S // 60))
    )
    told = session.execute(ready).all()
    ids = [row.id for row in told]
    session.execute(update(StationCommand).where(StationCommand.id.in_(ids)).values(waits_turn=False))
    for row in told:
        tell("command", data=row.station_id.hex.encode())
        tell("station", row.station_id)
    pause = timedelta(minutes=1) / order.per_minute * len(told) or LOOK_AGAIN
    left = session.scalar(select(exists().where(*waiting)))
    order.next_turn_at = clock.now() + pause if left else None
    if told:
        tell("work_order", order.id)


def _of(order: WorkOrder, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return StationCommand.work_order_id == order.id, *conditions


def _ordered_before(actor: Actor, request_key: str | None) -> WorkOrder | None:
    if not request_key:
        return None
    known = select(WorkOrder).where(WorkOrder.requested_by == actor.reference, WorkOrder.request_key == request_key)
    return db.session().scalars(known).one_or_none()


# what has to be the same for an order to be the one of the first time
_WISHED = ("account_id", "name", "action", "payload", "unchecked", "selection", "wait_s", "tries_allowed", "per_minute")


def _written(selection: Selection) -> dict[str, Any]:
    """The choice as it is kept: the words that had to fit, or a mark of the named stations."""
    if selection.station_ids is not None:
        named = sorted({one.hex for one in selection.station_ids})
        return {"stations": hashlib.sha256("".join(named).encode()).hexdigest()}
    return {name: value for name, value in vars(selection).items() if name != "station_ids" and value}

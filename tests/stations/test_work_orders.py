"""Work orders: one message for many stations, in turns; taken back, tried again, and never wider than one's rights."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from accounts.access import SYSTEM
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.events import OutboxRow
from stations import jobs
from stations.models import Station, StationCommand, WorkOrder
from stations.passwords import PASSWORD_BYTES
from stations.queries import (
    makes,
    pending_commands,
    plan_work,
    work_order,
    work_order_choices,
    work_order_stations,
    work_orders,
    work_orders_due,
)
from stations.use_cases import (
    cancel_work_order,
    finish_command,
    give_turns,
    mark_command_sent,
    order_work,
    repeat_work_order,
)
from stations.values import Action, CommandId, CommandState, ConnectorStatus, Selection, StationId, WorkOrderId
from tests import scene

pytestmark = pytest.mark.usefixtures("database", "program")
ALL = Selection()
RESET = {"type": "Soft"}
NEW_PASSWORD = {"key": "AuthorizationKey", "value": "0123456789ABCDEF0123"}
W, S, A, R, F, T, E, C = (
    "pending",
    "sent",
    "accepted",
    "refused",
    "failed",
    "timed_out",
    "expired",
    "cancelled",
)


@pytest.fixture
def people() -> scene.People:
    return scene.people()


@pytest.fixture
def stations(people: scene.People) -> list[Station]:
    """Three of the property, the last one asleep."""
    return [scene.station(property=people.property, name=f"Platz {number}", online=number < 3) for number in (1, 2, 3)]


def account(people: scene.People) -> AccountId:
    return AccountId(people.property.id)


def ordered(people: scene.People, selection: Selection = ALL, **how: Any) -> WorkOrder:
    """Bob asks for a restart."""
    return order_work(people.bob, account(people), selection, Action.RESET, RESET, **how)


def named(*stations: Station) -> Selection:
    return Selection(tuple(StationId(station.id) for station in stations))


def states(order: WorkOrder) -> list[str]:
    """How the commands of an order stand, by the names of their stations."""
    return [one.command.state.value for one in work_order_stations(SYSTEM, WorkOrderId(order.id))]


def told(*stations: Station) -> list[bool]:
    """Who of them may be told now."""
    return [bool(pending_commands(SYSTEM, StationId(station.id))) for station in stations]


def answers(order: WorkOrder, station: Station, state: CommandState) -> None:
    """The message went out, and this came of it."""
    of_it = (StationCommand.work_order_id == order.id, StationCommand.station_id == station.id)
    command_id = CommandId(scene.rows(StationCommand, *of_it)[0].id)
    assert mark_command_sent(SYSTEM, command_id)
    finish_command(SYSTEM, command_id, state)


def test_each_station_has_a_command_of_its_own(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, name=" Herbst ", expires_in=timedelta(hours=1))
    assert (order.name, order.requested_by, order.expires_at - order.requested_at) == (
        "Herbst",
        people.bob.reference,
        timedelta(hours=1),
    )
    rows = work_order_stations(people.bob, WorkOrderId(order.id))
    assert [(one.name, one.connected, one.command.payload) for one in rows] == [
        ("Platz 1", True, RESET),
        ("Platz 2", True, RESET),
        ("Platz 3", False, RESET),
    ]
    assert {one.command.account_id for one in rows} == {people.property.id}
    shown = work_order(people.vera, WorkOrderId(order.id))
    assert (shown.counts, shown.stations, shown.over) == ({CommandState.PENDING: 3}, 3, 0)


def test_a_station_that_sleeps_takes_nobodys_turn(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, named(*stations))
    assert told(*stations) == [True, True, False]
    assert work_orders_due(SYSTEM) == []
    scene.says(stations[2], ConnectorStatus.AVAILABLE)
    assert told(*stations) == [True, True, False]
    with clock.moved_to(clock.now() + timedelta(seconds=10)):
        jobs.give_next_turns()
        assert told(*stations) == [True, True, True]
        assert scene.row(WorkOrder, order.id).next_turn_at is None


def test_only_so_many_are_told_in_a_minute(people: scene.People) -> None:
    stations = [scene.station(property=people.property, name=f"Platz {number}") for number in range(1, 5)]
    ordered(people, per_minute=24)
    assert told(*stations) == [True, True, False, False]
    with clock.moved_to(clock.now() + timedelta(seconds=4)):
        jobs.give_next_turns()
    assert told(*stations) == [True, True, False, False]
    with clock.moved_to(clock.now() + timedelta(seconds=5)):
        jobs.give_next_turns()
    assert told(*stations) == [True, True, True, True]


def test_waiting_begins_when_the_last_one_could_have_its_turn(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, per_minute=1, expires_in=timedelta(hours=1))
    assert order.expires_at - order.requested_at == timedelta(hours=1, minutes=2)


def test_a_turn_given_twice_is_given_once(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, per_minute=1)
    assert told(*stations) == [True, False, False]
    for _ in range(3):
        give_turns(SYSTEM, WorkOrderId(order.id))
    assert told(*stations) == [True, False, False]


def test_who_is_known_not_to_do_it_fails_at_once_and_the_others_go_on(
    people: scene.People, stations: list[Station]
) -> None:
    with db.transaction(writing=True) as unit:
        of_one = update(Station).where(Station.id == stations[0].id)
        unit.session.execute(of_one.values(quirk_overrides={"can_unlock": False}))
    order = order_work(people.bob, account(people), ALL, Action.UNLOCK, {"connectorId": 1})
    assert states(order) == [F, W, W]
    assert work_order_stations(SYSTEM, WorkOrderId(order.id))[0].command.error == "can_not_unlock"
    assert [row.payload["state"] for row in scene.rows(OutboxRow, OutboxRow.kind == "CommandFinished")] == [F]
    raw = order_work(people.bob, account(people), ALL, Action.UNLOCK, {"connectorId": 1}, unchecked=True)
    assert states(raw) == [W, W, W]


def test_what_nobody_answered_in_time_is_over(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, expires_in=timedelta(minutes=10))
    answers(order, stations[0], CommandState.ACCEPTED)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        jobs.end_overdue_commands()
        jobs.give_next_turns()
    assert states(order) == [A, E, E]
    assert scene.row(WorkOrder, order.id).next_turn_at is None


def test_cancelled_is_what_was_not_sent(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people)
    answers(order, stations[0], CommandState.ACCEPTED)
    cancel_work_order(people.bob, WorkOrderId(order.id))
    assert states(order) == [A, C, C]
    assert told(*stations) == [False, False, False]
    ends = [row.payload["state"] for row in scene.rows(OutboxRow, OutboxRow.kind == "CommandFinished")]
    assert sorted(ends) == [A, C, C]
    with pytest.raises(Conflict) as refusal:
        cancel_work_order(people.bob, WorkOrderId(order.id))
    assert refusal.value.code == "work_order_over"


def test_again_is_for_those_that_nothing_came_of(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people, name="Herbst", per_minute=30, expires_in=timedelta(minutes=5))
    for station, state in zip(stations, (CommandState.ACCEPTED, CommandState.REFUSED), strict=False):
        answers(order, station, state)
    with pytest.raises(Conflict) as refusal:
        repeat_work_order(people.bob, WorkOrderId(ordered(people).id))
    assert refusal.value.code == "nothing_to_repeat"
    with clock.moved_to(clock.now() + timedelta(minutes=6)):
        jobs.end_overdue_commands()
        again = repeat_work_order(people.bob, WorkOrderId(order.id), request_key="once more")
        assert repeat_work_order(people.bob, WorkOrderId(order.id), request_key="once more").id == again.id
    rows = work_order_stations(SYSTEM, WorkOrderId(again.id))
    assert [one.name for one in rows] == ["Platz 2", "Platz 3"]
    assert (again.repeats_id, again.name, again.per_minute, again.payload) == (order.id, "Herbst", 30, RESET)
    assert work_order(SYSTEM, WorkOrderId(order.id)).unfulfilled == 2
    with pytest.raises(Conflict) as refusal:
        repeat_work_order(people.bob, WorkOrderId(again.id), request_key="once more")
    assert refusal.value.code == "other_request"


def test_a_key_makes_of_two_wishes_one_order(people: scene.People, stations: list[Station]) -> None:
    first = ordered(people, named(*stations), request_key="k")
    assert ordered(people, named(*reversed(stations)), request_key="k").id == first.id
    assert len(scene.rows(StationCommand)) == 3
    others: list[Callable[[], WorkOrder]] = [
        lambda: ordered(people, named(*stations[:2]), request_key="k"),
        lambda: ordered(people, request_key="k"),
        lambda: ordered(people, named(*stations), request_key="k", per_minute=1),
        lambda: order_work(
            people.bob, account(people), named(*stations), Action.RESET, {"type": "Hard"}, request_key="k"
        ),
    ]
    for other in others:
        with pytest.raises(Conflict) as refusal:
            other()
        assert refusal.value.code == "other_request"
    assert ordered(people, named(*stations), request_key="other").id != first.id


@pytest.mark.parametrize(
    ("action", "payload", "how", "fields"),
    [
        (Action.RESET, {"type": "Gentle"}, {}, {"type": "unknown"}),
        (Action.RESET, RESET, {"expires_in": timedelta(days=31)}, {"expires_in": "out_of_range"}),
        (Action.RESET, RESET, {"tries": 11}, {"tries": "out_of_range"}),
        (Action.RESET, RESET, {"per_minute": 0}, {"per_minute": "out_of_range"}),
        (Action.RESET, RESET, {"per_minute": 1_001}, {"per_minute": "out_of_range"}),
        (Action.RESET, RESET, {"name": "n" * 81}, {"name": "too_long"}),
        (Action.RESET, RESET, {"request_key": "k" * 101}, {"request_key": "too_long"}),
        (Action.REMOTE_STOP, {"transactionId": 7}, {}, {"action": "one_station_only"}),
        (Action.REMOTE_START, {"idTag": "AB"}, {}, {"action": "one_station_only"}),
        (Action.CHANGE_CONFIGURATION, NEW_PASSWORD, {}, {"value": "one_station_only"}),
        (Action.CHANGE_CONFIGURATION, NEW_PASSWORD, {"unchecked": True}, {"value": "one_station_only"}),
    ],
)
def test_what_can_not_be_ordered_is_refused_by_field(
    people: scene.People,
    stations: list[Station],
    action: Action,
    payload: dict[str, Any],
    how: dict[str, Any],
    fields: dict[str, str],
) -> None:
    for door in (plan_work, order_work):
        with pytest.raises(Invalid) as refusal:
            door(people.bob, account(people), ALL, action, payload, **how)
        assert refusal.value.fields == fields
    assert scene.rows(StationCommand) == []


def test_a_password_may_be_ordered_for_one(people: scene.People, stations: list[Station]) -> None:
    how = (Action.CHANGE_CONFIGURATION, NEW_PASSWORD)
    order = order_work(people.bob, account(people), named(stations[0]), *how)
    assert states(order) == [W]


@pytest.mark.parametrize("said", [{}, {"value": ""}])
def test_a_password_without_a_value_is_one_of_its_own_for_each(
    people: scene.People, stations: list[Station], said: dict[str, str]
) -> None:
    one = order_work(people.bob, account(people), named(stations[0]), Action.CHANGE_CONFIGURATION, NEW_PASSWORD)
    order = order_work(
        people.bob, account(people), ALL, Action.CHANGE_CONFIGURATION, {"key": "AuthorizationKey"} | said
    )
    rows = scene.rows(StationCommand, StationCommand.work_order_id == order.id)
    assert sorted((row.state.value, row.error) for row in rows) == [(F, "password_under_way"), (W, None), (W, None)]
    sent = {row.payload["value"] for row in rows}
    assert (len(sent), {len(value) for value in sent}) == (3, {2 * PASSWORD_BYTES})
    assert order.payload == {"key": "AuthorizationKey", "value": ""}
    assert one.payload == NEW_PASSWORD


def test_stations_are_chosen_by_what_they_are(people: scene.People, stations: list[Station]) -> None:
    facts = (("ACME", "One", "1.0"), ("ACME", "One", "1.1"), ("Other", "Two", "1.0"))
    with db.transaction(writing=True) as unit:
        for station, (vendor, model, firmware) in zip(stations, facts, strict=True):
            of_it = update(Station).where(Station.id == station.id)
            unit.session.execute(of_it.values(vendor=vendor, model=model, firmware=firmware))
    assert [(one.vendor, one.model, one.firmware) for one in makes(people.bob, account(people))] == list(facts)

    def fitting(**words: Any) -> list[str]:
        count, first = work_order_choices(people.bob, account(people), Selection(**words))
        plan = plan_work(people.bob, account(people), Selection(**words), Action.RESET, RESET)
        assert [station.name for station, _ in first] == [station.name for station in plan.stations]
        assert count == len(first)
        return [station.name for station, _ in first]

    assert fitting() == ["Platz 1", "Platz 2", "Platz 3"]
    assert fitting(vendor="ACME") == ["Platz 1", "Platz 2"]
    assert fitting(firmware="1.0") == ["Platz 1", "Platz 3"]
    assert fitting(vendor="ACME", model="One", firmware="1.1") == ["Platz 2"]
    assert fitting(text="platz 3") == ["Platz 3"]
    with pytest.raises(Invalid) as refusal:
        ordered(people, Selection(vendor="Nobody"))
    assert refusal.value.fields == {"station_ids": "required"}


def test_a_plan_says_what_it_comes_to(people: scene.People, stations: list[Station]) -> None:
    scene.says(stations[0], ConnectorStatus.CHARGING)
    plan = plan_work(people.bob, account(people), ALL, Action.RESET, RESET, per_minute=1)
    assert (len(plan.stations), plan.asleep, plan.charging, plan.spread) == (3, 1, 1, timedelta(minutes=2))
    assert scene.rows(StationCommand) == []


def test_a_technician_reaches_the_stations_of_his_property_only(people: scene.People, stations: list[Station]) -> None:
    there = scene.station(property=people.other_property, name="Platz 4")
    everywhere = order_work(people.alice, AccountId(people.master.id), ALL, Action.RESET, RESET)
    assert states(everywhere) == [W] * 4
    assert states(ordered(people)) == [W] * 3
    with pytest.raises(Invalid) as refusal:
        ordered(people, named(*stations, there))
    assert refusal.value.fields == {"station_ids": "unknown"}
    with pytest.raises(NotFound):
        order_work(people.bob, AccountId(people.other_property.id), ALL, Action.RESET, RESET)
    with pytest.raises(NotFound):
        order_work(people.bob, AccountId(people.master.id), ALL, Action.RESET, RESET)
    with pytest.raises(NotFound):
        work_order(people.bob, WorkOrderId(everywhere.id))


def test_a_stranger_sees_nothing_and_a_viewer_does_nothing(people: scene.People, stations: list[Station]) -> None:
    order = ordered(people)
    assert work_orders(people.charlie) == []
    assert [row.order.id for row in work_orders(people.vera)] == [order.id]
    deeds: tuple[Callable[..., object], ...] = (cancel_work_order, repeat_work_order)
    for actor, refused in ((people.charlie, NotFound), (people.vera, Forbidden)):
        with pytest.raises(refused):
            order_work(actor, account(people), ALL, Action.RESET, RESET)
        for deed in deeds:
            with pytest.raises(refused):
                deed(actor, WorkOrderId(order.id))
    for query in (work_order, work_order_stations):
        with pytest.raises(NotFound):
            query(people.charlie, WorkOrderId(order.id))
    assert states(order) == [W, W, W]


def test_lists_go_on_page_after_page(people: scene.People, stations: list[Station]) -> None:
    orders = [ordered(people) for _ in range(3)]
    newest = work_orders(people.bob, account(people), limit=2)
    assert [row.order.id for row in newest] == [orders[2].id, orders[1].id]
    rest = work_orders(people.bob, account(people), before=WorkOrderId(orders[1].id))
    assert [(row.order.id, row.stations) for row in rest] == [(orders[0].id, 3)]
    first = work_order_stations(people.bob, WorkOrderId(orders[0].id), limit=2)
    after = work_order_stations(people.bob, WorkOrderId(orders[0].id), after=CommandId(first[1].command.id))
    assert [one.name for one in first + after] == ["Platz 1", "Platz 2", "Platz 3"]
    answers(orders[0], stations[1], CommandState.REFUSED)
    refused = work_order_stations(people.bob, WorkOrderId(orders[0].id), [CommandState.REFUSED])
    assert [one.name for one in refused] == ["Platz 2"]

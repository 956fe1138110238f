"""One change for many connectors: looked at first, done in batches, refused row by row, and undone."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import SYSTEM, Actor
from accounts.models import Grant
from accounts.rights import Role
from accounts.use_cases import revoke_grant
from accounts.values import AccountId, GrantId
from billing.queries import prices_of
from kit import db
from kit.audit import AuditLine
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from mass_changes import placing
from mass_changes.jobs import go_on_with_mass_changes
from mass_changes.models import MassChange, MassChangeRow
from mass_changes.queries import mass_change, mass_change_rows, mass_changes, preview_mass_change
from mass_changes.use_cases import go_on, start_mass_change, stop_mass_change, undo_mass_change
from mass_changes.use_cases.clockwork import BATCH
from mass_changes.values import How, MassChangeId, RowState, Scope, Step, Subject, Wish
from stations.models import Connector
from stations.opening_hours import WEEK, OpeningHours, Span, SpecialDays
from stations.use_cases import set_connector_hours
from stations.values import ConnectorId
from tests import make, scene
from tests.people import People

EVERYTHING = Scope(everything=True)
DEARER = Wish(Subject.PRICES, {"energy_price": Step(How.PERCENT, Decimal(10))})
FREE_START = Wish(Subject.PRICES, {"session_fee": Step(How.SET, Decimal(0))})
OFFICE = OpeningHours(dict.fromkeys(WEEK[:5], (Span(time(7), time(19)),)))


@pytest.fixture
def plugs(people: People) -> list[Connector]:
    """Two connectors at home and one next door, each for 0.45 per kWh."""
    home = make.station(property=people.home, owner=people.alice, name="A", connectors=2)
    near = make.station(property=people.next_door, owner=people.alice, name="B")
    rows = [*home.connectors, near.connector]
    for row in rows:
        make.price(connector=row, owner=people.alice)
    return rows


def master(people: People) -> AccountId:
    return AccountId(people.master.id)


def run(people: People, wish: Wish, scope: Scope = EVERYTHING, actor: Actor | None = None) -> MassChangeId:
    """Ask for it and let the clock do the rest."""
    made = start_mass_change(actor or people.alice, master(people), wish, scope)
    go_on_with_mass_changes()
    return MassChangeId(made.id)


def energy_prices(plugs: list[Connector]) -> list[str]:
    prices = prices_of(SYSTEM, [one.id for one in plugs])
    return [str(prices[one.id].energy_price) for one in plugs]


def states(change_id: MassChangeId) -> dict[RowState, int]:
    return dict(mass_change(SYSTEM, change_id).counts)


def row(change_id: MassChangeId, plug: Connector) -> MassChangeRow:
    with db.transaction(writing=False) as unit:
        return unit.session.get_one(MassChangeRow, (change_id, plug.id))


def test_prices_of_several_properties_change_and_come_back(people: People, plugs: list[Connector]) -> None:
    change_id = run(people, DEARER)
    assert states(change_id) == {RowState.DONE: 3}
    assert energy_prices(plugs) == ["0.50"] * 3, "0.495, rounded half away from zero"
    of_row = row(change_id, plugs[0])
    assert (of_row.before or {})["energy_price"] == "0.45"
    assert (of_row.after or {})["energy_price"] == "0.50"
    doors = [one.door for one in scene.rows(AuditLine, AuditLine.actor == people.alice.reference)]
    assert doors.count("billing.use_cases.tariffs.set_price") == 6, "three by hand, three by the change, in her name"
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert states(change_id) == {RowState.UNDONE: 3}
    assert energy_prices(plugs) == ["0.45"] * 3
    with pytest.raises(Conflict) as refused:
        undo_mass_change(people.alice, change_id)
    assert refused.value.code == "nothing_to_undo"


def test_what_somebody_else_changed_since_is_named_and_left(people: People, plugs: list[Connector]) -> None:
    change_id = run(people, DEARER)
    make.price(connector=plugs[1], owner=people.alice, energy="0.77")
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert energy_prices(plugs) == ["0.45", "0.77", "0.45"]
    [left] = mass_change_rows(people.alice, change_id, [RowState.LEFT])
    assert (left.row.connector_id, left.row.problem) == (plugs[1].id, "changed_since")


def test_the_preview_says_what_the_run_does(people: People, plugs: list[Connector]) -> None:
    bare = make.station(property=people.home, owner=people.alice, name="C").connector
    dear = make.station(property=people.home, owner=people.alice, name="D").connector
    make.price(connector=dear, owner=people.alice, energy="9.50")
    shown = preview_mass_change(people.alice, master(people), DEARER, EVERYTHING)
    assert (shown.connectors, shown.forbidden) == (5, 0)
    told = {one.place.connector_id: (one.after or {}).get("energy_price", one.problem) for one in shown.rows}
    assert told == {**dict.fromkeys((one.id for one in plugs), "0.50"), bare.id: "no_price", dear.id: "too_high"}
    change_id = run(people, DEARER)
    for plug in (*plugs, bare, dear):
        of_row = row(change_id, plug)
        assert told[plug.id] == (of_row.after or {}).get("energy_price", of_row.problem)
    assert row(change_id, dear).field == "energy_price"
    assert states(change_id) == {RowState.DONE: 3, RowState.REFUSED: 2}


def test_pages_of_the_preview_follow_one_another(people: People, plugs: list[Connector]) -> None:
    seen: list[UUID] = []
    after = None
    for _ in range(3):
        [one] = preview_mass_change(people.alice, master(people), DEARER, EVERYTHING, after=after, limit=1).rows
        after = type(one.place).parse(str(one.place))
        seen.append(after.connector_id)
    assert seen == [plugs[2].id, plugs[0].id, plugs[1].id], "by property, station and number"
    assert not preview_mass_change(people.alice, master(people), DEARER, EVERYTHING, after=after, limit=1).rows


def test_a_page_takes_the_same_statements_however_many_properties(people: People, plugs: list[Connector]) -> None:
    def statements() -> int:
        with scene.statements() as told:
            preview_mass_change(people.alice, master(people), DEARER, EVERYTHING, limit=50)
        return len(told)

    few = statements()
    for number in range(6):
        place = make.property(master=people.master, name=f"Haus {number}")
        make.price(connector=make.station(property=place, owner=people.alice).connector, owner=people.alice)
    assert len(preview_mass_change(people.alice, master(people), DEARER, EVERYTHING, limit=50).rows) == 9
    assert statements() <= few, "and not more with each of them"


def test_chosen_properties_stations_connectors_and_words(people: People, plugs: list[Connector]) -> None:
    def ids(scope: Scope) -> set[UUID]:
        shown = preview_mass_change(people.alice, master(people), FREE_START, scope)
        return {one.place.connector_id for one in shown.rows}

    first, second, near = (one.id for one in plugs)
    assert ids(Scope(account_ids=(people.home.id,))) == {first, second}
    assert ids(Scope(station_ids=(plugs[2].station_id,), connector_ids=(first,))) == {first, near}
    assert ids(Scope(everything=True, text=people.next_door.name.lower())) == {near}
    stranger = make.account(name="Fremd")
    foreign = make.station(property=stranger.account, owner=stranger.owner).connector
    assert ids(Scope(connector_ids=(foreign.id, near))) == {near}, "what is not below is not meant"
    for nothing in (Scope(), Scope(everything=True, station_ids=(near,)), Scope(station_ids=(near,) * 5001)):
        with pytest.raises(Invalid):
            preview_mass_change(people.alice, master(people), FREE_START, nothing)


def test_who_lacks_the_right_in_one_property_changes_the_others(people: People, plugs: list[Connector]) -> None:
    [mandate] = scene.rows(Grant, Grant.account_id == people.next_door.id, Grant.holder_id == people.master.id)
    with db.transaction(writing=True) as unit:
        unit.session.get_one(Grant, mandate.id).role = Role.VIEWER
    shown = preview_mass_change(people.alice, master(people), DEARER, EVERYTHING)
    assert (shown.connectors, shown.forbidden) == (3, 1)
    near, *_home = shown.rows
    assert (near.problem, near.field) == ("forbidden", "tariff:manage")
    change_id = run(people, DEARER)
    assert states(change_id) == {RowState.DONE: 2, RowState.REFUSED: 1}
    of_row = row(change_id, plugs[2])
    assert (of_row.problem, of_row.field) == ("forbidden", "tariff:manage")
    assert energy_prices(plugs) == ["0.50", "0.50", "0.45"]


def test_a_role_that_ends_between_asking_and_doing_counts(people: People, plugs: list[Connector]) -> None:
    manager = make.login(account=people.home, role=Role.MANAGER)
    made = start_mass_change(manager.actor, AccountId(people.home.id), DEARER, EVERYTHING)
    [grant] = scene.rows(Grant, Grant.user_id == manager.user.id)
    revoke_grant(SYSTEM, GrantId(grant.id))
    go_on_with_mass_changes()
    assert states(MassChangeId(made.id)) == {RowState.REFUSED: 2}
    assert energy_prices(plugs) == ["0.45"] * 3


def test_hours_change_and_come_back_unless_touched(people: People, plugs: list[Connector]) -> None:
    set_connector_hours(people.alice, ConnectorId(plugs[2].id), OFFICE)
    holiday = replace(OFFICE, special=(SpecialDays(date(2026, 12, 24), date(2026, 12, 26)),))
    change_id = run(people, Wish(Subject.OPENING_HOURS, hours=holiday))
    special = [one.opening_hours["special"] for one in scene.rows(Connector, Connector.number > 0)]
    assert {one[0]["last"] for one in special} == {"2026-12-26"}
    again = run(people, Wish(Subject.OPENING_HOURS, hours=holiday))
    assert states(again) == {RowState.SAME: 3}, "nothing to do, and nothing to undo"
    set_connector_hours(people.alice, ConnectorId(plugs[0].id), None)
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert states(change_id) == {RowState.UNDONE: 2, RowState.LEFT: 1}
    assert scene.row(Connector, plugs[1].id).opening_hours is None
    assert scene.row(Connector, plugs[2].id).opening_hours == OFFICE.plain()


def test_the_rate_of_vat_where_the_law_leaves_it_to_the_seller(people: People) -> None:
    seller = {"legal_name": "Muster GmbH", "country": "DE", "uid": "DE136695976", "vat_registered": True}
    german = make.property(master=people.master, name="Lörrach", **seller)
    plug = make.station(property=german, owner=people.alice).connector
    swiss = make.station(property=people.home, owner=people.alice).connector
    make.price(connector=plug, owner=people.alice, vat="19")
    make.price(connector=swiss, owner=people.alice)
    change_id = run(people, Wish(Subject.VAT, vat_percent=Decimal(16)))
    assert str(prices_of(SYSTEM, [plug.id])[plug.id].vat_percent) == "16"
    assert (row(change_id, swiss).state, row(change_id, swiss).field) == (RowState.REFUSED, "vat_percent")
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert str(prices_of(SYSTEM, [plug.id])[plug.id].vat_percent) == "19"
    dearer = run(people, DEARER)
    assert states(dearer) == {RowState.DONE: 2}, "the rate stays where only the price changes"


def test_a_price_where_there_was_none_before_is_taken_away_again(people: People) -> None:
    plug = make.station(property=people.home, owner=people.alice).connector
    change_id = run(people, Wish(Subject.PRICES, {"energy_price": Step(How.SET, Decimal("0.30"))}))
    assert row(change_id, plug).before is None
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert row(change_id, plug).state is RowState.UNDONE
    assert prices_of(SYSTEM, [plug.id]) == {}
    again = run(people, Wish(Subject.PRICES, {"energy_price": Step(How.SET, Decimal("0.30"))}))
    assert row(again, plug).before is None
    assert prices_of(SYSTEM, [plug.id])[plug.id].energy_price == Decimal("0.30")


def test_asked_twice_with_one_key_it_is_one_change(people: People, plugs: list[Connector]) -> None:
    first = start_mass_change(people.alice, master(people), DEARER, EVERYTHING, request_key="k")
    again = start_mass_change(people.alice, master(people), DEARER, EVERYTHING, request_key="k")
    assert first.id == again.id
    with pytest.raises(Conflict) as refused:
        start_mass_change(people.alice, master(people), FREE_START, EVERYTHING, request_key="k")
    assert refused.value.code == "other_request"
    assert len(scene.rows(MassChange)) == 1


def test_a_change_is_done_in_batches_and_can_be_stopped(people: People) -> None:
    _priced(people, BATCH // 8 + 1, 8)
    left = (BATCH // 8 + 1) * 8 - BATCH
    change_id = MassChangeId(start_mass_change(people.alice, master(people), DEARER, EVERYTHING).id)
    with pytest.raises(Conflict):
        undo_mass_change(people.alice, change_id)
    assert go_on(SYSTEM, change_id)
    assert states(change_id) == {RowState.DONE: BATCH, RowState.WAITING: left}
    stop_mass_change(people.alice, change_id)
    assert not go_on(SYSTEM, change_id)
    assert states(change_id) == {RowState.DONE: BATCH, RowState.STOPPED: left}
    assert shown_as(people, change_id, RowState.STOPPED) == left
    undo_mass_change(people.alice, change_id)
    assert states(change_id) == {RowState.UNDOING: BATCH, RowState.STOPPED: left}
    assert shown_as(people, change_id, RowState.UNDOING) == BATCH
    stop_mass_change(people.alice, change_id)
    assert states(change_id) == {RowState.DONE: BATCH, RowState.STOPPED: left}, "the way back was stopped, too"
    undo_mass_change(people.alice, change_id)
    go_on_with_mass_changes()
    assert states(change_id) == {RowState.UNDONE: BATCH, RowState.STOPPED: left}
    with pytest.raises(Conflict):
        stop_mass_change(people.alice, change_id)


def shown_as(people: People, change_id: MassChangeId, state: RowState) -> int:
    """How many rows the list shows in this state."""
    rows = mass_change_rows(people.alice, change_id, [state], limit=1_000)
    assert {one.state for one in rows} == {state}
    return len(rows)


def test_many_connectors_get_their_rows_by_and_by(
    people: People, plugs: list[Connector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "AT_ONCE", 2)
    _priced(people, 2, 2)
    [mandate] = scene.rows(Grant, Grant.account_id == people.next_door.id, Grant.holder_id == people.master.id)
    with db.transaction(writing=True) as unit:
        unit.session.get_one(Grant, mandate.id).role = Role.VIEWER
    change_id = MassChangeId(start_mass_change(people.alice, master(people), DEARER, EVERYTHING).id)
    assert states(change_id) == {RowState.WAITING: 7}, "all are counted from the start"
    assert len(mass_change_rows(people.alice, change_id)) == 2
    assert go_on(SYSTEM, change_id)
    assert len(mass_change_rows(people.alice, change_id)) == 4
    assert energy_prices(plugs) == ["0.45"] * 3, "every connector has a row before the first one changes"
    stop_mass_change(people.alice, change_id)
    while go_on(SYSTEM, change_id):
        pass
    assert states(change_id) == {RowState.STOPPED: 6, RowState.REFUSED: 1}, "stopped, but each has its row"
    again = run(people, DEARER)
    go_on_with_mass_changes()
    assert states(again) == {RowState.DONE: 6, RowState.REFUSED: 1}
    assert energy_prices(plugs) == ["0.50", "0.50", "0.45"]


def test_what_is_closed_to_a_login_stays_out_of_the_rows_that_come_later(
    people: People, plugs: list[Connector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "AT_ONCE", 1)
    asking = replace(people.alice, closed=frozenset({people.next_door.id}))
    made = start_mass_change(asking, master(people), DEARER, EVERYTHING)
    go_on_with_mass_changes()
    go_on_with_mass_changes()
    rows = mass_change_rows(people.alice, MassChangeId(made.id))
    assert {one.row.connector_id: one.state for one in rows} == dict.fromkeys((plugs[0].id, plugs[1].id), RowState.DONE)


def _priced(people: People, stations: int, connectors: int) -> None:
    for _ in range(stations):
        for plug in make.station(property=people.home, owner=people.alice, connectors=connectors).connectors:
            make.price(connector=plug, owner=people.alice)


@pytest.mark.parametrize("wish", [DEARER, Wish(Subject.OPENING_HOURS, hours=OFFICE)])
@pytest.mark.parametrize("back", [False, True])
def test_a_batch_takes_the_same_statements_however_many_connectors_of_however_many_properties(
    people: People, plugs: list[Connector], back: bool, wish: Wish
) -> None:
    def statements() -> int:
        change_id = MassChangeId(start_mass_change(people.alice, master(people), wish, EVERYTHING).id)
        if back:
            go_on(SYSTEM, change_id)
            undo_mass_change(people.alice, change_id)
        with scene.statements() as told:
            go_on(SYSTEM, change_id)
        ended = RowState.UNDONE if back else RowState.DONE
        assert {one.state for one in mass_change_rows(people.alice, change_id)} == {ended}
        for plug in scene.rows(Connector, Connector.number > 0):
            set_connector_hours(people.alice, ConnectorId(plug.id), None)
        return len(told)

    for number in range(2):
        place = make.property(master=people.master, name=f"Neu {number}")
        make.price(connector=make.station(property=place, owner=people.alice).connector, owner=people.alice)
    few = statements()
    for number in range(6):
        place = make.property(master=people.master, name=f"Haus {number}")
        for plug in make.station(property=place, owner=people.alice, connectors=2).connectors:
            make.price(connector=plug, owner=people.alice)
    assert statements() <= few + 4, "SQLite takes rows by the dozen"


def test_strangers_and_viewers_start_and_see_nothing(people: People, plugs: list[Connector]) -> None:
    viewer = make.login(account=people.home, role=Role.VIEWER).actor
    with pytest.raises(Forbidden):
        start_mass_change(viewer, AccountId(people.home.id), DEARER, EVERYTHING)
    change_id = run(people, DEARER)
    with pytest.raises(NotFound):
        mass_change(people.charlie, change_id)
    with pytest.raises(NotFound):
        mass_changes(people.charlie, master(people))
    with pytest.raises(NotFound):
        undo_mass_change(people.charlie, change_id)
    assert [one.change.id for one in mass_changes(people.alice, master(people))] == [change_id]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(Subject.PRICES), "steps"),
        (Wish(Subject.PRICES, {"per_mile": Step(How.SET, Decimal(1))}), "steps"),
        (Wish(Subject.PRICES, {"energy_price": Step(How.PERCENT, Decimal(-101))}), "energy_price"),
        (Wish(Subject.PRICES, {"energy_price": Step(How.SET, Decimal("NaN"))}), "energy_price"),
        (replace(DEARER, round_to=Decimal("0.03")), "round_to"),
        (Wish(Subject.VAT, vat_percent=Decimal(100)), "vat_percent"),
        (Wish(Subject.OPENING_HOURS, hours=OpeningHours({WEEK[0]: (Span(time(1), time(2)),) * 5})), "week"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_before_anything_is_written(
    people: People, wish: Wish, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        start_mass_change(people.alice, master(people), wish, EVERYTHING)
    assert set(refused.value.fields) == {field}
    assert scene.rows(MassChange) == []


amounts = st.decimals(0, 10, places=4)


@given(amounts, st.decimals(-100, 1000, places=2), st.sampled_from(["0.01", "0.05", "0.0001"]))
def test_what_is_calculated_is_a_multiple_of_the_rounding_and_nearest(
    present: Decimal, percent: Decimal, round_to: str
) -> None:
    step = Decimal(round_to)
    result = Step(How.PERCENT, percent).applied(present, step)
    exact = present * (100 + percent) / 100
    assert result % step == 0
    assert abs(result - exact) <= step / 2
    assert result >= exact or abs(result - exact) != step / 2, "a tie goes away from zero"

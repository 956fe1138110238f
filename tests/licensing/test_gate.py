"""The table of plans is asked at the doors: each function with its doors, tried in the free plan and with a licence."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor
from accounts.errors import LicenceNeeded
from accounts.functions import PLANNED, Function
from accounts.values import AccountId
from billing.use_cases import Whom, add_person_price
from billing.values import PriceWhere
from charging.use_cases import send_by_hand
from kit import clock, db, settings
from kit.errors import AppError, Forbidden, NotFound
from licensing import use_cases
from licensing.plans import catalogue
from licensing.queries import function_table, offer, prices
from stations.messages import MessageFilter
from stations.models import Station
from stations.queries import messages, plan_work, work_order_choices
from stations.use_cases import probe_abilities, read_settings, request_file, update_firmware, wish_setting
from stations.values import Action, FileJobKind, FirmwareId, Selection, StationId
from tests import make
from tests.licensing.shop import Shop

RESET = {"type": "Soft"}
HOUSE = Whom(tag_group="HOUSE")

DOORS: dict[str, tuple[Function, Callable[[Actor, StationId], Any]]] = {
    "send_by_hand": (Function.MAINTENANCE, lambda actor, one: send_by_hand(actor, one, Action.RESET, RESET)),
    "read_settings": (Function.MAINTENANCE, read_settings),
    "wish_setting": (Function.MAINTENANCE, lambda actor, one: wish_setting(actor, one, "HeartbeatInterval", "300")),
    "probe_abilities": (Function.MAINTENANCE, probe_abilities),
    "request_file": (Function.MAINTENANCE, lambda actor, one: request_file(actor, one, FileJobKind.DIAGNOSTICS)),
    "update_firmware": (Function.MAINTENANCE, lambda actor, one: update_firmware(actor, one, FirmwareId(one))),
    "messages": (Function.MESSAGE_LOG, lambda actor, one: messages(actor, MessageFilter(station_id=one))),
    "add_person_price": (
        Function.USER_GROUPS,
        lambda actor, one: add_person_price(actor, PriceWhere.STATION, one, HOUSE, energy_price=Decimal(0)),
    ),
}


def refused_for(deed: Callable[[], object]) -> Function | None:
    """The function that is missing; None where the door opens, or refuses for another reason."""
    with contextlib.suppress(AppError):
        try:
            deed()
        except LicenceNeeded as refusal:
            return refusal.function
    return None


@pytest.mark.parametrize("name", DOORS)
def test_a_door_opens_with_a_licence_for_this_station_only(shop: Shop, name: str) -> None:
    function, door = DOORS[name]
    first, second = (StationId(station) for station in shop.station_ids[:2])
    assert refused_for(lambda: door(shop.owner, first)) is function
    use_cases.start_trial(shop.owner, shop.id, station_ids=[first])
    assert refused_for(lambda: door(shop.owner, first)) is None
    assert refused_for(lambda: door(shop.owner, second)) is function
    assert refused_for(lambda: door(SYSTEM, second)) is None, "the program itself needs no licence"


def test_every_function_has_doors_or_is_not_built() -> None:
    assert {function for function, _ in DOORS.values()} | PLANNED == set(Function)


def test_what_is_not_built_is_promised_to_nobody(shop: Shop) -> None:
    assert PLANNED.isdisjoint(row.function for row in function_table(shop.owner))


def test_the_right_is_asked_for_before_the_licence(shop: Shop) -> None:
    stranger = make.account(name="Fremde AG", plan="free").owner
    with pytest.raises(NotFound):
        read_settings(stranger, StationId(shop.station_ids[0]))
    with pytest.raises(LicenceNeeded) as refused:
        read_settings(shop.owner, StationId(shop.station_ids[0]))
    assert (refused.value.status, refused.value.code) == (402, "needs_licence")


def test_lists_of_an_account_show_the_stations_with_a_licence(shop: Shop) -> None:
    everything = MessageFilter(account_id=shop.id)
    assert refused_for(lambda: messages(shop.owner, everything)) is Function.MESSAGE_LOG
    assert refused_for(lambda: plan_work(shop.owner, shop.id, Selection(), Action.RESET, RESET)) is Function.MAINTENANCE
    use_cases.start_trial(shop.owner, shop.id, station_ids=shop.station_ids[:2])
    assert messages(shop.owner, everything).rows == ()
    count, stations = work_order_choices(shop.owner, shop.id, Selection())
    assert (count, [station.name for station, _ in stations]) == (2, ["Platz 1", "Platz 2"])
    use_cases.give_free_period(SYSTEM, shop.id, days=1, reason="Pilot")
    assert work_order_choices(shop.owner, shop.id, Selection())[0] == 3


def test_an_offer_says_what_how_much_and_the_next_step(shop: Shop) -> None:
    shown = offer(shop.owner, shop.id, Function.MAINTENANCE)
    assert (shown.plan, shown.trial_days, shown.may_try, shown.may_manage) == ("premium", 30, True, True)
    assert [price.gross_minor for price in shown.prices] == [900, 9000]
    use_cases.start_trial(shop.owner, shop.id, station_ids=shop.station_ids[:1])
    assert not offer(shop.owner, shop.id, Function.MAINTENANCE).may_try
    with pytest.raises(NotFound):
        offer(make.account(name="Fremde AG").owner, shop.id, Function.MAINTENANCE)


def test_who_sells_no_licences_gives_everything(shop: Shop, program: settings.Settings) -> None:
    settings.use(replace(program, platform_iban=""))
    use_cases.keep_entitlements(SYSTEM, None)
    assert all(shop.has(0, function) for function in Function)
    assert prices(shop.owner) == []
    assert {row.plans for row in function_table(shop.owner)} == {("free", "premium")}
    settings.use(program)
    use_cases.keep_entitlements(SYSTEM, None)
    assert not shop.has(0)


def test_the_shipped_plans_follow_their_schema_and_leave_nothing_out() -> None:
    plans = catalogue()
    assert plans.everybodys == frozenset()
    assert frozenset().union(*(plan.functions for plan in plans.plans)) == frozenset(Function)


def test_a_station_that_leaves_frees_its_place(shop: Shop) -> None:
    use_cases.start_trial(shop.owner, shop.id, station_ids=shop.station_ids[:1])
    elsewhere = make.property(master=shop.master, name="Haus am See")
    with db.transaction(writing=True) as unit:
        unit.session.get_one(Station, shop.station_ids[0]).account_id = AccountId(elsewhere.id)
    use_cases.keep_entitlements(SYSTEM, shop.id)
    (place,) = shop.held.places
    assert (place.place.station_id, shop.has(0)) == (None, False)
    assert clock.now() < shop.subscription.period_ends_at


def test_only_staff_and_the_command_line_give_presents(shop: Shop) -> None:
    with pytest.raises((NotFound, Forbidden)):
        use_cases.give_free_period(shop.owner, shop.id, days=10, reason="me")

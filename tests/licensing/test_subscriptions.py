"""Trying, buying, changing, cancelling, paying late: the months of an operator, on a moved clock."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.access import SYSTEM, Actor
from accounts.functions import Function
from accounts.queries import has_function
from accounts.rights import Role
from kit import clock, mail, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.ids import new_id
from licensing import queries, use_cases
from licensing.errors import Locked, SubscribedAlready, TrialUsed
from licensing.values import GiftId, Interval, PlaceId, SubscriptionState
from stations.use_cases import move_station
from stations.values import StationId
from tests import make
from tests.licensing.shop import Shop, days_pass, run


def amounts(shop: Shop) -> list[int]:
    """What was invoiced, oldest first."""
    return [one.gross_minor for one in shop.invoices()]


def state(shop: Shop) -> SubscriptionState:
    """Where the subscription stands."""
    return shop.subscription.state


def subjects() -> list[str]:
    """Letters, oldest first."""
    return [letter.subject.rpartition(" – ")[0] for letter in mail.letters()][::-1]


def test_from_the_trial_to_a_year_and_to_the_end(shop: Shop) -> None:
    first, second, third = shop.station_ids
    assert not shop.has(0)
    use_cases.start_trial(shop.owner, shop.id, station_ids=[first])
    assert (shop.has(0), shop.has(1), shop.held.trial_days_left) == (True, False, 30)

    days_pass(24)
    assert shop.held.trial_days_left == 6
    assert subjects() == ["Your trial ends on 9 April 2027"]
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH)
    assert shop.subscription.period_begins_at == datetime(2027, 4, 9, 9, tzinfo=UTC).replace(
        microsecond=shop.subscription.period_begins_at.microsecond, second=shop.subscription.period_begins_at.second
    )
    assert amounts(shop) == [900]

    days_pass(21)  # 24 April: 15 of the 30 days are left
    use_cases.add_stations(shop.owner, shop.id, station_ids=[second])
    assert amounts(shop) == [900, 450]
    assert (shop.has(1), shop.has(2)) == (True, False)

    use_cases.change_interval(shop.owner, shop.id, Interval.YEAR)
    assert amounts(shop) == [900, 450, 2 * 9000 - 2 * 450]
    assert (shop.held.next_minor, shop.held.next_at) == (18_000, shop.subscription.period_ends_at)
    for number in range(3):
        shop.pay(number)

    use_cases.cancel_subscription(shop.owner, shop.id)
    days_pass(300)
    assert shop.has(0), "what is paid goes on"
    days_pass(66)
    assert not shop.has(0)
    assert shop.held.subscription is None
    assert subjects()[-1] == "Your stations are in the free plan now"
    with pytest.raises(TrialUsed):
        use_cases.start_trial(shop.owner, shop.id, station_ids=[third])


def test_unpaid_is_reminded_then_locked_and_paid_is_back(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.YEAR, station_ids=shop.station_ids)
    worker.drain()
    assert amounts(shop) == [27_000]
    days_pass(31)
    assert state(shop) is SubscriptionState.RUNNING
    days_pass(5)
    assert (state(shop), shop.has(0)) == (SubscriptionState.OVERDUE, True)
    run()
    days_pass(10)
    with pytest.raises(Locked):
        use_cases.change_interval(shop.owner, shop.id, Interval.MONTH)
    days_pass(10)
    assert (state(shop), shop.has(0)) == (SubscriptionState.LOCKED, False)
    assert subjects() == [
        "Invoice L-000001",
        "Reminder: invoice L-000001",
        "Reminder: invoice L-000001",
        "Your stations are in the free plan now",
    ]
    assert len(shop.held.places) == 3, "nothing is lost"
    shop.pay()
    assert (state(shop), shop.has(0)) == (SubscriptionState.RUNNING, True)
    assert subjects()[-1] == "Premium works again"
    assert amounts(shop) == [27_000]


def test_a_period_that_passed_while_locked_is_not_made_up_for(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:1])
    days_pass(100)
    assert state(shop) is SubscriptionState.LOCKED
    owed = len(shop.invoices())
    for number in range(owed):
        shop.pay(number)
    assert state(shop) is SubscriptionState.RUNNING
    assert shop.subscription.period_ends_at > clock.now()
    assert len(shop.invoices()) <= owed + 1


def test_a_trial_that_nobody_buys_ends_by_itself(shop: Shop) -> None:
    use_cases.start_trial(shop.owner, shop.id, station_ids=shop.station_ids)
    clock.move(clock.now() + timedelta(days=30, minutes=1))
    assert not shop.has(0), "the gate looks at the clock; it waits for no job"
    run()
    assert shop.held.subscription is None
    assert amounts(shop) == []


def test_months_follow_each_other_from_the_same_day(shop: Shop) -> None:
    clock.move(datetime(2027, 1, 31, 12, tzinfo=UTC))
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:1])
    ends = []
    for _ in range(3):
        ends.append(shop.subscription.period_ends_at.date().isoformat())
        shop.pay()
        days_pass((shop.subscription.period_ends_at - clock.now()).days + 1)
    assert ends == ["2027-02-28", "2027-03-31", "2027-04-30"]
    assert amounts(shop) == [900] * 4


def test_a_licence_moves_to_another_station_and_a_free_one_is_used_first(shop: Shop) -> None:
    first, second, third = shop.station_ids
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=[first])
    place = PlaceId(shop.held.places[0].place.id)
    use_cases.move_licence(shop.owner, place, station_id=second)
    assert (shop.has(0), shop.has(1)) == (False, True)
    use_cases.move_licence(shop.owner, place, station_id=None)
    assert not shop.has(1)
    use_cases.add_stations(shop.owner, shop.id, station_ids=[third])
    assert (shop.has(2), amounts(shop)) == (True, [900])
    with pytest.raises(Invalid) as refused:
        use_cases.add_stations(shop.owner, shop.id, station_ids=[third])
    assert refused.value.fields == {"station_ids": "licensed_already"}


def test_a_licence_that_is_given_up_is_not_renewed(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:2])
    shop.pay()
    place = PlaceId(shop.held.places[0].place.id)
    use_cases.give_up_licence(shop.owner, place)
    assert shop.held.next_minor == 900
    use_cases.keep_licence(shop.owner, place)
    assert shop.held.next_minor == 1800
    use_cases.give_up_licence(shop.owner, place)
    days_pass(32)
    assert (shop.has(0), shop.has(1)) == (False, True)
    assert amounts(shop) == [1800, 900]


def test_yearly_to_monthly_waits_for_the_end_of_the_year(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.YEAR, station_ids=shop.station_ids[:1])
    shop.pay()
    use_cases.change_interval(shop.owner, shop.id, Interval.MONTH)
    assert (shop.subscription.interval, shop.held.next_minor) == (Interval.YEAR, 900)
    days_pass(366)
    assert shop.subscription.interval is Interval.MONTH
    assert amounts(shop) == [9000, 900]


def test_a_cancellation_is_taken_back(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:1])
    shop.pay()
    with pytest.raises(Conflict):
        use_cases.resume_subscription(shop.owner, shop.id)
    use_cases.cancel_subscription(shop.owner, shop.id)
    use_cases.resume_subscription(shop.owner, shop.id)
    days_pass(32)
    assert amounts(shop) == [900, 900]


def test_one_subscription_at_a_time_and_only_for_those_who_may(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:1])
    with pytest.raises(SubscribedAlready):
        use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[1:])
    technician = make.login(account=shop.master.account, role=Role.TECHNICIAN).actor
    with pytest.raises(Forbidden):
        use_cases.cancel_subscription(technician, shop.id)
    stranger = make.account(name="Fremde AG")
    with pytest.raises(NotFound):
        use_cases.add_stations(stranger.owner, shop.id, station_ids=shop.station_ids)
    with pytest.raises(Invalid):
        use_cases.start_trial(stranger.owner, stranger.id, station_ids=shop.station_ids)


def test_staff_gives_a_free_period_with_a_reason_and_takes_it_back(shop: Shop) -> None:
    with pytest.raises(Invalid):
        use_cases.give_free_period(SYSTEM, shop.id, days=10, reason=" ")
    use_cases.give_free_period(SYSTEM, shop.id, days=10, reason="Pilot")
    below = make.property(master=shop.master, name="Haus am See")
    station = make.station(owner=shop.owner, property=below)
    assert shop.has(0, Function.MESSAGE_LOG)
    assert has_function(shop.owner, Function.MESSAGE_LOG, below.id, station.id), "and those below"
    days_pass(11)
    assert not shop.has(0)


def test_staff_ends_a_free_period_and_its_functions_end_at_once(shop: Shop, staff: Actor) -> None:
    gift = use_cases.give_free_period(staff, shop.id, days=10, reason="Pilot")
    assert shop.has(0)
    for who, gift_id in ((shop.owner, gift.id), (staff, new_id())):
        with pytest.raises(NotFound):
            use_cases.end_free_period(who, GiftId(gift_id))
    ended = use_cases.end_free_period(staff, GiftId(gift.id))
    assert not shop.has(0)
    days_pass(1)
    assert use_cases.end_free_period(staff, GiftId(gift.id)).revoked_at == ended.revoked_at, "it ended once"


def test_a_price_that_staff_changes_is_for_new_subscriptions(shop: Shop, staff: Actor) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids[:1])
    use_cases.set_plan_price(staff, plan="premium", currency="CHF", interval=Interval.MONTH, gross_minor=1200)
    shop.pay()
    days_pass(32)
    assert amounts(shop) == [900, 900]
    assert [price.gross_minor for price in shop.held.prices] == [1200, 9000]
    with pytest.raises(Invalid):
        use_cases.set_plan_price(staff, plan="free", currency="CHF", interval=Interval.MONTH, gross_minor=1)


@pytest.mark.parametrize(
    ("after_days", "found"), [(29, SubscriptionState.RUNNING), (36, SubscriptionState.RUNNING), (70, None)]
)
def test_another_owner_waits_for_nothing_that_the_old_one_owes(
    shop: Shop, after_days: int, found: SubscriptionState | None
) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.YEAR, station_ids=shop.station_ids)
    days_pass(after_days)
    archive = make.account(name="Bis gestern AG", plan="free")
    use_cases.part_invoices(SYSTEM, shop.id, archive.id)
    days_pass(90)
    (owed,) = queries.invoices(archive.owner, archive.id)
    assert owed.reminders > 0
    subscription = shop.held.subscription
    assert (subscription and subscription.state, shop.has(0)) == (found, found is not None)
    if found is None:
        use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)


def test_a_station_that_moves_away_leaves_its_licence(shop: Shop) -> None:
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.YEAR, station_ids=shop.station_ids[:1])
    there = make.account(name="Haus im Tal AG", plan="free")
    move_station(SYSTEM, StationId(shop.station_ids[0]), there.id)
    worker.drain()
    assert not shop.has(0)
    use_cases.add_stations(shop.owner, shop.id, station_ids=shop.station_ids[1:2])
    assert (shop.has(1), len(shop.invoices())) == (True, 1)
    trial = use_cases.start_trial(there.owner, there.id, station_ids=shop.station_ids[:1])
    assert trial.state is SubscriptionState.TRIAL

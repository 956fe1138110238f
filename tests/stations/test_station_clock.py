"""How a charger's clock is measured: a stamp alone does not tell a wrong clock from an old message."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stations.station_clock import StationClock

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def heard(*stamps: tuple[datetime, datetime]) -> StationClock:
    clock = StationClock()
    for at, arrived in stamps:
        clock.hears(at, arrived)
    return clock


def test_a_clock_that_is_right_is_known_by_one_message() -> None:
    clock = heard((NOON - 2 * SECOND, NOON))
    assert (clock.right, clock.skew, clock.correction) == (True, -2 * SECOND, timedelta(0))


def test_a_wrong_clock_is_believed_when_a_second_message_says_the_same_later() -> None:
    once = heard((NOON + HOUR, NOON))
    assert (once.measured_at, once.correction) == (None, timedelta(0))
    twice = heard((NOON + HOUR, NOON), (NOON + HOUR + MINUTE, NOON + MINUTE))
    assert (twice.right, twice.correction) == (False, HOUR)


def test_old_messages_sent_in_one_go_are_no_wrong_clock() -> None:
    queued = [(NOON - HOUR + minute * MINUTE, NOON + minute * SECOND / 10) for minute in range(50)]
    assert heard(*queued).measured_at is None
    assert heard((NOON, NOON), *queued).right


def test_one_message_is_not_its_own_witness() -> None:
    assert heard((NOON + HOUR, NOON), (NOON + HOUR, NOON)).measured_at is None


def test_after_a_boot_the_clock_is_unknown() -> None:
    clock = heard((NOON, NOON))
    clock.restarted()
    assert (clock.right, clock.measured_at) == (False, None)


def test_a_clock_that_was_set_is_right_again_at_once() -> None:
    clock = heard((NOON + HOUR, NOON), (NOON + HOUR + MINUTE, NOON + MINUTE), (NOON + 2 * MINUTE, NOON + 2 * MINUTE))
    assert (clock.right, clock.correction) == (True, timedelta(0))


def test_a_clock_before_its_first_setting_says_nothing() -> None:
    assert heard((datetime(1970, 1, 1, tzinfo=UTC), NOON)).measured_at is None


@given(
    skew_s=st.integers(-(10**7), 10**7),
    steps=st.lists(st.integers(10, 10_000), min_size=1, max_size=10),
)
def test_any_steady_clock_is_measured_to_the_second(skew_s: int, steps: list[int]) -> None:
    clock, now, skew = StationClock(), NOON, timedelta(seconds=skew_s)
    clock.hears(now + skew, now)
    for step in steps:
        now += timedelta(seconds=step)
        clock.hears(now + skew, now)
    assert (clock.skew, clock.measured_at) == (skew, now)

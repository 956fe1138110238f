"""Tries are counted by key, windows end, and whole households of IPv6 are one."""

import pytest

from kit import throttle
from kit.throttle import Throttle, neighbourhood


def test_a_key_has_so_many_tries_in_a_window_and_others_have_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("kit.throttle.time.monotonic", lambda: now[0])
    tries = Throttle(2, 60.0)
    assert [tries.hit("a"), tries.full("a"), tries.hit("a"), tries.full("a"), tries.hit("a")] == [
        True,
        False,
        True,
        True,
        False,
    ]
    assert (tries.full("b"), tries.hit("b")) == (False, True)
    now[0] += 60.0
    assert (tries.full("a"), tries.hit("a")) == (False, True)


def test_it_forgets_everybody_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 3)
    tries = Throttle(1, 60.0)
    assert [tries.hit(key) for key in "aabc"] == [True, False, True, True]
    assert tries.hit("a")


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_one_household_is_one(address: str, counts_as: str) -> None:
    assert neighbourhood(address) == counts_as

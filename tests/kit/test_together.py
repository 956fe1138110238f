"""Threads that ask at the same time ask once."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.together import Together


def test_who_comes_while_a_question_is_answered_asks_with_the_others() -> None:
    asked: list[set[int]] = []
    first_asks, go_on = threading.Event(), threading.Event()

    def ask(keys: Collection[int]) -> dict[int, str]:
        asked.append(set(keys))
        if keys == {0}:
            first_asks.set()
            go_on.wait(10)
        return {key: str(key) for key in keys}

    together = Together(ask)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(together, 0)
        assert first_asks.wait(10)
        others = [pool.submit(together, key) for key in (1, 2, 3, 1)]
        while len(together._next.keys) < 3:
            threading.Event().wait(0.01)
        go_on.set()
        assert first.result() == "0"
        assert [one.result() for one in others] == ["1", "2", "3", "1"]
    assert asked[:2] == [{0}, {1, 2, 3}]


def test_nobody_fails_by_what_another_asks() -> None:
    first_asks, go_on = threading.Event(), threading.Event()

    def ask(keys: Collection[int]) -> dict[int, int]:
        if 0 in keys:
            first_asks.set()
            go_on.wait(10)
        if 13 in keys:
            raise ValueError("unlucky")
        return {key: key for key in keys}

    together = Together(ask)
    with ThreadPoolExecutor(3) as pool:
        pool.submit(together, 0)
        assert first_asks.wait(10)
        good, bad = pool.submit(together, 1), pool.submit(together, 13)
        go_on.set()
        assert good.result() == 1
        with pytest.raises(ValueError, match="unlucky"):
            bad.result()

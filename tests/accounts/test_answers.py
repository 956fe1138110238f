"""Answers to programs are kept for a day, and then forgotten."""

from datetime import timedelta

import pytest

from accounts import use_cases
from accounts.access import SYSTEM
from accounts.models import KeptAnswer
from kit import clock
from kit.errors import Forbidden
from tests import scene
from tests.people import People


def test_an_answer_is_forgotten_after_a_day_and_the_deed_is_done_again(everybody: People) -> None:
    done: list[str] = []

    def answer(key: str) -> str:
        def deed() -> str:
            done.append(key)
            return f"{key} {len(done)}"

        return use_cases.answer_once(everybody.alice, key, "print", deed)

    assert [answer("old"), answer("old")] == ["old 1", "old 1"]
    with clock.moved_to(clock.now() + timedelta(hours=23)):
        assert answer("young") == "young 2"
        use_cases.forget_answers(SYSTEM)
        assert {row.key for row in scene.rows(KeptAnswer)} == {"old", "young"}
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        use_cases.forget_answers(SYSTEM)
        assert [row.key for row in scene.rows(KeptAnswer)] == ["young"]
        assert (answer("young"), answer("old")) == ("young 2", "old 3")


def test_only_the_program_itself_forgets(everybody: People) -> None:
    with pytest.raises(Forbidden):
        use_cases.forget_answers(everybody.alice)

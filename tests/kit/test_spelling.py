"""Words of a list, however they are spelt."""

import pytest

from kit.spelling import plain, spellings


@pytest.mark.parametrize("said", ["NoError", " noError", "NOERROR", "No_Error", "no error ", "no-error"])
def test_case_blanks_and_dashes_tell_nothing(said: str) -> None:
    assert spellings(["NoError", "OtherError"])[plain(said)] == "NoError"


def test_other_words_stay_apart_and_long_texts_are_left_alone() -> None:
    assert plain("L1-N") != plain("L1")
    assert plain("X y" * 100) == "X y" * 100

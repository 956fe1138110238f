"""What chargers answer when they are asked for their settings: read as far as it can be, whatever it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.told_settings import same_value, told_settings, written_raw

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["key", "value", "readonly", "configurationKey", "unknownKey"]), inner)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("answer", "told", "unknown", "in_order"),
    [
        ({}, {}, [], True),
        ({"configurationKey": [{"key": "A", "readonly": True, "value": "1"}]}, {"a": ("1", True)}, [], True),
        (
            {"configurationKey": [{"key": "A", "readonly": False}], "unknownKey": ["B"]},
            {"a": (None, False)},
            ["b"],
            True,
        ),
        ({"configurationKey": None}, {}, [], False),
        ({"configurationKey": "none"}, {}, [], False),
        ({"configurationKey": [None, 7, {"value": "1"}, {"key": ""}, {"key": None}]}, {}, [], False),
        ({"configurationKey": {"A": 1, "B": None}}, {"a": ("1", False), "b": (None, False)}, [], False),
        ({"configurationKey": {"key": "A", "value": "x", "readonly": True}}, {"a": ("x", True)}, [], False),
        ({"configurationKey": [{"key": "A", "readonly": "true", "value": True}]}, {"a": ("true", True)}, [], False),
        (
            {"configurationKey": [{"key": "A", "value": 1.5}, {"key": "a", "value": [1]}]},
            {"a": ("[1]", False)},
            [],
            False,
        ),
        ({"unknownKey": None}, {}, [], False),
        ({"unknownKey": "B"}, {}, ["b"], False),
        (
            {"configurationKey": [{"key": "B", "readonly": False, "value": ""}], "unknownKey": ["b"]},
            {"b": ("", False)},
            [],
            True,
        ),
        ([], {}, [], False),
        (None, {}, [], False),
    ],
)
def test_q98_an_answer_is_read_as_far_as_it_can_be(
    answer: Any, told: dict[str, tuple[str | None, bool]], unknown: list[str], in_order: bool
) -> None:
    found = told_settings(answer)
    assert {key: (one.value, one.read_only) for key, one in found.settings.items()} == told
    assert (list(found.unknown), found.in_order) == (unknown, in_order)


@given(JSON)
def test_q98_no_answer_at_all_is_too_strange(answer: Any) -> None:
    found = told_settings(answer)
    assert all(key and one.key for key, one in found.settings.items())
    written_raw(answer)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("60", "60.0", True),
        ("true", "True ", True),
        ("Voltage, SoC", "voltage,soc", True),
        ("Voltage,SoC", "SoC,Voltage", False),
        ("Voltage,", "Voltage", True),
        ("", " ", True),
        ("0", "", False),
        ("NaN", "nan", True),
        ("1e3", "1000", True),
    ],
)
def test_q41_values_are_the_same_however_they_are_written(one: str, other: str, same: bool) -> None:
    assert same_value(one, other) is same

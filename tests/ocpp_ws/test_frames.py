"""Frames: what chargers send, and what nobody should."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_ws import frames
from ocpp_ws.frames import Answer, Call, Failure, Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=20,
)


def call(raw: bytes) -> Call:
    frame = frames.parse(raw)
    assert isinstance(frame, Call), frame
    return frame


def refused(raw: bytes) -> list[object]:
    frame = frames.parse(raw)
    assert isinstance(frame, Unreadable)
    assert frame.reply is not None
    found: list[object] = json.loads(frame.reply)
    return found


@pytest.mark.parametrize(
    ("raw", "payload"),
    [
        (b'[2,"1","Heartbeat",{}]', {}),
        (b'[2,"1","Heartbeat",null]', {}),  # null instead of an empty object
        (b'[2,"1","Heartbeat"]', {}),
        (b'["2","1","Heartbeat",{}]', {}),
        (b' \n[2,\n  "1",\r\n\t"Heartbeat",{"a":\n1}]\n', {"a": 1}),  # over several lines
        (b'\xef\xbb\xbf[2,"1","Heartbeat",{}]', {}),  # with a byte order mark
        (b'[2,"1","Heartbeat",{"a":"\xff\xfe"}]', {"a": "\ufffd\ufffd"}),  # not UTF-8
        (b'[2,"1","Heartbeat",{"a":"x\x01\x1fy"}]', {"a": "x\x01\x1fy"}),  # control bytes
        (b'[2,"1","Heartbeat",{"a":"x\\u0000y"}]', {"a": "xy"}),  # NUL, which no database takes
        (b'[2,"1","Heartbeat",{"a":"\\ud800"}]', {"a": "?"}),  # half of a surrogate pair
        (b'[2,"1","Heartbeat",{}]\x00', {}),  # the end of a C string
    ],
)
def test_q23_odd_but_readable_calls_are_calls(raw: bytes, payload: dict[str, object]) -> None:
    found = call(raw)
    assert (found.id, found.action, found.payload) == ("1", "Heartbeat", payload)


def test_an_id_is_echoed_as_it_came() -> None:
    assert call(b'[2,17,"Heartbeat",{}]').id == 17
    assert json.loads(frames.answer(17, {})) == [3, 17, {}]


@pytest.mark.parametrize(
    "raw",
    [b'[2,"id-1","Heartbeat",{', b'[2,"id-1","Hea', b'[2 , "id-1" , "X",{"a":}]', b'[2,"id-1","X",{"a":"\n}'],
)
def test_q24_broken_json_is_refused_when_its_id_can_be_read(raw: bytes) -> None:
    assert refused(raw) == [4, "id-1", "FormationViolation", "the message is not valid JSON", {}]


@pytest.mark.parametrize("raw", [b'[2,"7","X",[1]]', b'[2,"7","X","text"]', b'[2,"7","X",5]'])
def test_a_payload_that_is_no_object_is_refused(raw: bytes) -> None:
    assert refused(raw) == [4, "7", "FormationViolation", "the payload is not an object", {}]


@pytest.mark.parametrize("raw", [b'[2,"7"]', b'[2,"7",null,{}]', b'[2,"7",5,{}]', b'[2,"7","",{}]'])
def test_a_call_without_an_action_is_refused(raw: bytes) -> None:
    assert refused(raw)[:3] == [4, "7", "FormationViolation"]


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"{}", b"[]", b"[9]", b"[2]", b'[2,null,"X",{}]', b"[2,[],{}]", b"\xff"]
)
def test_what_has_no_id_gets_no_answer(raw: bytes) -> None:
    frame = frames.parse(raw)
    assert isinstance(frame, Unreadable)
    assert frame.reply is None


def test_answers_and_failures_are_read_with_missing_parts() -> None:
    answer = frames.parse(b'[3,"a",{"status":"Accepted"}]')
    assert isinstance(answer, Answer)
    assert (answer.id, answer.payload) == ("a", {"status": "Accepted"})
    empty = frames.parse(b'[3,"a"]')
    assert isinstance(empty, Answer)
    assert empty.payload == {}
    failure = frames.parse(b'[4,"a","NotSupported"]')
    assert isinstance(failure, Failure)
    assert (failure.id, failure.code, failure.text) == ("a", "NotSupported", "")


def test_deep_nesting_ends_nothing() -> None:
    assert isinstance(frames.parse(b"[" * 100_000), Unreadable)
    assert isinstance(frames.parse(b'[2,"1","X",{"a":' + b"[" * 50_000), Unreadable)


@given(raw=st.binary(max_size=500))
def test_any_bytes_are_one_of_four_things(raw: bytes) -> None:
    assert isinstance(frames.parse(raw), Call | Answer | Failure | Unreadable)


@given(value=JSON)
def test_any_json_is_one_of_four_things(value: object) -> None:
    assert isinstance(frames.parse(json.dumps(value).encode()), Call | Answer | Failure | Unreadable)


@given(kind=st.sampled_from([2, "2", 3, 4]), rest=st.lists(JSON, max_size=5))
def test_any_near_frame_is_read_and_its_answer_is_good_json(kind: object, rest: list[object]) -> None:
    frame = frames.parse(json.dumps([kind, *rest]).encode())
    if isinstance(frame, Unreadable) and frame.reply is not None:
        assert orjson.loads(frame.reply)[0] == 4
    if isinstance(frame, Call):
        assert orjson.loads(frames.answer(frame.id, {}))[0] == 3

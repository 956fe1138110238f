"""Framing: what RFC 6455 wants of a server, and what no bytes may do to it."""

import os
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.websocket import (
    BINARY,
    CLOSE,
    LARGEST_MESSAGE,
    PING,
    PONG,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    FrameReader,
    ProtocolError,
    close_answer,
    close_frame,
    frame,
)
from tests.wire import masked


def read(*chunks: bytes, largest: int = LARGEST_MESSAGE) -> list[tuple[int, bytes]]:
    reader = FrameReader(largest)
    return [message for chunk in chunks for message in reader.feed(chunk)]


def test_a_text_comes_out_unmasked() -> None:
    assert read(masked(b'[2,"1","Heartbeat",{}]')) == [(TEXT, b'[2,"1","Heartbeat",{}]')]


def test_several_frames_in_one_read_come_out_in_order() -> None:
    data = masked(b"one") + masked(b"p", PING) + masked(b"two", BINARY)
    assert read(data) == [(TEXT, b"one"), (PING, b"p"), (BINARY, b"two")]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, LARGEST_MESSAGE])
def test_every_length_of_length_is_understood(size: int) -> None:
    payload = os.urandom(size)
    assert read(masked(payload)) == [(TEXT, payload)]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_our_own_frames_are_unmasked_and_have_the_shortest_length(size: int) -> None:
    sent = frame(b"x" * size)
    head = {0: 2, 125: 2, 126: 4, 65_535: 4, 65_536: 10}[size]
    assert (sent[0], len(sent), sent[1] & 0x80) == (0x81, head + size, 0)


def test_a_message_in_fragments_is_put_together_around_a_ping() -> None:
    data = masked(b"ab", final=False) + masked(b"!", PING) + masked(b"cd", 0, final=False) + masked(b"ef", 0)
    assert read(data) == [(PING, b"!"), (TEXT, b"abcdef")]


def test_a_frame_may_arrive_byte_by_byte() -> None:
    data = masked(b"x" * 300) + masked(b"y", PONG)
    assert read(*(bytes((byte,)) for byte in data)) == [(TEXT, b"x" * 300), (PONG, b"y")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x01x", PROTOCOL_ERROR),  # not masked
        (b"\xc1" + masked(b"x")[1:], PROTOCOL_ERROR),  # compression was never agreed to
        (masked(b"x", 3), PROTOCOL_ERROR),
        (masked(b"x", 0xB), PROTOCOL_ERROR),
        (masked(b"x", 0), PROTOCOL_ERROR),  # nothing to continue
        (masked(b"x", final=False) + masked(b"y"), PROTOCOL_ERROR),  # a new message inside of another
        (masked(b"x", PING, final=False), PROTOCOL_ERROR),
        (masked(b"x" * 126, PING), PROTOCOL_ERROR),
        (b"\x81\xff" + (LARGEST_MESSAGE + 1).to_bytes(8, "big"), TOO_BIG),
        (masked(b"x" * 600, final=False) + masked(b"y" * 500, 0), TOO_BIG),
    ],
)
def test_broken_rules_end_the_connection_with_the_right_code(data: bytes, code: int) -> None:
    with pytest.raises(ProtocolError) as broken:
        read(data, largest=1000 if code == TOO_BIG and data[1] != 0xFF else LARGEST_MESSAGE)
    assert broken.value.code == code


def test_messages_before_a_broken_frame_still_count() -> None:
    reader, seen = FrameReader(), []
    with pytest.raises(ProtocolError):
        for message in reader.feed(masked(b"good") + b"\x81\x01x"):
            seen.append(message)  # what came before the error is the point
    assert seen == [(TEXT, b"good")]


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        (b"", b"\x88\x00"),
        ((1000).to_bytes(2, "big") + b"bye", b"\x88\x02\x03\xe8"),
        ((4001).to_bytes(2, "big"), b"\x88\x02\x0f\xa1"),
        ((1005).to_bytes(2, "big"), b"\x88\x02\x03\xea"),  # may never be sent: protocol error
        (b"\x03", b"\x88\x02\x03\xea"),
    ],
)
def test_a_goodbye_is_answered_with_a_code_that_may_be_sent(payload: bytes, answer: bytes) -> None:
    assert close_answer(payload) == answer


def test_a_long_reason_is_cut_between_characters() -> None:
    sent = close_frame(1000, "ü" * 100)
    assert sent[1] == len(sent) - 2 <= 125
    sent[4:].decode()


@given(payload=st.binary(max_size=2000), mask=st.binary(min_size=4, max_size=4), cuts=st.lists(st.integers(0, 2100)))
def test_any_payload_survives_any_mask_and_any_cutting(payload: bytes, mask: bytes, cuts: list[int]) -> None:
    data = masked(payload, mask=mask)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(edges)]
    assert read(*chunks) == [(TEXT, payload)]


@given(data=st.binary(max_size=300))
def test_no_bytes_do_more_than_end_their_own_connection(data: bytes) -> None:
    with suppress(ProtocolError):
        for opcode, payload in FrameReader().feed(data):
            assert opcode in (TEXT, BINARY, CLOSE, PING, PONG)
            assert len(payload) <= len(data)

"""Lines of the log: their shape, their ids, and the secrets that are not in them."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from kit import log


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    structlog.contextvars.clear_contextvars()  # requests of other tests leave their number
    before = structlog.get_config()
    handlers = logging.getLogger().handlers[:]
    stream = io.StringIO()
    log.configure("json", "info", stream)
    yield stream
    structlog.configure(**before)
    logging.getLogger().handlers[:] = handlers


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_fields(stream: io.StringIO) -> None:
    structlog.get_logger().info("session_ended", energy_wh=11_000)
    [line] = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "session_ended", "level": "info", "energy_wh": 11_000}


def test_ids_of_the_context_stand_in_every_line_and_only_inside(stream: io.StringIO) -> None:
    with log.context(request_id="r1"), log.context(job="issue_invoices"):
        structlog.get_logger().info("inside")
        logging.getLogger("some.library").warning("also %s", "inside")
    structlog.get_logger().info("outside")
    first, second, third = lines(stream)
    assert (first["request_id"], first["job"]) == ("r1", "issue_invoices")
    assert (second["request_id"], second["event"], second["logger"]) == ("r1", "also inside", "some.library")
    assert "request_id" not in third


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "hunter22"},
        {"new_password": "hunter22"},
        {"api_token": "hunter22"},
        {"key": "hunter22"},
        {"encryption_keys": ["hunter22"]},
        {"headers": {"Authorization": "hunter22", "Cookie": "hunter22"}},
        {"payload": {"key": "AuthorizationKey", "value": "hunter22"}},
        {"payload": {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": "hunter22"}]}},
        {"frame": '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter22"}]'},
        {"url": "postgresql://someone:hunter22@db/name"},
        {"header": "Bearer hunter22"},
        {"answer": "no such key sk_live_hunter22"},
    ],
)
def test_a_secret_never_reaches_the_log(stream: io.StringIO, fields: dict[str, Any]) -> None:
    structlog.get_logger().info("something", **fields)
    text = stream.getvalue()
    assert "hunter22" not in text
    assert "***" in text


def test_a_secret_in_an_exception_is_masked_too(stream: io.StringIO) -> None:
    try:
        raise ConnectionError("cannot reach redis://:hunter22@cache:6379/0")
    except ConnectionError:
        structlog.get_logger().exception("bus_down")
    [line] = lines(stream)
    assert "ConnectionError: cannot reach redis://:***@cache:6379/0" in line["exception"]


def test_what_looks_alike_but_is_no_secret_stays(stream: io.StringIO) -> None:
    structlog.get_logger().info("seen", station="CH*ABC", url="https://charge.example.com/q/12:30@home", power_w=11_000)
    [line] = lines(stream)
    assert (line["station"], line["url"]) == ("CH*ABC", "https://charge.example.com/q/12:30@home")


def test_lines_below_the_level_are_left_out(stream: io.StringIO) -> None:
    log.configure("json", "warning", stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_the_console_shows_the_same_without_json(stream: io.StringIO) -> None:
    log.configure("console", "info", stream)
    structlog.get_logger().info("session_ended", energy_wh=11_000, token="hunter22")
    text = stream.getvalue()
    assert "session_ended" in text
    assert "energy_wh=11000" in text
    assert "token=***" in text

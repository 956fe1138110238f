"""Structured logs: one line per event, readable on a console or as JSON, and never a secret in it.

Write with `structlog.get_logger().info("session_ended", session_id=...)`: the event is a short fixed name, everything
that varies is a field. What was bound by `context()` (request, job, station) stands in every line below it, also in
those of the libraries, which log through the standard library.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from kit.masking import MASK, is_secret, mask

# gunicorn and huey bring handlers of their own; their lines shall look like ours
_LIBRARIES = ("alembic", "gunicorn.access", "gunicorn.error", "huey", "werkzeug")
# libraries that tell more than anybody asked for
_CHATTY = {"alembic": logging.WARNING, "fontTools": logging.ERROR, "weasyprint": logging.ERROR}

_SECRETS_IN_TEXT = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"/(s|reset|confirm|invitation)/[\w.~%=-]{8,}"), rf"/\1/{MASK}"),  # links of mails and payments
    (re.compile(r"\b((?:sk|rk|whsec)_(?:live_|test_)?)\w{4,}"), rf"\1{MASK}"),  # keys of the payment provider
)


def _without_secrets(text: str) -> str:
    """The text without what stands in the texts of our own libraries, beside what `mask` knows."""
    for pattern, replacement in _SECRETS_IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value


def mask_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what must not be read: fields by their name, nested ones too, and secrets inside of texts."""
    for name, value in event.items():
        if value and (is_secret(name) or name == "key" or name.endswith(("_key", "_keys"))):
            event[name] = MASK
        else:
            event[name] = _masked(mask(value))
    return event


def configure(style: str = "console", level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs of this process to `stream` (standard error); `style` is console or json. May be called again."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Processor = structlog.processors.JSONRenderer(sort_keys=False, default=str)
    if style == "console":
        render = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=24
        )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask_secrets,
            render,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=least, force=True)
    adopt_libraries()
    for name, loudness in _CHATTY.items():
        logging.getLogger(name).setLevel(max(least, loudness))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def adopt_libraries() -> None:
    """Let libraries that bring handlers of their own log like everybody else; again after they set theirs up."""
    for name in _LIBRARIES:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


@contextmanager
def context(**ids: object) -> Iterator[None]:
    """Put these fields (request_id, job, station, ...) into every line logged inside the block."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield

"""What is the same in every test is worked out once per process: compiled templates, rules and statements.

Each test has an application and an engine of its own. A program makes one of each and keeps what it compiled; so do the
tests, one after the other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, create_engine, event
from werkzeug.routing import Rule

from kit import db


class Templates(BytecodeCache):
    """Templates as they were compiled, by their name and text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what an earlier application compiled."""
        if kept := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for later ones."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def builders(compile_builder: Callable[[Rule, bool], Any]) -> Callable[[Rule, bool], Any]:
    """The functions that werkzeug writes to build addresses; they know nothing but the text of the rule."""
    kept: dict[tuple[object, ...], Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return compiled


class Engines:
    """Engines that share a dialect, and so the statements it compiled; one of each kind that has met its database."""

    def __init__(self) -> None:
        self._kept: dict[str, Engine] = {}

    def create(self, url: str, **options: Any) -> Engine:
        """In place of SQLAlchemy's `create_engine`."""
        made = create_engine(url, query_cache_size=5000, **options)
        if kept := self._kept.get(made.name):
            made.dialect = made.pool._dialect = kept.dialect
            made._compiled_cache = kept._compiled_cache
        else:
            event.listen(made, "engine_connect", lambda *_: self._kept.setdefault(made.name, made))
        return made


def plain_log() -> None:
    """Let an error stand in the output without frames, colours and all variables, whose drawing takes 100 ms."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


@contextmanager
def shared() -> Iterator[None]:
    """Let the tests share it."""
    plain_log()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", Templates())
        patch.setattr(Rule, "_compile_builder", builders(Rule._compile_builder))
        patch.setattr(db, "create_engine", Engines().create)
        yield

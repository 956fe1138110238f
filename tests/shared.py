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

from kit import engines


class Templates(BytecodeCache):
    """Templates as they were compiled, by their name and text."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what an earlier application compiled."""
        if compiled := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for later ones."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def compiled_once(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Addresses of an application as an earlier one compiled them; a rule knows nothing but its own text."""
    compiled: dict[tuple[object, ...], dict[str, Any]] = {}

    def compile_or_copy(rule: Rule) -> None:
        key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), rule.merge_slashes
        if key not in compiled:
            compile_rule(rule)
            compiled[key] = {name: getattr(rule, name) for name in COMPILED}
        built: tuple[Any, Any] = compiled[key]["_build"], compiled[key]["_build_unknown"]
        vars(rule).update(compiled[key])
        rule._build, rule._build_unknown = (one.__func__.__get__(rule) for one in built)

    return compile_or_copy


COMPILED = ("_parts", "_trace", "_converters", "arguments", "_build", "_build_unknown")


class Engines:
    """Engines that share a dialect, and so the statements it compiled; one of each kind that has met its database."""

    def __init__(self) -> None:
        self._kept: dict[str, Engine] = {}

    def create(self, url: str, **options: Any) -> Engine:
        """In place of SQLAlchemy's `create_engine`."""
        made = create_engine(url, query_cache_size=5000, **options)
        if first := self._kept.get(made.name):
            made.dialect = made.pool._dialect = first.dialect
            made._compiled_cache = first._compiled_cache
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
        patch.setattr(Rule, "compile", compiled_once(Rule.compile))
        patch.setattr(engines, "create_engine", Engines().create)
        yield

"""What closing does by the clock."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar

import structlog

from accounts.access import SYSTEM
from closures import exporting, queries, use_cases
from kit.worker import Job

log = structlog.get_logger()
T = TypeVar("T")


def close_due() -> None:
    """Accounts whose day has come."""
    _each(queries.due_closures(SYSTEM), lambda one: use_cases.close_account(SYSTEM, one), "closures.close_failed")


def erase_due() -> None:
    """What was kept for the law, and has been for long enough."""
    _each(queries.due_erasures(SYSTEM), lambda one: use_cases.erase_kept(SYSTEM, one), "closures.erase_failed")


def write_exports() -> None:
    """Copies that owners wait for, one after another."""
    while (export_id := use_cases.begin_export(SYSTEM)) is not None:
        exporting.write(export_id)


def forget_exports() -> None:
    """Copies whose time is over."""
    _each(queries.due_exports(SYSTEM), lambda one: use_cases.forget_export(SYSTEM, one), "closures.forget_failed")


def _each(ids: Iterable[T], deed: Callable[[T], object], said: str) -> None:
    """One that fails does not keep the others waiting."""
    for one in ids:
        try:
            deed(one)
        except Exception:
            log.exception(said, id=str(one))


JOBS = [
    Job("closures.close_due", timedelta(minutes=1), close_due),
    Job("closures.erase_due", timedelta(hours=6), erase_due),
    Job("closures.write_exports", timedelta(seconds=5), write_exports),
    Job("closures.forget_exports", timedelta(minutes=10), forget_exports),
]

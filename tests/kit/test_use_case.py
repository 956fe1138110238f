"""A door is one deed in one transaction, and asks for a right first."""

from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from accounts.access import SYSTEM, Actor, public
from accounts.models import Account
from accounts.values import AccountKind
from kit import clock, db
from kit.audit import AuditLine
from kit.errors import Invalid
from kit.events import Event, OutboxRow, record
from kit.use_case import RightsNotChecked, query, use_case

pytestmark = pytest.mark.usefixtures("database")


@dataclass(frozen=True)
class HouseBuilt(Event):
    """A house stands (only in this test)."""

    name: str


def _add(name: str) -> None:
    db.session().add(Account(kind=AccountKind.MASTER, name=name, created_at=clock.now()))


@use_case
def build(actor: Actor, name: str, *, password: str = "") -> str:
    """Build a house."""
    public("a test")
    _add(name)
    record(HouseBuilt(name=name))
    return name


@use_case
def build_two(actor: Actor, first: str, second: str) -> None:
    """Build two houses or none."""
    public("a test")
    build(actor, first)
    build(actor, second)
    if second == "bad":
        raise Invalid(name="bad")


@use_case
def forget_to_ask(actor: Actor) -> None:
    """Do something without asking for a right."""
    _add("never")


@query
def count_houses(actor: Actor) -> int:
    """How many houses stand."""
    public("a test")
    return db.session().scalar(select(func.count()).select_from(Account)) or 0


@query
def sneaky(actor: Actor) -> None:
    """Try to write from a query."""
    public("a test")
    build(actor, "sneaky")


def _rows(model: type[db.Base]) -> int:
    with db.transaction(writing=False) as unit:
        return unit.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_deed_commits_its_rows_its_event_and_its_audit_line_together() -> None:
    assert build(SYSTEM, "oak", password="hunter2") == "oak"
    assert (count_houses(SYSTEM), _rows(OutboxRow), _rows(AuditLine)) == (1, 1, 1)
    with db.transaction(writing=False) as unit:
        line = unit.session.scalars(select(AuditLine)).one()
    assert line.actor == "system"
    assert line.door.endswith(".build")
    assert line.arguments == {"name": "oak", "password": "***"}


def test_a_refusal_rolls_back_everything_of_the_outer_deed() -> None:
    with pytest.raises(Invalid):
        build_two(SYSTEM, "good", "bad")
    assert (count_houses(SYSTEM), _rows(OutboxRow), _rows(AuditLine)) == (0, 0, 0)


def test_inner_deeds_join_the_outer_transaction_and_leave_a_line_each() -> None:
    build_two(SYSTEM, "one", "two")
    assert (count_houses(SYSTEM), _rows(OutboxRow), _rows(AuditLine)) == (2, 2, 3)


def test_a_door_that_never_asked_for_a_right_changes_nothing() -> None:
    with pytest.raises(RightsNotChecked):
        forget_to_ask(SYSTEM)
    assert count_houses(SYSTEM) == 0


def test_a_query_refuses_to_contain_a_use_case() -> None:
    with pytest.raises(AssertionError, match="only reads"):
        sneaky(SYSTEM)
    assert count_houses(SYSTEM) == 0


def test_what_happens_after_the_commit_does_not_happen_after_a_rollback() -> None:
    heard: list[str] = []
    with db.transaction(writing=True) as unit:
        unit.after_commit(lambda: heard.append("committed"))
    with pytest.raises(ZeroDivisionError), db.transaction(writing=True) as unit:
        unit.after_commit(lambda: heard.append("rolled back"))
        _ = 1 // 0
    assert heard == ["committed"]


class DeadlockDetected(Exception):
    """What the driver raises when PostgreSQL gave way to another transaction."""

    sqlstate = "40P01"


tries: list[str] = []


@use_case
def race(actor: Actor, name: str) -> None:
    """Lose the first race."""
    public("a test")
    _add(name)
    tries.append(name)
    if len(tries) == 1:
        raise OperationalError("SELECT 1", {}, DeadlockDetected())


def test_a_deed_that_lost_a_race_in_the_database_is_done_once_more() -> None:
    tries.clear()
    race(SYSTEM, "again")
    assert (len(tries), count_houses(SYSTEM), _rows(AuditLine)) == (2, 1, 1)


def test_what_fails_after_the_commit_does_not_undo_the_deed() -> None:
    with db.transaction(writing=True) as unit:
        _add("stays")
        unit.after_commit(lambda: [].pop())
        unit.after_commit(lambda: tries.append("and the next one runs"))
    assert count_houses(SYSTEM) == 1
    assert tries[-1] == "and the next one runs"

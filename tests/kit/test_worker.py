"""Events reach their reactions after the commit, in spite of failures and of two carriers."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from accounts.access import SYSTEM, Actor, public
from kit import clock, db, worker
from kit.events import Event, OutboxRow, record
from kit.ids import new_id
from kit.use_case import use_case

pytestmark = pytest.mark.usefixtures("database")
PATIENCE_S = 15.0


@dataclass(frozen=True)
class BellRang(Event):
    """A bell rang (only in this test)."""

    bell_id: UUID
    at: datetime
    loudness: Decimal
    by: str | None


heard: list[BellRang] = []


@use_case
def ring(actor: Actor, times: int = 1) -> None:
    """Ring the bell."""
    public("a test")
    for _ in range(times):
        record(BellRang(bell_id=new_id(), at=clock.now(), loudness=Decimal("1.50"), by=None))


@pytest.fixture(autouse=True)
def _bound() -> Iterator[None]:
    heard.clear()
    worker.bind([{BellRang: [heard.append]}], [])
    yield
    worker.bind([], [])


def test_an_event_arrives_as_it_was_recorded_and_only_once() -> None:
    ring(SYSTEM)
    assert heard == []
    assert worker.drain() == 1
    assert worker.drain() == 0
    (event,) = heard
    assert event.loudness == Decimal("1.50")
    assert event.at.tzinfo is UTC
    assert isinstance(event.bell_id, UUID)


def test_a_failed_reaction_is_tried_again_later_and_its_error_is_kept() -> None:
    def fail_once(event: BellRang) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise RuntimeError("the rope tore")

    worker.bind([{BellRang: [fail_once]}], [])
    ring(SYSTEM)
    assert worker.drain() == 1
    with db.transaction(writing=False) as unit:
        row = unit.session.scalars(select(OutboxRow)).one()
    assert (row.done_at, row.attempts, row.error) == (None, 1, "RuntimeError: the rope tore")
    assert worker.drain() == 0, "not before its pause is over"
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        assert worker.drain() == 1
    assert len(heard) == 2


def test_events_that_no_reaction_picks_are_finished_together_and_the_others_one_by_one() -> None:
    asked: list[int] = []

    def third(events: Sequence[BellRang]) -> list[BellRang]:
        asked.append(len(events))
        return [events[2]]

    worker.bind([{BellRang: [worker.Picky(heard.append, third)]}], [])
    ring(SYSTEM, 5)
    assert worker.sift() == 4
    assert (asked, heard) == ([5], [])
    assert [worker.carry(row) for row in worker.due()] == [True]
    assert len(heard) == 1
    assert worker.due() == []


def test_what_was_recorded_while_the_sieve_was_at_work_waits_for_the_next_look() -> None:
    """A busy gateway records all the time: each would be carried alone although nobody needs it."""

    def busy(_events: Sequence[BellRang]) -> list[BellRang]:
        if len(rung) < 3:
            rung.append(ring(SYSTEM))
        return []

    rung: list[object] = []
    worker.bind([{BellRang: [worker.Picky(heard.append, busy)]}], [])
    ring(SYSTEM)
    assert worker.to_carry() == []
    assert len(worker.due()) == 1, "rung meanwhile"
    while worker.due():
        assert worker.to_carry() == []
    assert (len(rung), heard) == (3, [])


def test_events_are_carried_where_nobody_can_tell_which_are_needed() -> None:
    def break_down(_events: Sequence[BellRang]) -> list[BellRang]:
        raise RuntimeError("the sieve tore")

    worker.bind([{BellRang: [worker.Picky(heard.append, break_down)]}], [])
    ring(SYSTEM, 2)
    assert worker.sift() == 0
    assert worker.drain() == 2
    assert len(heard) == 2


def test_two_carriers_never_both_run_one_event() -> None:
    ring(SYSTEM, 40)
    rows = worker.due()
    carried: list[bool] = []
    threads = [threading.Thread(target=lambda: carried.extend([worker.carry(row) for row in rows])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert carried.count(True) == 40
    assert len(heard) == 40


def test_the_embedded_worker_hears_a_commit_within_half_a_second() -> None:
    arrived = threading.Event()
    worker.bind([{BellRang: [lambda _: arrived.set()]}], [])
    embedded = worker.Worker(threads=2)
    embedded.start()
    try:
        ring(SYSTEM)
        assert arrived.wait(2)
    finally:
        embedded.stop()


def test_quick_jobs_run_while_slow_ones_take_every_thread() -> None:
    ran, free, stuck = threading.Semaphore(0), threading.Event(), threading.Barrier(3)

    def wait_for_a_provider() -> None:
        stuck.wait(PATIENCE_S)
        free.wait(60)

    slow = [worker.Job(f"slow {number}", timedelta(days=1), wait_for_a_provider) for number in (1, 2)]
    more = worker.Job("waits for a thread", timedelta(days=1), wait_for_a_provider)
    quick = worker.Job("quick", timedelta(milliseconds=100), lambda: ran.release(), quick=True)
    worker.bind([], [*slow, more, quick])
    embedded = worker.Worker(threads=2)
    embedded.start()
    try:
        stuck.wait(PATIENCE_S)
        for _ in range(4):
            assert ran.acquire(timeout=PATIENCE_S)
    finally:
        stuck.abort()
        free.set()
        embedded.stop()


def test_a_job_runs_by_the_clock() -> None:
    ran = threading.Semaphore(0)

    def tick() -> None:
        ran.release()

    worker.bind([], [worker.Job("tick", timedelta(milliseconds=100), tick)])
    embedded = worker.Worker(threads=1)
    embedded.start()
    try:
        assert ran.acquire(timeout=PATIENCE_S)
        assert ran.acquire(timeout=PATIENCE_S), "and again"
    finally:
        embedded.stop()

"""Group commit: in order, in batches, on disk before settled, and only the guilty one fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from kit import db
from kit.group_commit import GroupCommit, Outcome, Writers
from kit.ids import new_id

PATIENCE_S = 10.0


class Insert:
    """Writes one number into the table; `before` may do something else first."""

    def __init__(self, number: int, before: Callable[[], object] = lambda: None) -> None:
        self.number = number
        self.before = before

    def run(self) -> int:
        self.before()
        db.session().execute(text("INSERT INTO numbers (number) VALUES (:number)"), {"number": self.number})
        return self.number * 10


class Settled:
    """Collects outcomes, and what was on disk at that moment as another connection sees it."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.batches: list[int] = []
        self.on_disk: list[int] = []
        self.changed = threading.Condition()

    def __call__(self, outcomes: list[Outcome]) -> None:
        with db.engine().connect() as connection:
            count = connection.execute(text("SELECT count(*) FROM numbers")).scalar_one()
        with self.changed:
            self.outcomes += outcomes
            self.batches.append(len(outcomes))
            self.on_disk.append(count)
            self.changed.notify_all()

    def wait_for(self, count: int) -> list[Any]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.outcomes) >= count, PATIENCE_S), self.outcomes
            return [outcome for _, outcome in self.outcomes]


@contextmanager
def writer(settled: Settled, **options: Any) -> Iterator[GroupCommit]:
    made = GroupCommit(settled, **options)
    made.start()
    yield made
    made.stop(PATIENCE_S)


@pytest.fixture
def numbers(database: str) -> str:
    with db.transaction(writing=True) as unit:
        unit.session.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
    return database


def stored() -> list[int]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.execute(text("SELECT number FROM numbers ORDER BY number")).scalars())


def test_a_lone_job_is_done_at_once_and_is_on_disk_when_settled(numbers: str) -> None:
    settled = Settled()
    with writer(settled) as queue:
        assert queue.put(Insert(1)) is True
        assert settled.wait_for(1) == [10]
    assert (settled.on_disk, stored()) == ([1], [1])


def test_what_came_during_a_commit_is_done_in_order_in_the_next_one(numbers: str) -> None:
    settled, go = Settled(), threading.Event()
    with writer(settled) as queue:
        queue.put(Insert(1, before=lambda: go.wait(PATIENCE_S)))
        time.sleep(0.05)
        for number in range(2, 102):
            queue.put(Insert(number))
        go.set()
        assert settled.wait_for(101) == [number * 10 for number in range(1, 102)]
    assert settled.batches == [1, 100]
    assert settled.on_disk == [1, 101]


def test_only_the_guilty_job_fails_and_the_rest_of_its_batch_is_stored(numbers: str) -> None:
    settled, go = Settled(), threading.Event()
    with writer(settled) as queue:
        queue.put(Insert(1, before=lambda: go.wait(PATIENCE_S)))
        time.sleep(0.05)
        for number in (2, 3, 1, 4):  # the second 1 breaks the primary key
            queue.put(Insert(number))
        go.set()
        results = settled.wait_for(5)
    assert [result for result in results if not isinstance(result, Exception)] == [10, 20, 30, 40]
    assert isinstance(results[3], Exception)
    assert stored() == [1, 2, 3, 4]


def test_a_rolled_back_batch_leaves_nothing_of_its_first_try(numbers: str) -> None:
    settled, go, runs = Settled(), threading.Event(), []

    def fail() -> None:
        runs.append("failed")
        raise ValueError("guilty")

    with writer(settled) as queue:
        queue.put(Insert(1, before=lambda: go.wait(PATIENCE_S)))
        time.sleep(0.05)
        queue.put(Insert(2, before=lambda: runs.append("good")))
        queue.put(Insert(3, before=fail))
        go.set()
        results = settled.wait_for(3)
    assert results[:2] == [10, 20]
    assert str(results[2]) == "guilty"
    assert (runs, stored()) == (["good", "failed", "good", "failed"], [1, 2])


def test_a_full_queue_takes_the_job_and_says_so(numbers: str) -> None:
    settled, go = Settled(), threading.Event()
    with writer(settled, capacity=3) as queue:
        queue.put(Insert(1, before=lambda: go.wait(PATIENCE_S)))
        time.sleep(0.05)
        assert [queue.put(Insert(number)) for number in range(2, 6)] == [True, True, False, False]
        go.set()
        assert settled.wait_for(5) == [10, 20, 30, 40, 50]


def test_while_the_database_is_away_jobs_wait_and_nothing_is_lost(numbers: str) -> None:
    settled, away = Settled(), threading.Event()
    away.set()

    def prepare(jobs: object) -> None:
        if away.is_set():
            raise OperationalError("SELECT 1", {}, ConnectionError("gone"))

    with writer(settled, prepare=prepare) as queue:
        for number in range(1, 6):
            queue.put(Insert(number))
        time.sleep(0.4)
        assert (settled.outcomes, queue.drain(0.01)) == ([], False)
        away.clear()
        assert settled.wait_for(5) == [10, 20, 30, 40, 50]
    assert stored() == [1, 2, 3, 4, 5]


def test_a_job_that_the_database_never_takes_is_given_up_when_others_are_stored(numbers: str) -> None:
    settled = Settled()

    def poison() -> None:
        raise OperationalError("INSERT", {}, ValueError("index row is too large"))

    with writer(settled) as queue:
        queue.put(Insert(1, before=poison))
        time.sleep(0.2)
        for number in range(2, 6):
            queue.put(Insert(number))
            time.sleep(0.3)
        results = settled.wait_for(5)
    assert sorted(result for result in results if isinstance(result, int)) == [20, 30, 40, 50]
    assert len([result for result in results if isinstance(result, OperationalError)]) == 1
    assert stored() == [2, 3, 4, 5]


def test_a_job_that_finds_no_room_on_disk_waits_and_the_others_behind_it(sqlite_url: str) -> None:
    settled, full = Settled(), threading.Event()
    full.set()

    def room() -> None:
        pages = 1 if full.is_set() else 1_000_000_000  # no fewer than there are already
        db.session().execute(text(f"PRAGMA max_page_count = {pages}"))

    def large() -> None:
        room()
        db.session().execute(text("INSERT INTO texts (text) VALUES (zeroblob(1000000))"))

    db.connect(sqlite_url)
    with db.transaction(writing=True) as unit:
        unit.session.execute(text("CREATE TABLE numbers (number INTEGER PRIMARY KEY)"))
        unit.session.execute(text("CREATE TABLE texts (text)"))
    with writer(settled) as queue:
        queue.put(Insert(1, before=large))
        for number in range(2, 8):
            queue.put(Insert(number))
            time.sleep(0.15)
        assert settled.outcomes == []
        full.clear()
        assert settled.wait_for(7) == [10, 20, 30, 40, 50, 60, 70]
    assert stored() == [1, 2, 3, 4, 5, 6, 7]
    db.disconnect()


def test_stopping_settles_what_was_queued(numbers: str) -> None:
    settled = Settled()
    queue = GroupCommit(settled)
    queue.start()
    for number in range(1, 200):
        queue.put(Insert(number))
    assert queue.stop(PATIENCE_S) is True
    assert len(settled.outcomes) == 199
    assert stored() == list(range(1, 200))


def test_stopping_in_time_ends_behind_the_batch_that_is_written(numbers: str) -> None:
    begun, go_on, settled = threading.Event(), threading.Event(), Settled()

    def hold_up() -> None:
        begun.set()
        go_on.wait(PATIENCE_S)

    queue = GroupCommit(settled, largest_batch=1)
    queue.start()
    queue.put(Insert(1, hold_up))
    queue.put(Insert(2))
    assert begun.wait(PATIENCE_S)
    assert queue.stop(0.05) is False, "it writes on"
    go_on.set()
    assert settled.wait_for(1) == [10]
    assert queue.stop(PATIENCE_S) is True
    assert stored() == [1]


def test_a_settle_that_fails_does_not_end_the_writer(numbers: str) -> None:
    seen: list[Outcome] = []

    def settle(outcomes: list[Outcome]) -> None:
        seen.extend(outcomes)
        if len(seen) == 1:
            raise RuntimeError("a mistake outside of the database")

    queue = GroupCommit(settle)
    queue.start()
    queue.put(Insert(1))
    assert queue.drain(PATIENCE_S)
    queue.put(Insert(2))
    assert queue.stop(PATIENCE_S)
    assert [outcome for _, outcome in seen] == [10, 20]


def test_one_thing_has_one_writer_and_is_written_in_order(numbers: str) -> None:
    """On SQLite, too, where they take turns."""
    settled, things = Settled(), [new_id() for _ in range(20)]
    writers = Writers([GroupCommit(settled) for _ in range(2)])
    writers.start()
    for number in range(1, 401):
        writers.of(things[number % len(things)]).put(Insert(number))
    assert writers.drain(PATIENCE_S)
    assert writers.waiting == 0
    done = [result // 10 for result in settled.wait_for(400)]
    for place in range(len(things)):
        of_one = [number for number in done if number % len(things) == place]
        assert of_one == sorted(of_one)
    assert writers.stop(PATIENCE_S)
    assert stored() == list(range(1, 401))


def test_groups_of_things_are_for_one_writer_each() -> None:
    things = [new_id() for _ in range(50)]
    writers = Writers([GroupCommit(Settled()) for _ in range(2)])
    groups = list(writers.apart(things, 7))
    assert sorted(one for group in groups for one in group) == sorted(things)
    for group in groups:
        assert len({id(writers.of(one)) for one in group}) == 1
        assert len(group) <= 7
    assert list(writers.apart([], 7)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_one_writer_waits_for_the_database_while_another_writes(numbers: str) -> None:
    """The first is held up inside of its transaction, and what is about something else is on disk."""
    settled, go = Settled(), threading.Event()
    writers = Writers([GroupCommit(settled) for _ in range(2)])
    writers.start()
    here, there = UUID(int=0), UUID(int=1)
    writers.of(here).put(Insert(1, before=lambda: go.wait(PATIENCE_S)))
    writers.of(there).put(Insert(2))
    assert settled.wait_for(1) == [20]
    go.set()
    assert writers.stop(PATIENCE_S)
    assert stored() == [1, 2]

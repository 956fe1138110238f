"""Group commit: what arrived while the last commit ran is done in one transaction, in order, and then answered.

Nobody waits for a timer: when the writer is idle a job is done alone and at once; under load the batches grow by
themselves. Nothing is settled before it is on disk. One writer is one thread, so jobs run in the order of `put`. While
the database is away (gone, locked, disk full) jobs wait unanswered: the sender repeats what matters.

Where the database takes several transactions at once, several writers side by side (`Writers`) let one compute while
another waits for it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from kit import db

log = structlog.get_logger()

LARGEST_BATCH = 1000
CAPACITY = 20_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
WRITERS = 2  # one computes while the database is busy for the other; a third gets in their way
STRIKES = 2  # so often may a job fail while others are stored, and the disk has room


class Job(Protocol):
    """One thing to do inside of a transaction; blocking code, and it may be run again after a rollback."""

    def run(self) -> Any:
        """Do it; what it returns is settled after the commit."""


Outcome = tuple[Job, Any]  # the job and what it returned, or the exception that it raised


class GroupCommit:
    """The writer thread and its queue.

    `settle` gets the outcomes of one commit, in order, on the writer thread. `before` sees a batch before its
    transaction, `prepare` inside of it before the first job runs (to load for many at once what each would load alone),
    `conclude` the outcomes inside of it after the last one.
    """

    def __init__(
        self,
        settle: Callable[[list[Outcome]], None],
        prepare: Callable[[Sequence[Job]], None] | None = None,
        conclude: Callable[[list[Outcome]], None] | None = None,
        *,
        before: Callable[[Sequence[Job]], None] | None = None,
        capacity: int = CAPACITY,
        largest_batch: int = LARGEST_BATCH,
    ) -> None:
        self._settle = settle
        self._prepare = prepare
        self._conclude = conclude
        self._before = before
        self._capacity = capacity
        self._largest_batch = largest_batch
        self._queue: deque[Job] = deque()
        self._news = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._suspects: dict[Job, int] = {}
        self._pause_s = FIRST_PAUSE_S
        self._stop_now = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, job: Job) -> bool:
        """Queue a job. False: it was taken, but the queue is full and the sender should pause."""
        self._queue.append(job)
        if not self._news.is_set():
            self._idle.clear()
            self._news.set()
        return len(self._queue) < self._capacity

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        return len(self._queue)

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything queued so far is settled; False when that took too long."""
        return self._idle.wait(timeout_s)

    def stop(self, timeout_s: float) -> bool:
        """Finish what is queued, then end the thread; after that time, behind the batch that it writes.

        What is left then was not answered, and never is. False: it writes on, for as long again.
        """
        if not self._stop_now.is_set():  # who was told before drains nothing any more
            self.drain(timeout_s)
        self._stop_now.set()
        self._news.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            while (self._queue or self._suspects) and not self._stop_now.is_set():
                self._write()
            if self._stop_now.is_set():
                return
            self._idle.set()
            if self._queue:  # put() came between the two lines above
                self._idle.clear()
                self._news.set()

    def _write(self) -> None:
        queue = self._queue
        suspects, self._suspects = self._suspects, {}
        batch = list(suspects)
        batch += [queue.popleft() for _ in range(min(len(queue), self._largest_batch))]
        outcomes, unstored = self._commit(batch)
        for job, error in unstored:
            strikes = suspects.get(job, 0) + (bool(outcomes) and not db.is_away(error))
            if strikes < STRIKES:
                self._suspects[job] = strikes
            else:
                outcomes.append((job, error))
        if outcomes:
            self._pause_s = FIRST_PAUSE_S
            try:
                self._settle(outcomes)
            except Exception:
                log.exception("writer.settle")
        else:
            log.error("writer.database_away", jobs=len(unstored), error=str(unstored[0][1])[:300])
            self._stop_now.wait(self._pause_s)
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)

    def _commit(self, batch: list[Job]) -> tuple[list[Outcome], list[tuple[Job, DBAPIError]]]:
        try:
            return self._in_transaction(batch), []
        except Exception as error:
            log.warning("writer.batch_failed", jobs=len(batch), error=f"{type(error).__name__}: {error}"[:300])
        return self._one_by_one(batch)

    def _in_transaction(self, jobs: list[Job]) -> list[Outcome]:
        if self._before is not None:
            self._before(jobs)
        with db.transaction(writing=True, by_key=True):
            if self._prepare is not None:
                self._prepare(jobs)
            outcomes = [(job, job.run()) for job in jobs]
            if self._conclude is not None:
                self._conclude(outcomes)
        return outcomes

    def _one_by_one(self, batch: list[Job]) -> tuple[list[Outcome], list[tuple[Job, DBAPIError]]]:
        """Each job in a transaction of its own; only the guilty one gets the error.

        The second list: jobs that the database would not store. When it stored others meanwhile, they are suspects;
        when it is away, those behind them are not even tried.
        """
        outcomes: list[Outcome] = []
        unstored: list[tuple[Job, DBAPIError]] = []
        for number, job in enumerate(batch):
            try:
                outcomes += self._in_transaction([job])
            except (OperationalError, InterfaceError) as error:
                if db.is_away(error):
                    unstored += ((waiting, error) for waiting in batch[number:])
                    break
                unstored.append((job, error))
            except Exception as error:
                outcomes.append((job, error))
        return outcomes, unstored


class Writers:
    """Several writers; what is about the same thing is done by the same one, and so in order."""

    def __init__(self, writers: Sequence[GroupCommit]) -> None:
        self._writers = writers

    def of(self, thing: UUID | None) -> GroupCommit:
        """Who writes what is about this thing; of nothing in particular, the first one."""
        return self._writers[0 if thing is None else self._number_of(thing)]

    def apart(self, things: Iterable[UUID], most: int) -> Iterator[list[UUID]]:
        """The things in groups of so many at most, each of them for one writer."""
        for _, some in groupby(sorted(things, key=self._number_of), self._number_of):
            written = list(some)
            yield from (written[first : first + most] for first in range(0, len(written), most))

    def start(self) -> None:
        """Begin to write."""
        for writer in self._writers:
            writer.start()

    @property
    def waiting(self) -> int:
        """How many jobs are queued."""
        return sum(writer.waiting for writer in self._writers)

    def drain(self, timeout_s: float) -> bool:
        """Wait until everything queued so far is settled; False when that took too long."""
        ends = time.monotonic() + timeout_s
        drained = [writer.drain(max(0.0, ends - time.monotonic())) for writer in self._writers]
        return all(drained)

    def stop(self, timeout_s: float) -> bool:
        """End all of them at the same time, as one ends; False: one writes on."""
        with ThreadPoolExecutor(len(self._writers)) as pool:
            return all(list(pool.map(lambda writer: writer.stop(timeout_s), self._writers)))

    def _number_of(self, thing: UUID) -> int:
        return thing.int % len(self._writers)


def side_by_side(make: Callable[[], GroupCommit]) -> Writers:
    """As many writers as the database has use for: SQLite lets only one write."""
    return Writers([make() for _ in range(1 if db.is_sqlite() else WRITERS)])

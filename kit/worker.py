"""What happens after the commit and by the clock: reactions to events, and jobs.

The outbox row is the promise; this only carries it. Embedded: a few threads of this process, woken by the commit. With
Redis: a Huey consumer in a process of its own (`kit.queue`). An event is claimed by a conditional UPDATE, so any number
of carriers may try; a reaction may run twice and must end in a unique key.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select, update

from kit import clock, db, events
from kit.events import Event, OutboxRow

log = structlog.get_logger()

Reaction = Callable[[Any], None]
CLAIM = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=30)
BATCH, SIFTED_AT_ONCE = 50, 500
IDLE_S, GATHER_S = 0.5, 0.02  # what a busy gateway records meanwhile is looked at together
QUICK_TICK_S = 0.1


@dataclass(frozen=True)
class Picky:
    """A reaction that few events of a kind need; `picks` tells which of many, and only reads.

    Thousands of sessions may start at once, and a transaction for each would be felt by everybody.
    """

    react: Reaction
    picks: Callable[[Sequence[Any]], Collection[Any]]

    def __call__(self, event: Any) -> None:
        self.react(event)


@dataclass(frozen=True)
class Job:
    """Something done by the clock, at most every `every`; harmless when done twice.

    `quick`: it never calls anybody outside. Such jobs have a thread of their own, which a slow provider can't take.
    """

    name: str
    every: timedelta
    run: Callable[[], None]
    quick: bool = False


@dataclass
class Work:
    """All reactions and jobs of the program, bound once at start."""

    reactions: Mapping[type[Event], Sequence[Reaction]]
    jobs: Sequence[Job]


_work = Work({}, [])
_sifting = threading.Lock()


def bind(reactions: Sequence[Mapping[type[Event], Sequence[Reaction]]], jobs: Sequence[Job]) -> None:
    """Tell the worker what to do; called once by `wsgi.py` (and by tests)."""
    merged: dict[type[Event], list[Reaction]] = {}
    for table in reactions:
        for event, functions in table.items():
            merged.setdefault(event, []).extend(functions)
    _work.reactions, _work.jobs = merged, list(jobs)


def due(limit: int = BATCH, *, sifted_at: datetime | None = None) -> list[UUID]:
    """Events that nobody is carrying, oldest first; without those that `sift` may finish and did not see by then."""
    waiting = select(OutboxRow.id).where(*_free(clock.now())).order_by(OutboxRow.recorded_at).limit(limit)
    if sifted_at is not None:
        waiting = waiting.where((OutboxRow.recorded_at < sifted_at) | OutboxRow.kind.not_in(_sifted_kinds()))
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(waiting))


def to_carry() -> list[UUID]:
    """Finish what needs nobody, however much it is; then what is to be carried one by one."""
    while True:
        began = clock.now()
        if sift() < SIFTED_AT_ONCE:
            return due(sifted_at=began)


def sift() -> int:
    """Finish the due events that no reaction picks, many at once; how many. The others wait to be carried."""
    if not _sifting.acquire(blocking=False):
        return 0
    try:
        now = clock.now()
        waiting = select(OutboxRow.id, OutboxRow.kind, OutboxRow.payload).where(
            *_free(now), OutboxRow.kind.in_(_sifted_kinds())
        )
        with db.transaction(writing=False) as unit:
            rows = unit.session.execute(waiting.order_by(OutboxRow.recorded_at).limit(SIFTED_AT_ONCE)).all()
        done = [row_id for kind in {row.kind for row in rows} for row_id in _unwanted(kind, rows)]
        if done:
            finish = update(OutboxRow).where(OutboxRow.id.in_(done), *_free(now)).values(done_at=now)
            with db.transaction(writing=True) as unit:
                unit.session.execute(finish, execution_options={"synchronize_session": False})
        return len(done)
    finally:
        _sifting.release()


def _sifted_kinds() -> list[str]:
    """Kinds of events that may need nobody."""
    reactions = _work.reactions
    return [
        name for name, kind in Event.kinds.items() if all(isinstance(one, Picky) for one in reactions.get(kind, ()))
    ]


def _unwanted(kind: str, rows: Sequence[Any]) -> list[UUID]:
    """Those of a kind that none of its reactions picks; none where that can't be told."""
    mine = [row for row in rows if row.kind == kind]
    event_type = Event.kinds[kind]
    reactions = [one for one in _work.reactions.get(event_type, ()) if isinstance(one, Picky)]
    if not reactions:
        return [row.id for row in mine]
    try:
        told = [event_type.from_payload(row.payload) for row in mine]
        wanted = {event for one in reactions for event in one.picks(told)}
    except Exception:
        log.exception("event.not_sifted", kind=kind)
        return []
    return [row.id for row, event in zip(mine, told, strict=True) if event not in wanted]


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """For a WHERE: due, and in nobody's hands."""
    unclaimed = OutboxRow.claimed_until.is_(None) | (OutboxRow.claimed_until < now)
    return OutboxRow.done_at.is_(None), OutboxRow.due_at <= now, unclaimed


def carry(row_id: UUID) -> bool:
    """Claim one event and run its reactions; False when somebody else has it. Failures are tried again, ever later."""
    claimed = _claim(row_id)
    if claimed is None:
        return False
    kind, payload, attempts = claimed
    started = time.perf_counter()
    error: str | None = None
    try:
        event_type = Event.kinds[kind]
        event = event_type.from_payload(payload)
        for react in _work.reactions.get(event_type, ()):
            react(event)
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
        log.exception("event.failed", event_id=str(row_id), kind=kind, attempts=attempts)
    _settle(row_id, error, attempts)
    elapsed = (time.perf_counter() - started) * 1000
    log.info("event", kind=kind, event_id=str(row_id), ms=round(elapsed, 1), ok=not error)
    return True


def drain() -> int:
    """Run every due event, and those they cause, in this thread; how many. For tests, stories and demo data."""
    count = sift()
    while rows := due():
        count += sum(carry(row) for row in rows) + sift()
    return count


def run_jobs() -> None:
    """Run every job once, now. For tests and stories."""
    for job in _work.jobs:
        job.run()


def jobs() -> Sequence[Job]:
    """The jobs of the program, for a carrier of another kind (`kit.queue`)."""
    return _work.jobs


def run_job(name: str) -> None:
    """Run one job by its name, note how long it took; a failure is logged and waits for the next turn."""
    job = next(job for job in _work.jobs if job.name == name)
    started = time.perf_counter()
    try:
        job.run()
    except Exception:
        log.exception("job.failed", job=job.name)
    elapsed = (time.perf_counter() - started) * 1000
    log.log(20 if elapsed > 100 else 10, "job", job=job.name, ms=round(elapsed, 1))


def _claim(row_id: UUID) -> tuple[str, dict[str, Any], int] | None:
    now = clock.now()
    take = (
        update(OutboxRow)
        .where(OutboxRow.id == row_id, *_free(now))
        .values(claimed_until=now + CLAIM, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.kind, OutboxRow.payload, OutboxRow.attempts)
    )
    with db.transaction(writing=True) as unit:
        row = unit.session.execute(take).one_or_none()
        return None if row is None else (row.kind, row.payload, row.attempts)


def _settle(row_id: UUID, error: str | None, attempts: int) -> None:
    now = clock.now()
    pause = min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
    values: dict[str, Any] = {"claimed_until": None, "error": error}
    values |= {"done_at": now} if error is None else {"due_at": now + pause}
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(values))


def release_claims() -> None:
    """Forget the claims of a process that died: right only where this process is the only worker (embedded)."""
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(OutboxRow).where(OutboxRow.done_at.is_(None)).values(claimed_until=None))


class Worker:
    """The embedded carrier: one thread that looks for work, a small pool that does it, one thread for quick jobs."""

    def __init__(self, threads: int = 4) -> None:
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._slots = threading.Semaphore(threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._next_run: dict[str, datetime] = {}
        self._running: set[str] = set()
        self._thread = threading.Thread(target=self._loop, name="worker", daemon=True)
        self._quick = threading.Thread(target=self._quick_loop, name="worker-quick", daemon=True)

    def start(self) -> None:
        """Take over what an earlier process left, then work until `stop`."""
        release_claims()
        events.on_recorded(self._news.set)
        self._thread.start()
        self._quick.start()

    def stop(self) -> None:
        """Finish what runs, take nothing new."""
        self._stopping.set()
        self._news.set()
        self._thread.join(5)
        self._quick.join(5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            if self._news.wait(IDLE_S):
                self._stopping.wait(GATHER_S)
            self._news.clear()
            try:
                self._start_jobs()
                rows = to_carry()
                for row in rows:
                    self._submit(row)
                if rows:
                    self._news.set()  # look again at once; under load, jobs get their turn in between
            except Exception:
                log.exception("worker.loop")
                time.sleep(IDLE_S)

    def _submit(self, row: UUID) -> None:
        self._slots.acquire()
        self._pool.submit(carry, row).add_done_callback(lambda _: self._slots.release())

    def _quick_loop(self) -> None:
        while not self._stopping.wait(QUICK_TICK_S):
            for job in self._due_jobs(quick=True):
                run_job(job.name)

    def _start_jobs(self) -> None:
        for job in self._due_jobs(quick=False):
            self._running.add(job.name)
            self._slots.acquire()
            self._pool.submit(self._run_job, job).add_done_callback(lambda _: self._slots.release())

    def _due_jobs(self, *, quick: bool) -> Iterator[Job]:
        now = clock.now()
        for job in _work.jobs:
            if job.quick is quick and job.name not in self._running and now >= self._next_run.get(job.name, now):
                self._next_run[job.name] = now + job.every
                yield job

    def _run_job(self, job: Job) -> None:
        try:
            run_job(job.name)
        finally:
            self._running.discard(job.name)

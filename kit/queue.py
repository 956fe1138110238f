"""The worker of several processes: Huey on Redis carries what the outbox promised.

Every process that records an event rings (`ring_after_commits`); the consumer, a process of its own, looks for due
events, hands each to one of its threads, and starts jobs by the clock. Should a ring get lost, the look that happens
anyway every second finds the event. Any number of consumers may run: events are claimed, jobs take turns by a lock.
"""

import threading
from datetime import timedelta
from uuid import UUID

import redis
import structlog
from huey import RedisHuey

from kit import events, worker

log = structlog.get_logger()

MAX_DELAY_S = 1.0
LOOK_EVERY_S = 1.0
JOB_TICK_S = 0.5


class Queue:
    """Our tasks on one Redis."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url)
        self.huey = RedisHuey("work", url=redis_url, results=False)
        self._look = self.huey.task(name="look")(look_for_events)
        self._run_job = self.huey.task(name="job")(run_job)
        self._carry = self.huey.task(name="carry")(carry_event)
        self._stop = threading.Event()

    def ring_after_commits(self) -> None:
        """From now on, every commit of this process that recorded an event wakes a consumer."""
        events.on_recorded(self.ring)

    def ring(self) -> None:
        """Something is due. Redis out of reach is no reason to fail: the event is on disk."""
        try:
            self._look()
        except redis.RedisError as error:
            log.warning("queue.ring_failed", error=type(error).__name__)

    def consume(self, threads: int = 4) -> None:
        """Work until a signal ends this process; for its main thread."""
        self.ring_after_commits()
        threading.Thread(target=self._tick, name="clock", daemon=True).start()
        threading.Thread(target=self._tick_quick, name="clock-quick", daemon=True).start()
        consumer = self.huey.create_consumer(
            workers=threads, periodic=False, max_delay=MAX_DELAY_S, backoff=1.1, graceful_signal="TERM"
        )
        try:
            consumer.run()
        finally:
            self._stop.set()

    def _tick(self) -> None:
        """Queue jobs when their time has come, once for all consumers: the lock of a job lives as long as its pause."""
        looked = 0.0
        while not self._stop.wait(JOB_TICK_S):
            try:
                looked += JOB_TICK_S
                if looked >= LOOK_EVERY_S:
                    looked = 0.0
                    for row_id in worker.to_carry():
                        self._carry(str(row_id))
                for job in worker.jobs():
                    if not job.quick and self._my_turn(job.name, job.every):
                        self._run_job(job.name)
            except Exception:
                log.exception("queue.tick")

    def _tick_quick(self) -> None:
        """Run quick jobs here, whatever keeps the consumer's threads busy."""
        while not self._stop.wait(JOB_TICK_S):
            try:
                for job in worker.jobs():
                    if job.quick and self._my_turn(job.name, job.every):
                        worker.run_job(job.name)
            except Exception:
                log.exception("queue.tick_quick")

    def _my_turn(self, name: str, every: timedelta) -> bool:
        pause_ms = max(1, int(every.total_seconds() * 1000) - int(JOB_TICK_S * 500))
        return bool(self._redis.set(f"job:{name}", "1", nx=True, px=pause_ms))


def look_for_events() -> None:
    """Carry every due event; others may do the same at the same moment."""
    for row_id in worker.to_carry():
        worker.carry(row_id)


def carry_event(row_id: str) -> None:
    """Carry one event, unless somebody did."""
    worker.carry(UUID(row_id))


def run_job(name: str) -> None:
    """Run one job by its name."""
    worker.run_job(name)

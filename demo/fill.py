"""Fills an empty database with the demo: accounts, stations, and a month of sessions, all through the real doors.

The clock of the process is moved to the past and jumps from story to story; what the filler makes is what the program
would have made in that month. Passwords are random and go to `demo.json`, readable by the owner only.
"""

import gc
import heapq
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.queries import tenants
from billing import jobs as billing_jobs
from billing.use_cases import move_available_income
from demo import cast, month
from demo.cast import Estate, House
from demo.month import Outlet, Post, Story, Visit
from demo.opening import Demo, open_estate, open_master
from demo.physics import Current
from demo.plans import PlugPlan, StationPlan
from kit import clock, db, events, worker
from kit.settings import Settings
from stations.use_cases.sockets import station_disconnected

log = structlog.get_logger()
DAYS = 31
A_STATION = 41
FILE = "demo.json"


class Incomplete(Exception):
    """Somebody's accounts are in this database, or a filling that was cut off; demo.json is missing."""


class AlreadyFilled(Exception):
    """There are accounts in this database; the demo only goes into an empty one."""


def is_empty() -> bool:
    """Whether nobody has registered yet."""
    return tenants(Actor(ActorKind.SYSTEM, staff=True), size=1).total == 0


def fill(settings: Settings, *, days: int = DAYS, a_station: int = A_STATION, quiet: bool = False) -> Path:
    """Fill the empty database of this process; the file with passwords and stations. Raises AlreadyFilled.

    The process must be bound to its settings, database and worker (`wsgi.connect` and `create_app`).
    """
    if not is_empty():
        raise AlreadyFilled()
    began = time.monotonic()
    demo = Demo(settings, days, a_station)
    end = clock.now()
    with _hurry():
        try:
            clock.move(end - timedelta(days=days))
            open_master(demo)
            for index, estate in enumerate(cast.ESTATES):
                open_estate(demo, estate, index)
            worker.drain()
            sessions = _play(list(_stories(demo, end)), lambda text: None if quiet else _progress(text))
        finally:
            clock.move(None)
        _tidy_up(demo)
    if not quiet:
        _progress(f"{sessions} visits at {len(demo.posts)} stations in {time.monotonic() - began:.0f} s\n")
    return _write(demo)


@contextmanager
def _hurry() -> Iterator[None]:
    """SQLite only, and only while nothing is there to lose: a power cut now costs a new start of the filler.

    At the end everything is brought to the disk, and later connections wait for it again.
    """

    def no_waiting(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    if not db.is_sqlite():
        yield
        return
    bound = db.engine()
    bound.pool.dispose()
    event.listen(bound, "connect", no_waiting)
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)  # millions of short-lived objects, hardly a cycle among them
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        event.remove(bound, "connect", no_waiting)
        bound.dispose()
        with bound.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


# -- the month


def _stories(demo: Demo, end: datetime) -> Iterator[Story]:
    yield _chores(end, demo.days)
    chance, drivers = demo.chance, _with_address()
    for (post, house, _), special in zip(demo.posts, _special_stories(), strict=True):
        per_plug = -(-demo.a_station // house.plugs) + (8 if house.current is Current.DC else 0)
        for outlet in post.outlets:
            for number, at in enumerate(month.visits_of(outlet, per_plug, end, demo.days, chance)):
                visit = _visit(post, outlet, at, chance)
                drawn = chance.random()
                if outlet.number == 1 and number == per_plug // 2:
                    yield special(visit)
                elif drawn < 0.35 and house.current is Current.AC:
                    yield month.by_tag(visit)
                else:
                    visit.driver = next(drivers)
                    yield month.paid(visit, stops_himself=drawn > 0.7)


def _visit(post: Post, outlet: Outlet, at: datetime, chance: random.Random) -> Visit:
    if outlet.current is Current.DC:
        return Visit(post, outlet, at, chance, chance.randrange(9_000, 32_000), timedelta(minutes=chance.uniform(1, 8)))
    stays = chance.uniform(2, 110) if at.hour < 12 else chance.uniform(5, 420)
    return Visit(post, outlet, at, chance, chance.randrange(4_000, 28_000), timedelta(minutes=stays))


def _special_stories() -> Iterator[Callable[[Visit], Story]]:
    """What has to happen at least once, one at each station; the drivers of these read four languages."""
    (de, fr, it, en) = cast.DRIVERS

    def told(driver: tuple[str, str], **how: Any) -> Callable[[Visit], Story]:
        def tell(visit: Visit) -> Story:
            visit.driver = driver
            return month.paid(visit, **how)

        return tell

    def short(visit: Visit) -> Story:
        visit.most_wh, visit.stays = 300, timedelta(minutes=1)
        return month.paid(visit)

    yield from (
        told(de, refund_minor=150),
        month.refused_by_charger,
        month.off_line,
        month.orphan,
        month.turned_away,
        told(fr, card=month.CAREFUL_CARD),
        month.never_plugged_in,
        month.by_operator,
        told(en, refund_minor=100),
        short,
        told(it, stops_himself=True),
        lambda visit: month.by_tag(visit, forgets_stop=True),
    )


def _with_address() -> Iterator[tuple[str, str]]:
    """Most drivers leave no address; a few get their receipt by mail (to draw one takes a fifth of a second)."""
    for number in count():
        language, email = cast.DRIVERS[number % len(cast.DRIVERS)]
        yield language, email if number % 53 == 0 else ""


def _chores(end: datetime, days: int) -> Story:
    """What the program does by the clock, once a day."""
    for day in range(days):
        yield end - timedelta(days=days - day - 1, minutes=1)
        _deliver_notices()
        while move_available_income(SYSTEM):
            pass


def _deliver_notices() -> None:
    billing_jobs.deliver_sandbox_notices()


def _play(stories: list[Story], show: Callable[[str], None]) -> int:
    """Run all stories side by side in the order of time; how many there were."""
    order, news = count(), threading.Event()
    events.on_recorded(news.set)
    waiting = [(next(story), next(order), story) for story in stories]
    heapq.heapify(waiting)
    done = 0
    while waiting:
        at, _, story = heapq.heappop(waiting)
        clock.move(at)
        try:
            heapq.heappush(waiting, (next(story), next(order), story))
        except StopIteration:
            done += 1
            if done % 10 == 0:
                show(f"Filling the demo: {at:%d.%m.%Y}, {done} of {len(stories)} visits")
        if news.is_set():
            news.clear()
            worker.drain()
    return done


def _tidy_up(demo: Demo) -> None:
    worker.drain()
    _deliver_notices()
    worker.drain()
    for post, _, _ in demo.posts:
        station_disconnected(post.actor)


def run(settings: Settings) -> None:
    """What `wsgi.py demo` does: fill an empty database, else nothing. A filling that was cut off leaves no half demo.

    Raises Incomplete where accounts are there but the file that belongs to them is not.
    """
    if not is_empty():
        if not (settings.var_dir / FILE).exists():
            raise Incomplete()
        return
    try:
        fill(settings)
    except BaseException:
        if settings.database_url.startswith("sqlite:///"):
            db.disconnect()
            for suffix in ("", "-wal", "-shm"):
                Path(settings.database_url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        raise


# -- what is left behind


def _write(demo: Demo) -> Path:
    path = demo.settings.var_dir / FILE
    content = {
        "logins": demo.logins,
        "api_token": demo.api_token,
        "stations": [_plan(post, house, estate).as_json() for post, house, estate in demo.posts],
        "connectors": [
            {"code": outlet.code, "station": house.name, "city": estate.city, "current": outlet.current.value}
            for post, house, estate in demo.posts
            for outlet in post.outlets
        ],
    }
    aside = path.with_suffix(".new")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
    aside.replace(path)
    return path


def _plan(post: Post, house: House, estate: Estate) -> StationPlan:
    """The virtual station that takes over: same identity, registers go on. In some garages a resident comes by."""
    resident = estate.residents[0][0] if house.name.endswith(("2", "B")) else None
    plugs = tuple(
        PlugPlan(outlet.number, outlet.current, outlet.power_w, outlet.register_wh, resident) for outlet in post.outlets
    )
    return StationPlan(
        post.identity, post.password, plugs, vendor=house.vendor, model=house.model, serial=post.identity[3:]
    )


def _progress(text: str) -> None:
    sys.stdout.write(f"\r{text:<78}")
    sys.stdout.flush()

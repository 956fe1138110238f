"""What is over is forgotten in time, unless something still tells of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.jobs import forget_old_doubts
from charging.models import DoubtfulFact
from charging.use_cases import mark_all_doubts_looked_at, prune_doubts
from kit import clock, db
from kit.errors import Forbidden
from stations.jobs import forget_old_commands
from stations.models import FileJob, FileJobStep, Station, StationCommand, WorkOrder
from stations.use_cases import finish_command, order_work, prune_commands, prune_file_jobs, request_command
from stations.values import Action, CommandId, CommandState, FileJobKind, FileJobState, Selection, StationId
from tests import make, scene
from tests.people import People
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("database", "program")
AFTER = timedelta(days=731)


@pytest.fixture
def station(people: People) -> Station:
    made: Station = scene.row(Station, make.station(property=people.home, owner=people.alice).id)
    return made


def finished(people: People, station: Station) -> CommandId:
    """A command that somebody sent and that was answered."""
    command = request_command(people.alice, StationId(station.id), Action.CLEAR_CACHE, {})
    finish_command(SYSTEM, CommandId(command.id), CommandState.ACCEPTED, answer={"status": "Accepted"})
    return CommandId(command.id)


def after(then: Callable[[], object]) -> None:
    with clock.moved_to(clock.now() + AFTER):
        then()


def test_commands_that_are_over_are_forgotten_after_two_years_and_with_them_their_order(
    people: People, station: Station, tmp_path: Path
) -> None:
    finished(people, station)
    chosen = Selection(station_ids=(StationId(station.id),))
    order_work(people.alice, AccountId(station.account_id), chosen, Action.CLEAR_CACHE, {})
    ordered = scene.rows(StationCommand)[1]
    finish_command(SYSTEM, CommandId(ordered.id), CommandState.ACCEPTED, answer={"status": "Accepted"})
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(WorkOrder).values(next_turn_at=None))
    forget_old_commands()
    assert len(scene.rows(StationCommand)) == 2
    after(forget_old_commands)
    assert (scene.rows(StationCommand), scene.rows(WorkOrder)) == ([], [])


def test_a_command_that_something_still_tells_of_stays(people: People, station: Station) -> None:
    kept = finished(people, station)
    job(station, 1, command_id=kept)
    finished(people, station)
    after(forget_old_commands)
    assert [row.id for row in scene.rows(StationCommand)] == [kept]


def test_the_story_of_a_file_goes_but_the_last_one_of_a_station_stays(people: People, station: Station) -> None:
    first, with_file, last = job(station, 1), job(station, 2, file_key="k"), job(station, 3)
    for one in (first, with_file, None):
        step(station, one)
    after(forget_old_commands)
    assert [row.id for row in scene.rows(FileJob)] == [with_file.id, last.id]
    assert [row.job_id for row in scene.rows(FileJobStep)] == [with_file.id]


def test_doubts_go_two_years_after_somebody_looked(people: People) -> None:
    here = scene.station()
    Talk(here).start(tag="X1")
    after(forget_old_doubts)
    assert len(scene.rows(DoubtfulFact)) == 1
    mark_all_doubts_looked_at(SYSTEM, AccountId(here.account_id))
    forget_old_doubts()
    assert len(scene.rows(DoubtfulFact)) == 1
    after(forget_old_doubts)
    assert scene.rows(DoubtfulFact) == []


def test_how_long_is_a_setting(people: People, station: Station, tmp_path: Path) -> None:
    finished(people, station)
    make.settings_for(tmp_path, COMMAND_DAYS="7")
    with clock.moved_to(clock.now() + timedelta(days=9)):
        forget_old_commands()
    assert scene.rows(StationCommand) == []


def test_only_the_program_itself_forgets(people: People) -> None:
    for door in (prune_commands, prune_file_jobs, prune_doubts):
        with pytest.raises(Forbidden):
            door(people.alice)


def job(station: Station, number: int, **facts: object) -> FileJob:
    """One that came to its end."""
    now = clock.now()
    made = FileJob(
        account_id=station.account_id,
        station_id=station.id,
        kind=FileJobKind.DIAGNOSTICS,
        number=number,
        state=FileJobState.DONE,
        requested_by="user:1",
        requested_at=now,
        expires_at=now,
        **facts,
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(made)
    return made


def step(station: Station, of: FileJob | None) -> None:
    row = FileJobStep(
        account_id=station.account_id,
        station_id=station.id,
        job_id=of.id if of else None,
        message="",
        status="Uploaded",
        at=clock.now(),
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(row)

"""The message log, commands, and the stories of files forget what is too old."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, exists, select
from sqlalchemy.orm import aliased

from accounts.access import SYSTEM, Actor, system
from kit import clock, db, settings
from kit.use_case import hot_use_case
from stations.messages import first_message_id
from stations.models import FileJob, FileJobStep, Message, StationCommand, WorkOrder
from stations.values import Action, CommandState, FileJobState

_QUESTIONS = (Action.TRIGGER_MESSAGE, Action.GET_CONFIGURATION)
_OVER = [state for state in CommandState if state.final]
_ENDED = [state for state in FileJobState if not state.open]
BITE = 500  # rows that are removed in one go; meanwhile an embedded database writes nothing else


@hot_use_case
def prune_messages(actor: Actor) -> bool:
    """Remove a bite of the messages that are older than MESSAGE_LOG_DAYS, the oldest; whether more are waiting."""
    system(actor)
    limit = first_message_id(clock.now() - timedelta(days=settings.current().message_log_days))
    session = db.session()
    oldest = list(session.scalars(select(Message.id).where(Message.id < limit).order_by(Message.id).limit(BITE)))
    if oldest:
        session.execute(
            delete(Message).where(Message.id <= oldest[-1]), execution_options={"synchronize_session": False}
        )
    return len(oldest) == BITE


@hot_use_case
def prune_questions(actor: Actor) -> bool:
    """Remove a bite of what the platform asked stations by itself, once the messages about it are gone as well; whether
    more may be waiting. What people asked for stays.
    """
    system(actor)
    limit = clock.now() - timedelta(days=settings.current().message_log_days)
    asked = (StationCommand.requested_by == SYSTEM.reference, StationCommand.action.in_(_QUESTIONS))
    over = (StationCommand.state.in_(_OVER), StationCommand.expires_at < limit)
    session = db.session()
    some = list(session.scalars(select(StationCommand.id).where(*asked, *over).limit(BITE)))
    if some:
        gone = delete(StationCommand).where(StationCommand.id.in_(some))
        session.execute(gone, execution_options={"synchronize_session": False})
    return len(some) == BITE


@hot_use_case
def prune_commands(actor: Actor) -> bool:
    """Remove a bite of the commands that were over COMMAND_DAYS ago, and work orders that have none any more; whether
    more may be waiting. What something else still tells of stays.
    """
    system(actor)
    limit, session = _limit(), db.session()
    over = (StationCommand.state.in_(_OVER), StationCommand.expires_at < limit, _unnamed(StationCommand))
    commands = list(session.scalars(select(StationCommand.id).where(*over).limit(BITE)))
    old = (WorkOrder.expires_at < limit, WorkOrder.next_turn_at.is_(None), _unnamed(WorkOrder))
    _remove(StationCommand, commands)
    orders = list(session.scalars(select(WorkOrder.id).where(*old).limit(BITE)))
    _remove(WorkOrder, orders)
    return BITE in (len(commands), len(orders))


@hot_use_case
def prune_file_jobs(actor: Actor) -> bool:
    """Remove a bite of the stories of files that ended COMMAND_DAYS ago and have no file any more; whether more may be
    waiting. The last one of a station stays, since the numbers go on from it.
    """
    system(actor)
    limit, session = _limit(), db.session()
    later = aliased(FileJob)
    old = (
        FileJob.state.in_(_ENDED),
        FileJob.expires_at < limit,
        FileJob.file_key.is_(None),
        exists().where(later.station_id == FileJob.station_id, later.number > FileJob.number),
        _unnamed(FileJob, but=FileJobStep),
    )
    jobs = list(session.scalars(select(FileJob.id).where(*old).limit(BITE)))
    unasked = select(FileJobStep.id).where(FileJobStep.job_id.is_(None), FileJobStep.at < limit)
    steps = list(session.scalars(unasked.limit(BITE)))
    _remove(FileJobStep, steps)
    session.execute(
        delete(FileJobStep).where(FileJobStep.job_id.in_(jobs)), execution_options={"synchronize_session": False}
    )
    _remove(FileJob, jobs)
    return BITE in (len(jobs), len(steps))


def _limit() -> datetime:
    return clock.now() - timedelta(days=settings.current().command_days)


def _remove(model: type[Any], ids: Sequence[Any]) -> None:
    if ids:
        gone = delete(model).where(model.id.in_(ids))
        db.session().execute(gone, execution_options={"synchronize_session": False})


def _unnamed(model: type[Any], *, but: type[Any] | None = None) -> ColumnElement[bool]:
    """Whether no row of any table names this one, be it of a room that this one does not know."""
    table: Table = model.__table__
    named = []
    for other in db.Base.metadata.sorted_tables:
        if but is not None and other is but.__table__:
            continue
        naming = other.alias() if other is table else other
        named += [
            ~exists().where(naming.c[key.parent.name] == table.c.id)
            for key in other.foreign_keys
            if key.column is table.c.id
        ]
    return and_(*named)

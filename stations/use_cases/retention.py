"""The message log, and what the platform asked by itself, forget what is too old."""

from datetime import timedelta

from sqlalchemy import delete, select

from accounts.access import SYSTEM, Actor, system
from kit import clock, db, settings
from kit.use_case import hot_use_case
from stations.messages import first_message_id
from stations.models import Message, StationCommand
from stations.values import Action, CommandState

_QUESTIONS = (Action.TRIGGER_MESSAGE, Action.GET_CONFIGURATION)
_OVER = [state for state in CommandState if state.final]
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

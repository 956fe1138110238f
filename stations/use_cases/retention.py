"""The message log forgets what is too old."""

from datetime import timedelta

from sqlalchemy import delete, select

from accounts.access import Actor, system
from kit import clock, db, settings
from kit.use_case import hot_use_case
from stations.messages import first_message_id
from stations.models import Message

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

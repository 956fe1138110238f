"""The message log: what was said between a charger and us, word for word."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from stations.messages import FREQUENT
from stations.values import Sender

# Conditions of indexes that hold few rows, and therefore cost the chargers' path next to nothing. A query uses such an
# index only when it repeats the condition word for word, so they are texts.
IS_ERROR = text("error <> ''")
IS_OURS = text("sender = 'platform'")
IS_RARE = and_(*(text(f"action <> '{action}'") for action in FREQUENT))


class Message(db.Base):
    """One exchange: a call and its answer, as they were on the wire, secrets masked.

    `id` is made from the instant (`stations.messages.new_message_id`), so ids are in order of time and an interval of
    time is an interval of ids. `sender` made the call. `action` is empty for a frame that could not be read; then
    `call` is the whole frame. `call` and `answer` are the payloads' JSON text; `answer` is None while there is none;
    of a refusal, by either side, description and details under the standard's names.
    `error` is a CALLERROR code, or one of our own words for a call that came to nothing; empty when all is well.
    No foreign keys: rows come by the thousand a second, and a log outlives what it tells of.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_account", "account_id", "id"),
        Index("ix_messages_station", "station_id", "id"),
        Index("ix_messages_error", "account_id", "id", sqlite_where=IS_ERROR, postgresql_where=IS_ERROR),
        Index("ix_messages_ours", "account_id", "id", sqlite_where=IS_OURS, postgresql_where=IS_OURS),
        Index("ix_messages_rare", "account_id", "action", "id", sqlite_where=IS_RARE, postgresql_where=IS_RARE),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    account_id: Mapped[UUID]
    station_id: Mapped[UUID]
    at: Mapped[datetime]
    sender: Mapped[Sender] = mapped_column(db.words(Sender))
    action: Mapped[str]
    message_id: Mapped[str]
    call: Mapped[str]
    answer: Mapped[str | None]
    error: Mapped[str]
    latency_ms: Mapped[int | None]

"""The message log as people and programs read it: newest first, a page at a time, secrets masked once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, Select, not_, select

from accounts.access import Actor, allowed, allowed_in, covered, licensed, visible, within
from accounts.functions import Function
from accounts.models import Account
from accounts.rights import Right
from kit import db
from kit.errors import Invalid, NotFound
from kit.masking import mask
from kit.use_case import query
from stations import message_search as search
from stations.messages import MessageFilter, first_message_id, message_instant
from stations.models import Message, Station, WaitingStation
from stations.queries.moves import homes_of
from stations.values import Sender

PAGE_SIZE = 50
EVERYTHING = MessageFilter()


@dataclass(frozen=True)
class MessageRow:
    """An exchange with the names around it. `call` and `answer`: what was said, secrets masked; a value where the text
    is JSON, else the text. `answer` is None while there is none. `of_station`: whether it is a station of ours still; a
    charger that waits to become one has its identity for a name.
    """

    id: int
    account_id: UUID
    station_id: UUID
    station_name: str
    time_zone: str
    at: datetime
    sender: Sender
    action: str
    message_id: str
    call: Any
    answer: Any
    error: str
    latency_ms: int | None
    of_station: bool

    @classmethod
    def of(cls, message: Message, name: str | None, identity: str | None, time_zone: str | None) -> Self:
        """The row as those see it who may see the log."""
        facts = {name: getattr(message, name) for name in cls.__annotations__ if name in Message.__table__.c}
        said = {"call": _said(message.call), "answer": _said(message.answer)}
        named = {"station_name": name or identity or "", "of_station": name is not None}
        return cls(**facts | said | named, time_zone=time_zone or "UTC")


@dataclass(frozen=True)
class MessagePage:
    """A part of the log, newest first. `older` and `newer`: the numbers to ask for the next pages `before` and `after`;
    None where the log ends. `searched_to`: the search stopped at this instant, with less than a page found.
    """

    rows: tuple[MessageRow, ...]
    older: int | None = None
    newer: int | None = None
    searched_to: datetime | None = None


@query
def messages(
    actor: Actor,
    wanted: MessageFilter = EVERYTHING,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE_SIZE,
) -> MessagePage:
    """The newest messages that fit; with `before` those next older than a number, with `after` those next newer.

    `after=0` is the oldest page. Only of stations that have the function. Raises NotFound, Forbidden for a station the
    actor may not see, LicenceNeeded where no station of the account has it, Invalid.
    """
    span = _span(wanted, before, after)
    if wanted.station_id is not None:
        station = allowed(actor, Right.VIEW_MESSAGES, Station, wanted.station_id)
        licensed(actor, Function.MESSAGE_LOG, station.account_id, station.id)
        found = search.of_station(wanted, station.id, homes_of(actor, Right.VIEW_MESSAGES, station), span, limit + 1)
    else:
        found = search.of_accounts(wanted, _accounts(actor, wanted), span, limit + 1, _partly(actor, wanted))
    turn = None if before is None else before - 1
    return _page(found, span, limit, after + 1 if after else turn)


@query
def message(actor: Actor, number: int) -> MessageRow:
    """One exchange. Raises NotFound, Forbidden, LicenceNeeded."""
    row = db.session().execute(_with_names().where(Message.id == min(number, search.HIGHEST))).one_or_none()
    if row is None:
        raise NotFound()
    allowed_in(actor, Right.VIEW_MESSAGES, row[0].account_id)
    licensed(actor, Function.MESSAGE_LOG, row[0].account_id, row[0].station_id)
    return MessageRow.of(*row)


def _accounts(actor: Actor, wanted: MessageFilter) -> Select[UUID]:
    ids = visible(actor, Right.VIEW_MESSAGES, select(Account.id), Account)
    return ids if wanted.account_id is None else ids.where(within(Account, wanted.account_id))


def _partly(actor: Actor, wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """What keeps stations without the function out, where not all of these accounts have it as a whole."""
    accounts = _accounts(actor, wanted)
    if wanted.account_id is not None and db.session().scalar(accounts.limit(1)) is not None:
        licensed(actor, Function.MESSAGE_LOG, wanted.account_id)
    whole = covered(actor, Function.MESSAGE_LOG, Account.id, Account.id)
    if db.session().scalar(accounts.where(not_(whole)).limit(1)) is None:
        return []
    return [covered(actor, Function.MESSAGE_LOG, Message.station_id, Message.account_id)]


def _span(wanted: MessageFilter, before: int | None, after: int | None) -> search.Span:
    for name in ("since", "until"):
        instant = getattr(wanted, name)
        if instant is not None and instant.tzinfo is None:
            raise Invalid(**{name: "without_zone"})
    low = search.LOWEST if wanted.since is None else first_message_id(wanted.since) - 1
    high = search.HIGHEST if wanted.until is None else first_message_id(wanted.until)
    if before is not None:
        high = min(high, before)
    if after is not None:
        low = max(low, after)
    low, high = (max(search.LOWEST, min(number, search.HIGHEST)) for number in (low, high))
    return search.Span(low, high, forward=after is not None)


def _page(found: search.Found, span: search.Span, limit: int, turn: int | None) -> MessagePage:
    """The rows of these numbers. `turn`: where to look in the other direction if there are none; None at the end."""
    numbers, more = found.numbers[:limit], len(found.numbers) > limit
    onwards = numbers[-1] if more else found.stopped_at
    back = None if turn is None else next(iter(numbers), turn)
    rows = db.session().execute(_with_names().where(Message.id.in_(numbers)).order_by(Message.id.desc()))
    return MessagePage(
        rows=tuple(MessageRow.of(*row) for row in rows),
        older=back if span.forward else onwards,
        newer=onwards if span.forward else back,
        searched_to=None if found.stopped_at is None or more else message_instant(found.stopped_at),
    )


def _with_names() -> Select[Message, str | None, str | None, str | None]:
    """A log outlives what it tells of: the station may be gone. And it begins before there is one."""
    return (
        select(Message, Station.name, WaitingStation.identity, Account.time_zone)
        .outerjoin(Station, Station.id == Message.station_id)
        .outerjoin(WaitingStation, WaitingStation.id == Message.station_id)
        .outerjoin(Account, Account.id == Message.account_id)
    )


def _said(text: str | None) -> Any:
    try:
        return mask(orjson.loads(text or "null"))
    except (orjson.JSONDecodeError, RecursionError):
        return text

"""How the message log is searched: always along an index, and never further than a page can wait for.

A *lane* is what one index holds in order of time: the messages of a station, of an account, or only an account's few
with an error, from us, or of a rare kind. What no lane can tell apart, text for instance, is looked for among the next
`BUDGET` messages of a lane; there the search stops, and the next page goes on.
"""

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, TextClause, Uuid, bindparam, or_, select, tuple_

from accounts.models import Account
from kit import db
from stations.messages import FREQUENT, MessageFilter
from stations.models.messages import IS_ERROR, IS_OURS, IS_RARE, Message
from stations.values import Sender

LOWEST, HIGHEST = -1, 2**63 - 1  # below and above all numbers
BUDGET = 10_000
FEW_ACCOUNTS = 16
MOST_MERGED = 200
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Span:
    """The numbers between `low` and `high`, both left out; the newest first, or `forward` the oldest."""

    low: int
    high: int
    forward: bool = False

    def place(self, number: int) -> int:
        """What numbers are ordered by: the less, the earlier its turn."""
        return number if self.forward else -number

    def first(self, most: int, numbers: Iterable[int]) -> list[int]:
        """The `most` whose turn comes first, in order."""
        return heapq.nsmallest(most, numbers, key=self.place)

    def up_to(self, last: int | None) -> "Span":
        """The part of it that ends with this number; all of it without one."""
        if last is None:
            return self
        return replace(self, high=last + 1) if self.forward else replace(self, low=last - 1)


@dataclass(frozen=True)
class Found:
    """Numbers in the span's direction, at most as many as were wanted.

    `stopped_at`: the last message that was looked at, where the search stopped before it had enough.
    """

    numbers: list[int]
    stopped_at: int | None = None


@dataclass(frozen=True)
class Lane:
    """What one index holds in order of time: rows with equal `places`, and of those only some where it is partial."""

    places: tuple[tuple[Any, Any], ...] = ()  # columns and their values
    only: TextClause | ColumnElement[bool] | None = None

    def at(self, account_id: UUID | BindParameter[UUID]) -> "Lane":
        """The same in one account."""
        return replace(self, places=((Message.account_id, account_id), *self.places[1:]))

    def ids(self, span: Span) -> Select[int]:
        """Its numbers in this span, in the span's direction.

        SQLite finds the way by the equalities. PostgreSQL would at times rather walk the primary key, past a million
        messages of others; a comparison of whole rows can be served by the index only. Bounds that bound nothing are
        left out: PostgreSQL would take them for a sign of few rows.
        """
        columns, values = [column for column, _ in self.places], [value for _, value in self.places]
        conditions: list[Any] = [column == value for column, value in self.places]
        conditions += [Message.id > span.low] if span.low > LOWEST else []
        conditions += [Message.id < span.high] if span.high < HIGHEST else []
        if columns:
            row = tuple_(*columns, Message.id)
            conditions += [row > tuple_(*values, span.low), row < tuple_(*values, span.high)]
        if self.only is not None:
            conditions.append(self.only)
        order = [*columns, Message.id]
        return select(Message.id).where(*conditions).order_by(*(order if span.forward else [c.desc() for c in order]))


def of_station(wanted: MessageFilter, station_id: UUID, homes: Collection[UUID], span: Span, most: int) -> Found:
    """Messages of a station while it belonged to one of these accounts."""
    fits = _fits(wanted)
    here = [Message.station_id == station_id, Message.account_id.in_(homes)]
    lane, few = Lane(((Message.station_id, station_id),)), _few(wanted)
    if not fits:
        return Found(_along(lane, span, most, here))
    reached: list[tuple[int, Found]] = []
    for way in [lane] if few is None or len(homes) > 1 else [few.at(*homes), lane]:
        found = _walk(way, span, most, [*here, *fits], BUDGET)
        if found.stopped_at is None:
            return found
        reached.append((span.place(found.stopped_at), found))
    return max(reached, key=itemgetter(0))[1]


def of_accounts(
    wanted: MessageFilter, accounts: Select[UUID], span: Span, most: int, further: Sequence[ColumnElement[bool]] = ()
) -> Found:
    """Messages of all these accounts; of `accounts` the ids are selected. `further`: what they have to fit besides.

    Merging asks every account that has a part in the page. For a long page of everything these would be all, each for
    a whole page; there it is less to walk past what others said.
    """
    fits, few = [*_fits(wanted), *further], _few(wanted)
    lane = few or Lane(((Message.account_id, Account.id),))
    short = not fits and most <= MOST_MERGED
    sparse = wanted.message_id or wanted.text or wanted.latency_from_ms is not None
    if short or (few is not None and not sparse):
        return Found(_merged(lane, accounts, span, most, fits))
    ids = list(db.session().scalars(accounts.limit(FEW_ACCOUNTS + 1)))
    if len(ids) > FEW_ACCOUNTS:
        return _walk(Lane(), span, most, [Message.account_id.in_(accounts), *fits], BUDGET)
    return _together([_walk(lane.at(one), span, most, fits, BUDGET // len(ids)) for one in ids], span, most)


def _few(wanted: MessageFilter) -> Lane | None:
    """A lane of few messages in which everything that is wanted stands, where there is one; for `Account.id`."""
    place = (Message.account_id, Account.id)
    if wanted.errors or wanted.error:
        return Lane((place,), IS_ERROR)
    if wanted.sender is Sender.PLATFORM:
        return Lane((place,), IS_OURS)
    if wanted.action and wanted.action not in FREQUENT:
        return Lane((place, (Message.action, wanted.action)), IS_RARE)
    return None


def _fits(wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """All that is wanted, but for place and time."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.errors:
        conditions.append(Message.error != "")
    if wanted.error:
        conditions.append(Message.error == wanted.error)
    if wanted.sender:
        conditions.append(Message.sender == wanted.sender)
    if wanted.action:
        conditions.append(Message.action == wanted.action)
    if wanted.message_id:
        conditions.append(Message.message_id == wanted.message_id)
    if wanted.latency_from_ms is not None:
        conditions.append(Message.latency_ms >= wanted.latency_from_ms)
    if wanted.text:
        conditions.append(
            or_(
                *(
                    said.icontains(wanted.text, autoescape=True)
                    for said in (Message.call, Message.answer, Message.error)
                )
            )
        )
    return conditions


def _along(lane: Lane, span: Span, most: int, fits: Conditions) -> list[int]:
    return list(db.session().scalars(lane.ids(span).where(*fits).limit(most)))


def _walk(lane: Lane, span: Span, most: int, fits: Conditions, budget: int) -> Found:
    """What fits among the next messages of a lane."""
    last = db.session().scalar(lane.ids(span).limit(1).offset(budget - 1))
    numbers = _along(lane, span.up_to(last), most, fits)
    return Found(numbers, None if len(numbers) == most else last)


def _merged(lane: Lane, accounts: Select[UUID], span: Span, most: int, fits: Conditions) -> list[int]:
    """The first of all accounts' lanes. Only those whose own first is among the first can have a part in them."""
    head = lane.ids(span).where(*fits).limit(1).scalar_subquery().label("head")
    order = head.asc() if span.forward else head.desc()
    of_one = lane.at(bindparam("account_id", type_=Uuid())).ids(span).where(*fits).limit(most)
    numbers: list[int] = []
    for account_id, number in db.session().execute(accounts.add_columns(head).order_by(order.nulls_last()).limit(most)):
        if number is None or (len(numbers) == most and span.place(number) > span.place(numbers[-1])):
            break
        numbers = span.first(most, [*numbers, *db.session().scalars(of_one, {"account_id": account_id})])
    return numbers


def _together(found: Sequence[Found], span: Span, most: int) -> Found:
    """What was found in several lanes, as far as all of them were looked through."""
    stops = [one.stopped_at for one in found if one.stopped_at is not None]
    numbers = span.first(most, (number for one in found for number in one.numbers))
    if not stops:
        return Found(numbers)
    stop = min(stops, key=span.place)
    seen = [number for number in numbers if span.place(number) <= span.place(stop)]
    return Found(seen, None if len(seen) == most else stop)

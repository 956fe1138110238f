"""The message log: what stations and the platform said to each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from graphql_api.connections import Connection, connection, cursor, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.narrowing import in_account, of_station
from kit.errors import Invalid, NotFound
from kit.i18n import FALLBACK, LANGUAGES, speaking
from stations import dictionary, queries
from stations.messages import MessageFilter
from stations.queries import MessageRow
from stations.values import Sender

strawberry.enum(Sender, name="Sender", description="Who made a call.")


@strawberry.type(description="What a code of a message means. `place`: where it stands, as `Reset.conf.status`.")
class Meaning:
    """A code in plain words."""

    place: str
    code: str
    words: str


@strawberry.type(description="What a code means that can stand at these places, as `Reset.conf.status`, or `error`.")
class MessageWord:
    """A code of the dictionary."""

    topic: str
    places: list[str]
    code: str
    words: str


@strawberry.type(
    description="A call and its answer as they were on the wire, secrets masked. What is no JSON is one text."
)
class Message:
    """One exchange. `error` is a code of the standard or one of ours, empty when all went well."""

    id: strawberry.ID
    account_id: UUID
    station_id: UUID
    station_name: str
    at: datetime
    sender: Sender
    action: str = strawberry.field(description="Empty for a frame that could not be read; then `call` is that frame.")
    message_id: str
    call: JSON
    answer: JSON | None
    error: str
    latency_ms: int | None

    @strawberry.field(description="What its statuses, reasons and errors mean: in de, fr, it, or en.")
    def meanings(self, language: str = FALLBACK) -> list[Meaning]:
        """The codes that the standard knows, in plain words."""
        with _speaking(language):
            found = dictionary.meanings(self.action, self.call, self.answer, self.error)
        return [Meaning(place=one.place, code=one.code, words=one.words) for one in found]

    @classmethod
    def of(cls, row: MessageRow) -> Self:
        """The exchange as the schema shows it."""
        facts = {name: getattr(row, name) for name in cls.__annotations__ if name != "id"}
        return cls(id=strawberry.ID(str(row.id)), **facts)


@strawberry.input(description="What is looked for; what is left out lets everything through.")
class MessageSearch:
    """A filter."""

    account_id: UUID | None = strawberry.field(default=None, description="The account and all below it.")
    station_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = strawberry.field(default=None, description="Itself left out.")
    action: str | None = strawberry.field(default=None, description="The name of an OCPP message.")
    sender: Sender | None = None
    errors: bool = strawberry.field(default=False, description="Only what came to nothing.")
    message_id: str | None = None
    text: str | None = strawberry.field(default=None, description="Anywhere in call, answer or error, in any case.")
    error: str | None = strawberry.field(default=None, description="Only what came to nothing with this code.")
    latency_from_ms: int | None = strawberry.field(default=None, description="Only what was answered so late or later.")

    def wanted(self, info: Info) -> MessageFilter:
        """The same for the door."""
        return MessageFilter(
            account_id=in_account(info, self.account_id),
            station_id=of_station(info, self.station_id),
            since=self.since,
            until=self.until,
            action=self.action or "",
            sender=self.sender,
            errors=self.errors,
            message_id=self.message_id or "",
            text=self.text or "",
            error=self.error or "",
            latency_from_ms=self.latency_from_ms,
        )


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """Words in a language. Raises Invalid for one that nobody speaks here."""
    if language not in LANGUAGES:
        raise Invalid(language="unknown")
    with speaking(language):
        yield


@strawberry.type
class MessageQueries:
    """Reading the log."""

    @strawberry.field(
        description="Messages, the newest first unless `oldestFirst`. A page can be shorter, even empty, while more "
        "follow: a search for text, id or latency looks through 10,000 messages at a time; go on with `endCursor`."
    )
    def messages(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        search: MessageSearch | None = None,
        oldest_first: bool = False,
    ) -> Connection[Message]:
        """One page of the messages that the caller may read."""
        size, last = page_size(info, first), read_cursor(after, int)
        found = queries.messages(
            info.context.actor,
            search.wanted(info) if search else MessageFilter(),
            before=None if oldest_first else last,
            after=last or 0 if oldest_first else None,
            limit=size,
        )
        nodes = [Message.of(row) for row in (reversed(found.rows) if oldest_first else found.rows)]
        end = found.newer if oldest_first else found.older
        cursors = [cursor(int(node.id)) for node in nodes]
        return connection(nodes, cursors, more=end is not None, end=None if end is None else cursor(end))

    @strawberry.field(description="One exchange.")
    def message(self, info: Info, id: strawberry.ID) -> Message:
        """One row of the log."""
        if not id.isdecimal():
            raise NotFound()
        return Message.of(queries.message(info.context.actor, int(id)))

    @strawberry.field(description="What the codes in messages mean: in de, fr, it, or en; all, or those with a text.")
    def message_words(self, info: Info, language: str = FALLBACK, text: str = "") -> list[MessageWord]:
        """The dictionary."""
        with _speaking(language):
            return [
                MessageWord(topic=topic.title, places=list(topic.places), code=code, words=words)
                for topic in dictionary.looked_up(text)
                for code, words in topic.meanings.items()
            ]

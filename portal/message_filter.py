"""What is looked for in the message log, as it stands in an address.

People see the whole log where they typed nothing that makes sense, and go on typing. A program whose question is wrong
is told so: it would take everything for what it asked for.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request

from accounts.values import AccountId
from kit.errors import Invalid
from portal.actor import current_account, current_account_id, for_program
from stations.messages import MessageFilter
from stations.values import Sender, StationId

T = TypeVar("T")
FIELDS = ("station", "action", "sender", "errors", "error", "since", "until", "message_id", "text", "latency_from_ms")
OF_PROGRAMS = (*FIELDS, "account", "before")
LONGEST_TEXT = 200
LONGEST_MS = 2**31 - 1


def asked(fields: Collection[str] = FIELDS) -> dict[str, str]:
    """The fields that are filled in, for other addresses with the same question."""
    return {name: request.args[name] for name in fields if request.args.get(name)}


def asked_account(of_programs: Collection[str] = OF_PROGRAMS) -> AccountId | None:
    """Whose things are looked for. Raises Invalid where a program names a field that there is not."""
    if not for_program():
        return current_account_id()
    unknown = {name: "unknown" for name in request.args if name not in of_programs}
    if unknown:
        raise Invalid(**unknown)
    return read("account", lambda text: AccountId(UUID(text)))


def message_filter() -> MessageFilter:
    """The question. Raises Invalid where a program asks."""
    account_id = asked_account()
    station_id = read("station", lambda text: StationId(UUID(text)))
    return MessageFilter(
        station_id=station_id,
        account_id=None if station_id else account_id,
        action=_text("action"),
        sender=read("sender", lambda text: Sender(text.lower())),
        errors="errors" in request.args,
        error=_text("error"),
        since=read("since", instant),
        until=read("until", instant),
        message_id=_text("message_id"),
        text=_text("text"),
        latency_from_ms=read("latency_from_ms", _milliseconds),
    )


def read(name: str, parse: Callable[[str], T]) -> T | None:
    """What a field says; None where it says nothing. Raises Invalid where a program says what can't be read."""
    text = request.args.get(name, "").strip()
    try:
        return parse(text) if text else None
    except (ValueError, OverflowError) as error:
        if for_program():
            raise Invalid(**{name: "invalid"}) from error
        return None


def _milliseconds(text: str) -> int:
    number = int(text)
    if not 0 <= number <= LONGEST_MS:
        raise ValueError(text)
    return number


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_TEXT]


def instant(text: str) -> datetime:
    """A day and time; without a zone in the chosen account's, which a program does not have."""
    typed = datetime.fromisoformat(text)
    if typed.tzinfo is None and not for_program():
        node = current_account()
        typed = typed.replace(tzinfo=ZoneInfo(node.time_zone if node else "Europe/Zurich"))
    return typed.astimezone(UTC) if typed.tzinfo else typed

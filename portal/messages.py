"""The message log: what stations and the platform said to each other, of the chosen account or of one station."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, render_template, request

from accounts.rights import Right
from charging.queries import session_of_transaction
from kit.errors import AppError
from portal.actor import current_actor, need
from portal.live import LivePage, live_page
from portal.message_filter import LONGEST_TEXT, asked, message_filter
from portal.message_words import action_words, actions, outline
from portal.render import page
from stations import queries
from stations.dictionary import ERRORS, Meaning, error_words, looked_up, meanings
from stations.message_export import MOST_EXPORTED
from stations.messages import MessageFilter
from stations.queries import MessageRow
from stations.values import CommandId, Sender, StationId

blueprint = Blueprint("messages", __name__)
blueprint.add_app_template_filter(action_words)
blueprint.add_app_template_filter(error_words)
blueprint.add_app_template_filter(outline)


@blueprint.app_template_filter("meanings")
def meanings_of(row: MessageRow) -> list[Meaning]:
    """What the codes of an exchange mean."""
    return meanings(row.action, row.call, row.answer, row.error)


@blueprint.get("/messages")
def overview() -> Response:
    """A page of the log, newest first, narrowed by what the reader asks for; `live` follows the newest."""
    need(Right.VIEW_MESSAGES)
    wanted, before, after = message_filter(), _number("before"), _number("after")
    shown = queries.messages(current_actor(), wanted, before=before, after=after)
    if after and shown.newer is None:  # fewer than a page are newer: rather a whole page
        before = after = None
        shown = queries.messages(current_actor(), wanted)
    newest = before is None and after is None
    return page(
        "messages/list.html",
        fragment="messages/_list.html",
        shown=shown,
        newest=newest,
        goes_on=after is None and shown.older is not None and not shown.rows,
        follows=newest and "live" in request.args,
        actions=actions(),
        senders=list(Sender),
        errors=sorted(ERRORS),
        most_exported=MOST_EXPORTED,
        **_around(wanted),
    )


@live_page(blueprint, "/messages/live", every_s=2)
def live() -> LivePage:
    """The newest messages as they come."""
    wanted = message_filter()
    shown = queries.messages(current_actor(), wanted)
    topics = {f"station:{wanted.station_id}" if wanted.station_id else f"account:{wanted.account_id}"}
    context = _around(wanted)
    return LivePage(topics, lambda: render_template("messages/_rows.html", pushed=True, shown=shown, **context))


@blueprint.get("/messages/<int:number>")
def message(number: int) -> Response:
    """One exchange: what was said, what it means, and what it belongs to."""
    row = queries.message(current_actor(), number)
    return page("messages/page.html", row=row, pretty=pretty, command_id=_command_id(row), session_id=_session_id(row))


@blueprint.get("/messages/words")
def words() -> Response:
    """What the codes in messages mean, all of them or those with a text."""
    text = request.args.get("text", "").strip()[:LONGEST_TEXT]
    return page("messages/words.html", fragment="messages/_words.html", topics=looked_up(text), text=text)


def pretty(said: Any) -> str:
    """What was said, laid out for reading."""
    return said if isinstance(said, str) else orjson.dumps(said, option=orjson.OPT_INDENT_2).decode()


def _around(wanted: MessageFilter) -> dict[str, Any]:
    """What the list needs beside its rows."""
    station_id = wanted.station_id
    return {
        "asked": asked(),
        "station": queries.station_page(current_actor(), station_id).station if station_id else None,
    }


def _number(name: str) -> int | None:
    return request.args.get(name, type=int)


def _command_id(row: MessageRow) -> CommandId | None:
    """The command that this call of ours carried out, if it was one and still exists."""
    with suppress(ValueError, AppError):
        if row.sender is Sender.PLATFORM:
            return CommandId(queries.command(current_actor(), CommandId(UUID(row.message_id))).id)
    return None


def _session_id(row: MessageRow) -> UUID | None:
    """The session of the transaction that is named."""
    said = [
        part["transactionId"] for part in (row.call, row.answer) if isinstance(part, dict) and "transactionId" in part
    ]
    if not said or not isinstance(said[0], int):
        return None
    return session_of_transaction(current_actor(), StationId(row.station_id), said[0])

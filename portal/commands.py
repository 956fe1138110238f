"""Commands to a station: the forms, and one command until its answer is there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from charging import queries as charging
from kit.errors import Invalid
from kit.i18n import _
from portal.actor import current_actor
from portal.answers import TRIGGER_WORDS, reply, settings_read, settings_unknown, wish
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.render import go, page
from stations import queries
from stations.quirks import profile_of
from stations.use_cases import request_command
from stations.values import Action, CommandId, StationId

blueprint = Blueprint("commands", __name__)
blueprint.add_app_template_filter(wish)
blueprint.add_app_template_filter(reply)

# fields of a message by the fields of our forms: a refusal of the message stands at the form's field
FIELDS = {
    Action.RESET: {"type": "reset_type"},
    Action.UNLOCK: {"connectorId": "unlock_connector"},
    Action.CHANGE_AVAILABILITY: {"connectorId": "availability_connector", "type": "availability_type"},
    Action.TRIGGER_MESSAGE: {"requestedMessage": "trigger_message", "connectorId": "trigger_connector"},
    Action.GET_CONFIGURATION: {"key": "read_key"},
    Action.CHANGE_CONFIGURATION: {"key": "setting_key", "value": "setting_value"},
}


def _number(form: Form, name: str) -> int | None:
    return form.whole(name) if form.text(name) else None


MESSAGES: dict[Action, Callable[[Form], dict[str, Any]]] = {
    Action.RESET: lambda form: {"type": form.text("reset_type")},
    Action.UNLOCK: lambda form: {"connectorId": _number(form, "unlock_connector")},
    Action.CHANGE_AVAILABILITY: lambda form: {
        "connectorId": _number(form, "availability_connector"),
        "type": form.text("availability_type"),
    },
    Action.TRIGGER_MESSAGE: lambda form: {
        "requestedMessage": form.text("trigger_message"),
        "connectorId": _number(form, "trigger_connector"),
    },
    Action.GET_CONFIGURATION: lambda form: {"key": form.text("read_key").replace(",", " ").split()},
    Action.CHANGE_CONFIGURATION: lambda form: {"key": form.text("setting_key"), "value": form.text("setting_value")},
    Action.CLEAR_CACHE: lambda form: {},
}


@blueprint.route("/stations/<uuid:station_id>/maintenance", methods=["GET", "POST"])
def maintenance(station_id: UUID) -> Response:
    """Everything that can be asked of a station, what was asked, and what it sent that should be looked at."""
    form = Form()
    if form.sent:
        action = _action(request.form.get("action", ""))
        with form.checking():
            command = request_command(current_actor(), StationId(station_id), action, MESSAGES[action](form))
        if form.done:
            return go(url_for("commands.command", command_id=command.id))
        form.problems = {FIELDS.get(action, {}).get(name, name): code for name, code in form.problems.items()}
    shown = queries.station_page(current_actor(), StationId(station_id))
    return page(
        "commands/page.html",
        form=form,
        shown=shown,
        can_unlock=profile_of(shown.station).quirks.can_unlock,
        doubts=charging.doubts_of_station(current_actor(), StationId(station_id)),
        triggers=[(message, _(words)) for message, words in TRIGGER_WORDS.items()],
        actions=Action,
        status=form.status,
    )


@blueprint.post("/stations/<uuid:station_id>/commands")
def ask(station_id: UUID) -> Response:
    """One of the buttons on the station's page; the answer appears there."""
    action, form = _action(request.form.get("action", "")), Form()
    with form.checking():
        request_command(current_actor(), StationId(station_id), action, MESSAGES[action](form))
    if not form.done:
        flash(_("The command was incomplete."), "warning")
    return go(url_for("stations.station", station_id=station_id, _anchor="commands"))


@blueprint.get("/commands/<uuid:command_id>")
def command(command_id: UUID) -> Response:
    """One command: where it stands, and what the station answered."""
    return page("commands/command.html", fragment="commands/_command.html", **_present(CommandId(command_id)))


@live_page(blueprint, "/commands/<uuid:command_id>/live", every_s=5)
def live(command_id: UUID) -> LivePage:
    """The command until it is final."""
    context = _present(CommandId(command_id))
    topics = {f"station:{context['command'].station_id}"}
    return LivePage(topics, lambda: render_template("commands/_command.html", pushed=True, **context))


def _present(command_id: CommandId) -> dict[str, Any]:
    command = queries.command(current_actor(), command_id)
    return {
        "command": command,
        "shown": queries.station_page(current_actor(), StationId(command.station_id)),
        "read": settings_read(command),
        "unknown": settings_unknown(command),
    }


def _action(value: str) -> Action:
    action = next((action for action in MESSAGES if action.value == value), None)
    if action is None:
        raise Invalid(action="unknown")
    return action

"""Commands to a station: everyday ones, every message there is, and one command until its answer is there."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.functions import Function
from accounts.queries import names_of
from accounts.rights import Right
from charging import queries as charging
from charging.use_cases import send_by_hand
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.masking import mask
from portal.actor import current_actor, need
from portal.answers import failure_words, outcome, reply, settings_read, settings_unknown, wish
from portal.errors import problem_words
from portal.live import LivePage, live_page
from portal.message_forms import MessageForm, read_json, skeleton, written_json
from portal.offers import need_function
from portal.option_words import SUBJECTS, TRIGGER_WORDS, waits
from portal.render import go, page
from portal.station_files import id_asked_for
from stations import queries, use_cases
from stations.catalogue import CATALOGUE, MessageKind
from stations.queries import StationPage
from stations.quirks import profile_of
from stations.values import Action, CommandId, CommandState, StationId, WorkOrderId
from stations.wishes import MOST_TRIES, PATIENCE, USUAL_TRIES

if TYPE_CHECKING:
    from stations.models import StationCommand, WorkOrder

blueprint = Blueprint("commands", __name__)
PAGE_SIZE = 50
blueprint.add_app_template_filter(wish)
blueprint.add_app_template_filter(reply)
blueprint.add_app_template_filter(outcome)
blueprint.add_app_template_filter(failure_words)
blueprint.add_app_template_filter(written_json)

EVERYDAY = (
    Action.RESET,
    Action.CHANGE_AVAILABILITY,
    Action.UNLOCK,
    Action.TRIGGER_MESSAGE,
    Action.GET_CONFIGURATION,
    Action.CHANGE_CONFIGURATION,
    Action.CLEAR_CACHE,
)


@blueprint.route("/stations/<uuid:station_id>/maintenance", methods=["GET", "POST"])
def maintenance(station_id: UUID) -> Response:
    """What is asked of a station every day, the way to all other messages, what was asked, and what it sent that should
    be looked at.
    """
    shown = _commanded(station_id)
    forms = {action.value: _everyday(action, shown.time_zone) for action in EVERYDAY}
    status = 200
    if request.method == "POST":
        form = forms[_asked_for().value]
        command_id = _send(shown, _asked_for(), form)
        if command_id is not None:
            return go(url_for("commands.command", command_id=command_id))
        status = form.status
    return page(
        "commands/page.html",
        forms=forms,
        shown=shown,
        can_unlock=profile_of(shown.station).quirks.can_unlock,
        doubts=charging.doubts_of_station(current_actor(), StationId(station_id)),
        triggers=[(message, _(words)) for message, words in TRIGGER_WORDS.items()],
        actions=Action,
        subjects=message_menu(),
        status=status,
    )


@blueprint.route("/stations/<uuid:station_id>/send/<action>", methods=["GET", "POST"])
def send(station_id: UUID, action: str) -> Response:
    """One message with all its fields, or as JSON; `like` fills in what an earlier command said."""
    kind = kind_of(action)
    shown = _commanded(station_id)
    start = _like(kind)
    form = MessageForm(kind, shown.time_zone, start, wait=int(PATIENCE.total_seconds()), tries=USUAL_TRIES)
    as_json = "json" in request.args
    driver_there = False
    if form.sent and not form.wants_rows:
        try:
            command_id = _send(shown, kind.action, form, as_json=as_json)
        except Conflict as refused:
            if refused.code != "driver_there":
                raise
            driver_there, command_id = True, None
        if command_id is not None:
            return go(url_for("commands.command", command_id=command_id))
    return page(
        "commands/send.html",
        form=form,
        kind=kind,
        shown=shown,
        as_json=as_json,
        text=request.form.get("payload") or written_json(start or skeleton(kind.fields)),
        driver_there=driver_there,
        waits=waits(),
        tries=[(number, str(number)) for number in range(1, MOST_TRIES + 1)],
        status=409 if driver_there else form.status,
    )


@blueprint.get("/stations/<uuid:station_id>/commands")
def overview(station_id: UUID) -> Response:
    """All commands of a station, newest first, with their times and tries; narrowed by how far they got."""
    actor, before = current_actor(), id_asked_for("before")
    state = next((state for state in CommandState if state.value == request.args.get("state")), None)
    rows = queries.commands(
        actor,
        station_id=StationId(station_id),
        states=[state] if state else (),
        before=CommandId(before) if before else None,
        limit=PAGE_SIZE + 1,
    )
    return page(
        "commands/list.html",
        fragment="commands/_list.html",
        shown=queries.station_page(actor, StationId(station_id)),
        commands=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        askers=names_of(actor, {row.requested_by for row in rows}),
        state=state,
        states=list(CommandState),
    )


@blueprint.post("/stations/<uuid:station_id>/commands")
def ask(station_id: UUID) -> Response:
    """One of the buttons on the station's page; the answer appears there."""
    shown = _commanded(station_id)
    action = _asked_for()
    if _send(shown, action, _everyday(action, shown.time_zone)) is None:
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


@blueprint.post("/commands/<uuid:command_id>/cancel")
def cancel(command_id: UUID) -> Response:
    """Take a command back that was not sent yet."""
    try:
        use_cases.cancel_command(current_actor(), CommandId(command_id))
        flash(_("The command was cancelled."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("commands.command", command_id=command_id))


def kind_of(action: str) -> MessageKind:
    """A message by the standard's name. Raises NotFound."""
    found = next((kind for kind in CATALOGUE.values() if kind.action.value == action), None)
    if found is None:
        raise NotFound()
    return found


def message_menu() -> list[tuple[str, str, list[MessageKind]]]:
    """Every message by what it is about: words, icon, and the messages."""
    return [
        (_(words), icon, [kind for kind in CATALOGUE.values() if kind.subject is subject])
        for subject, (words, icon) in SUBJECTS.items()
    ]


def _commanded(station_id: UUID) -> StationPage:
    """The station that is to be told something. Raises NotFound, Forbidden, LicenceNeeded."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    need(Right.COMMAND_STATIONS, shown.account.id)
    need_function(Function.MAINTENANCE, shown.account.id, station_id)
    return shown


def _everyday(action: Action, time_zone: str) -> MessageForm:
    return MessageForm(CATALOGUE[action], time_zone, prefix=f"{action.value}.")


def _asked_for() -> Action:
    value = request.form.get("action", "")
    action = next((action for action in EVERYDAY if action.value == value), None)
    if action is None:
        raise Invalid(action="unknown")
    return action


def _send(shown: StationPage, action: Action, form: MessageForm, *, as_json: bool = False) -> UUID | None:
    """Send what stands in a form; None: it has problems."""
    try:
        command = send_by_hand(
            current_actor(),
            StationId(shown.station.id),
            action,
            read_json(request.form.get("payload", "")) if as_json else form.payload,
            expires_in=form.seconds("wait") if "wait" in request.form else PATIENCE,
            tries=form.whole("tries") if "tries" in request.form else USUAL_TRIES,
            unchecked=as_json and form.ticked("unchecked"),
            despite_driver=form.ticked("despite_driver"),
        )
    except Invalid as refused:
        form.place(refused)
        return None
    return command.id


def _like(kind: MessageKind) -> dict[str, Any]:
    """The payload of an earlier command of this kind."""
    try:
        earlier = queries.command(current_actor(), CommandId(UUID(request.args.get("like", ""))))
    except ValueError:
        return {}
    found: dict[str, Any] = mask(earlier.payload) if earlier.action is kind.action else {}
    return found


def _order_of(command: "StationCommand") -> "WorkOrder | None":
    """The order that it is part of, where one may see it: it may be an account's above."""
    if command.work_order_id is None:
        return None
    try:
        return queries.work_order(current_actor(), WorkOrderId(command.work_order_id)).order
    except NotFound:
        return None


def _present(command_id: CommandId) -> dict[str, Any]:
    actor = current_actor()
    command = queries.command(actor, command_id)
    started = charging.sessions_of_commands(actor, [command_id]) if command.action is Action.REMOTE_START else {}
    return {
        "command": command,
        "payload": mask(command.payload),
        "answer": mask(command.answer),
        "asker": names_of(actor, [command.requested_by]).get(command.requested_by),
        "session_id": started.get(command_id),
        "order": _order_of(command),
        "shown": queries.station_page(actor, StationId(command.station_id)),
        "read": settings_read(command),
        "unknown": settings_unknown(command),
    }

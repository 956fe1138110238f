"""Work orders: one message for many stations; who gets it, what it will do, and what became of it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.functions import Function
from accounts.queries import names_of
from accounts.rights import Right
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import lazy_ as word
from kit.ids import new_id
from kit.masking import mask
from portal.actor import current_account, current_account_id, current_actor, need
from portal.commands import kind_of, message_menu
from portal.errors import problem_words
from portal.live import LivePage, live_page
from portal.message_forms import MessageForm, read_json, skeleton, written_json
from portal.offers import need_function
from portal.option_words import waits
from portal.render import go, page
from portal.station_files import id_asked_for
from stations import queries, use_cases
from stations.catalogue import MessageKind
from stations.queries.work_orders import FASTEST_PACE, FOR_ONE_STATION, MOST_OFFERED, USUAL_PACE, USUAL_WAIT
from stations.values import Action, CommandId, CommandState, Selection, StationId, WorkOrderId
from stations.wishes import MOST_TRIES, USUAL_TRIES

blueprint = Blueprint("work_orders", __name__)
PAGE_SIZE = 50
TOLD = "told"  # in the place of a state: refused, and yet no refusal
NARROW = ("text", "vendor", "model", "version")  # `firmware` is a field of a message already
CARRIED_NOT = ("csrf_token", "request_key", "confirmed")
# buttons that only show the form again
STAY = ("narrow", "more")
DANGERS: dict[Action, str] = {
    Action.RESET: word("Running sessions end, and the stations can't charge until they are back."),
    Action.UNLOCK: word("A session at this connector ends, and its cable is free to be taken."),
    Action.CHANGE_AVAILABILITY: word("Out of service, nobody can charge there until you put them back."),
    Action.CHANGE_CONFIGURATION: word("A wrong value can take every one of these stations out of service."),
    Action.DATA_TRANSFER: word("Only the manufacturer knows what this does."),
    Action.UPDATE_FIRMWARE: word("The stations restart. A campaign does this in waves, and stops when some fail."),
    Action.SIGNED_UPDATE_FIRMWARE: word(
        "The stations restart. A campaign does this in waves, and stops when some fail."
    ),
    Action.SET_CHARGING_PROFILE: word("Running sessions may charge slower, or not at all."),
    Action.CLEAR_CHARGING_PROFILE: word("Stations may draw more power than the building can give."),
    Action.SEND_LOCAL_LIST: word("The lists on these stations are replaced, also those that are kept up to date."),
    Action.INSTALL_CERTIFICATE: word("Stations trust whom this certificate belongs to."),
    Action.DELETE_CERTIFICATE: word("Without the right root certificate a station can't connect any more."),
}


@blueprint.get("/work-orders")
def overview() -> Response:
    """The work orders of the chosen account, newest first."""
    before = id_asked_for("before")
    rows = queries.work_orders(
        current_actor(),
        current_account_id(),
        before=WorkOrderId(before) if before else None,
        limit=PAGE_SIZE + 1,
    )
    return page("work_orders/list.html", rows=rows[:PAGE_SIZE], more=len(rows) > PAGE_SIZE)


@blueprint.get("/work-orders/new")
def menu() -> Response:
    """Which message."""
    need(Right.COMMAND_STATIONS)
    need_function(Function.MAINTENANCE, current_account_id())
    subjects = [
        (words, icon, [kind for kind in kinds if kind.action not in FOR_ONE_STATION])
        for words, icon, kinds in message_menu()
    ]
    narrowed = {name: request.args[name] for name in NARROW if request.args.get(name)}
    return page("work_orders/menu.html", subjects=subjects, narrowed=narrowed)


@blueprint.route("/work-orders/new/<action>", methods=["GET", "POST"])
def add(action: str) -> Response:
    """Choose stations and fill in the message; look at what it comes to; order."""
    need(Right.COMMAND_STATIONS)
    kind = kind_of(action)
    if kind.action in FOR_ONE_STATION:
        raise NotFound()
    need_function(Function.MAINTENANCE, current_account_id())
    node = current_account()
    form = MessageForm(
        kind,
        node.time_zone if node else "Europe/Zurich",
        wait=int(USUAL_WAIT.total_seconds()),
        tries=USUAL_TRIES,
        per_minute=USUAL_PACE,
        start=None,
        **{name: request.args.get(name, "") for name in NARROW},
    )
    if form.sent and not any(name in request.form for name in STAY):
        try:
            return _confirmed(kind, form) if "confirmed" in request.form else _confirm(kind, form)
        except Invalid as refused:
            form.place(refused)
    fitting = _fitting(form)
    count, choices = queries.work_order_choices(current_actor(), current_account_id(), fitting)
    return page(
        "work_orders/add.html",
        form=form,
        kind=kind,
        as_json="json" in request.args,
        text=request.form.get("payload") or written_json(skeleton(kind.fields)),
        count=count,
        choices=choices,
        chosen=set(request.form.getlist("station")),
        offered=MOST_OFFERED,
        makes=queries.makes(current_actor(), current_account_id()),
        waits=waits(),
        tries=[(number, str(number)) for number in range(1, MOST_TRIES + 1)],
        fastest=FASTEST_PACE,
        status=form.status,
    )


@blueprint.get("/work-orders/<uuid:work_order_id>")
def work_order(work_order_id: UUID) -> Response:
    """How far it is, and what each station answered."""
    return page("work_orders/page.html", fragment="work_orders/_progress.html", **_present(WorkOrderId(work_order_id)))


@live_page(blueprint, "/work-orders/<uuid:work_order_id>/live", every_s=10)
def live(work_order_id: UUID) -> LivePage:
    """The progress as it goes on."""
    context = _present(WorkOrderId(work_order_id))
    topics = {f"work_order:{work_order_id}"}
    return LivePage(topics, lambda: render_template("work_orders/_progress.html", pushed=True, **context))


@blueprint.post("/work-orders/<uuid:work_order_id>/cancel")
def cancel(work_order_id: UUID) -> Response:
    """Take back what was not sent yet."""
    try:
        use_cases.cancel_work_order(current_actor(), WorkOrderId(work_order_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("work_orders.work_order", work_order_id=work_order_id))


@blueprint.post("/work-orders/<uuid:work_order_id>/repeat")
def repeat(work_order_id: UUID) -> Response:
    """The same again where nothing came of it."""
    try:
        made = use_cases.repeat_work_order(
            current_actor(), WorkOrderId(work_order_id), request_key=request.form.get("request_key")
        )
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
        return go(url_for("work_orders.work_order", work_order_id=work_order_id))
    return go(url_for("work_orders.work_order", work_order_id=made.id))


def _confirm(kind: MessageKind, form: MessageForm) -> Response:
    """What it comes to, before anything is sent."""
    wish = _wish(kind, form)
    plan = queries.plan_work(current_actor(), current_account_id(), **wish)
    return page(
        "work_orders/confirm.html",
        kind=kind,
        plan=plan,
        payload=mask(plan.wish["payload"]),
        danger=DANGERS.get(kind.action),
        per_minute=wish["per_minute"],
        fields=[(name, value) for name, value in request.form.items(multi=True) if name not in CARRIED_NOT],
        request_key=new_id(),
        as_json="json" in request.args,
    )


def _confirmed(kind: MessageKind, form: MessageForm) -> Response:
    made = use_cases.order_work(
        current_actor(), current_account_id(), **_wish(kind, form), request_key=form.optional("request_key")
    )
    return go(url_for("work_orders.work_order", work_order_id=made.id))


def _wish(kind: MessageKind, form: MessageForm) -> dict[str, Any]:
    """What stands in the form, as the doors take it. Raises Invalid."""
    as_json = "json" in request.args
    return {
        "selection": _selection(form),
        "action": kind.action,
        "payload": read_json(request.form.get("payload", "")) if as_json else form.payload,
        "name": form.text("name"),
        "expires_in": form.seconds("wait"),
        "tries": form.whole("tries") if "tries" in request.form else USUAL_TRIES,
        "unchecked": as_json and form.ticked("unchecked"),
        "per_minute": form.whole("per_minute"),
    }


def _selection(form: MessageForm) -> Selection:
    if form.ticked("all"):
        return _fitting(form)
    try:
        return Selection(tuple(StationId(UUID(one)) for one in request.form.getlist("station")))
    except ValueError as error:
        raise Invalid(station_ids="unknown") from error


def _fitting(form: MessageForm) -> Selection:
    text, vendor, model, version = (form.value(name).strip() for name in NARROW)
    return Selection(text=text, vendor=vendor, model=model, firmware=version)


def _present(work_order_id: WorkOrderId) -> dict[str, Any]:
    actor, after = current_actor(), id_asked_for("after")
    asked = request.args.get("state")
    state = CommandState.REFUSED if asked == TOLD else next((one for one in CommandState if one.value == asked), None)
    rows = queries.work_order_stations(
        actor,
        work_order_id,
        [state] if state else (),
        told=None if state is None else asked == TOLD,
        after=CommandId(after) if after else None,
        limit=PAGE_SIZE + 1,
    )
    shown = queries.work_order(actor, work_order_id)
    return {
        "shown": shown,
        "rows": rows[:PAGE_SIZE],
        "more": len(rows) > PAGE_SIZE,
        "counts": [
            (state, count)
            for state in CommandState
            if (count := shown.counts.get(state, 0) - (shown.told if state is CommandState.REFUSED else 0))
        ],
        "payload": mask(shown.order.payload),
        "asker": names_of(actor, [shown.order.requested_by]).get(shown.order.requested_by),
        "request_key": new_id(),
        "asked": {**({"state": asked} if state else {}), **({"after": str(after)} if after else {})},
    }

"""Mass changes: what changes for which connectors, what it comes to, how far it is, and back again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.rights import Right
from kit import clock
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from kit.ids import new_id
from mass_changes import queries, use_cases
from mass_changes.values import (
    PARTS,
    ROUNDINGS,
    ConnectorPlace,
    How,
    MassChangeId,
    RowState,
    Scope,
    Step,
    Subject,
    Wish,
)
from portal.actor import current_account_id, current_actor, known_account, need
from portal.errors import problem_words
from portal.forms import Form
from portal.hours_form import MODES, hours_context, hours_values, monday_copied, read_hours
from portal.labels import label
from portal.live import LivePage, live_page
from portal.mass_words import PART_WORDS, value_words, why_not, wish_words
from portal.render import go, page
from portal.station_files import id_asked_for
from stations.queries import stations_after

blueprint = Blueprint("mass_changes", __name__)
PAGE_SIZE, OFFERED = 50, 100
RIGHTS = {
    Subject.PRICES: Right.MANAGE_TARIFFS,
    Subject.OPENING_HOURS: Right.MANAGE_STATIONS,
    Subject.VAT: Right.MANAGE_TARIFFS,
}
CARRIED_NOT = ("csrf_token", "request_key", "look", "confirmed", "narrow", "copy", "after", "connector")
LEAVE = "leave"  # in the place of what happens to a part of a price: nothing


@blueprint.get("/mass-changes")
def overview() -> Response:
    """The changes of the chosen account and those below it, newest first."""
    before = id_asked_for("before")
    runs = queries.mass_changes(
        current_actor(),
        current_account_id(),
        before=MassChangeId(before) if before else None,
        limit=PAGE_SIZE + 1,
    )
    return page(
        "mass_changes/list.html", runs=runs[:PAGE_SIZE], more=len(runs) > PAGE_SIZE, subjects=RIGHTS, words=wish_words
    )


@blueprint.get("/mass-changes/new")
def choose() -> Response:
    """Prices, opening hours or VAT; for the properties that were ticked before."""
    chosen = request.args.getlist("chosen", type=UUID)
    return page("mass_changes/choose.html", subjects=list(Subject), chosen=chosen, rights=RIGHTS)


@blueprint.route("/mass-changes/new/<subject>", methods=["GET", "POST"])
def add(subject: str) -> Response:
    """What changes and where; then what it comes to; then it starts."""
    about = next((one for one in Subject if one.value == subject), None)
    if about is None:
        raise NotFound()
    need(RIGHTS[about], current_account_id())
    form, values = _form()
    if form.sent and "narrow" not in request.form:
        try:
            with form.checking():
                wish, scope = _wish(about, form), _scope(form)
                if "confirmed" in request.form:
                    return _start(wish, scope, form)
                return _preview(about, wish, scope)
        except Conflict as refused:
            flash(problem_words(refused.code, refused.status), "warning")
    text = form.value("text").strip()
    fitting = stations_after(current_actor(), current_account_id(), text=text, limit=OFFERED + 1)
    return page(
        "mass_changes/add.html",
        form=form,
        subject=about,
        parts=[(part, _(PART_WORDS[part])) for part in PARTS],
        hows=[(LEAVE, _("leave as it is")), *((how.value, label(how)) for how in How)],
        roundings=ROUNDINGS,
        modes=[(mode, _(words)) for mode, words in MODES.items()],
        properties=[node for one in _ids("property") if (node := known_account(one)) is not None],
        stations=fitting[:OFFERED],
        many=len(fitting) > OFFERED,
        chosen=set(_ids("station")),
        status=form.status,
        **hours_context(form, values),
    )


@blueprint.get("/mass-changes/<uuid:mass_change_id>")
def mass_change(mass_change_id: UUID) -> Response:
    """How far it is, and what became of each connector."""
    context = _present(MassChangeId(mass_change_id))
    return page("mass_changes/page.html", fragment="mass_changes/_progress.html", **context)


@live_page(blueprint, "/mass-changes/<uuid:mass_change_id>/live", every_s=10)
def live(mass_change_id: UUID) -> LivePage:
    """The progress as it goes on."""
    context = _present(MassChangeId(mass_change_id))
    topics = {f"mass_change:{mass_change_id}"}
    return LivePage(topics, lambda: render_template("mass_changes/_progress.html", pushed=True, **context))


@blueprint.post("/mass-changes/<uuid:mass_change_id>/stop")
def stop(mass_change_id: UUID) -> Response:
    """Leave what waits as it is."""
    try:
        use_cases.stop_mass_change(current_actor(), MassChangeId(mass_change_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("mass_changes.mass_change", mass_change_id=mass_change_id))


@blueprint.post("/mass-changes/<uuid:mass_change_id>/undo")
def undo(mass_change_id: UUID) -> Response:
    """Everything as it was, where nobody changed it since."""
    try:
        use_cases.undo_mass_change(current_actor(), MassChangeId(mass_change_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("mass_changes.mass_change", mass_change_id=mass_change_id))


def _form() -> tuple[Form, dict[str, str]]:
    """The form; with the button that copies Monday's hours nothing is looked at yet."""
    values = hours_values(None, clock.now().date()) | {"round_to": str(ROUNDINGS[0])}
    form = Form(**values)
    if form.sent and "copy" in request.form:
        values |= monday_copied(form)
        form = Form(**values)
        form.sent = False
    return form, values


def _preview(subject: Subject, wish: Wish, scope: Scope) -> Response:
    """What it comes to, before anything is changed."""
    try:
        after = ConnectorPlace.parse(request.form["after"]) if "after" in request.form else None
    except ValueError:
        after = None
    shown = queries.preview_mass_change(
        current_actor(), current_account_id(), wish, scope, after=after, limit=PAGE_SIZE + 1
    )
    return page(
        "mass_changes/preview.html",
        subject=subject,
        shown=shown,
        rows=shown.rows[:PAGE_SIZE],
        more=len(shown.rows) > PAGE_SIZE,
        first=after is None,
        named=scope.connector_ids,
        words=wish_words(wish),
        fields=[(name, value) for name, value in request.form.items(multi=True) if name not in CARRIED_NOT],
        request_key=request.form.get("request_key") or new_id(),
        why_not=why_not,
        value_words=value_words,
    )


def _start(wish: Wish, scope: Scope, form: Form) -> Response:
    made = use_cases.start_mass_change(
        current_actor(), current_account_id(), wish, scope, request_key=form.optional("request_key")
    )
    return go(url_for("mass_changes.mass_change", mass_change_id=made.id))


def _wish(subject: Subject, form: Form) -> Wish:
    """What stands in the form, as the doors take it. Raises Invalid."""
    match subject:
        case Subject.PRICES:
            rounding = next((one for one in ROUNDINGS if str(one) == form.text("round_to")), ROUNDINGS[0])
            wanted = [part for part in PARTS if form.text(f"{part}_how") not in ("", LEAVE)]
            steps = {part: Step(form.choice(f"{part}_how", How), form.decimal(part)) for part in wanted}
            told_nothing = [part for part in PARTS if form.text(part) and part not in steps]
            if told_nothing or not steps:
                raise Invalid(**dict.fromkeys((f"{part}_how" for part in told_nothing or PARTS[:1]), "unknown"))
            return Wish(subject, steps, rounding)
        case Subject.OPENING_HOURS:
            return Wish(subject, hours=read_hours(form))
        case Subject.VAT:
            return Wish(subject, vat_percent=form.decimal("vat_percent") if form.text("vat_percent") else None)


def _scope(form: Form) -> Scope:
    """Ticked connectors, else ticked stations, else the chosen properties, else everything."""
    if connectors := _ids("connector"):
        return Scope(connector_ids=connectors)
    if stations := _ids("station"):
        return Scope(station_ids=stations)
    properties = _ids("property")
    return Scope(everything=not properties, account_ids=properties, text=form.text("text"))


def _ids(name: str) -> tuple[UUID, ...]:
    """Ids that were sent or stand in the address, each once."""
    source = request.form if request.method == "POST" else request.args
    return tuple(dict.fromkeys(source.getlist(name, type=UUID)))


def _present(mass_change_id: MassChangeId) -> dict[str, Any]:
    asked = request.args.get("state")
    state = next((one for one in RowState if one.value == asked), None)
    after = id_asked_for("after")
    rows = queries.mass_change_rows(
        current_actor(), mass_change_id, [state] if state else (), after=after, limit=PAGE_SIZE + 1
    )
    run = queries.mass_change(current_actor(), mass_change_id)
    return {
        "run": run,
        "rows": rows[:PAGE_SIZE],
        "more": len(rows) > PAGE_SIZE,
        "counts": [(one, run.counts[one]) for one in RowState if run.counts.get(one)],
        "words": wish_words(run.wish),
        "right": RIGHTS[run.change.subject].name,
        "why_not": why_not,
        "value_words": value_words,
        "asked": {**({"state": asked} if state else {}), **({"after": str(after)} if after else {})},
    }

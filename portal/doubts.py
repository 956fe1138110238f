"""What somebody should look at: ends without a session, and doubtful messages."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from accounts.values import AccountId
from billing import queries as billing
from charging import queries, use_cases
from charging.values import Doubt, DoubtId, OrphanId, OrphanState, SessionId
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal.actor import current_account_id, current_accounts, current_actor
from portal.doubt_words import doubt_sentence
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from stations.values import ConnectorId, StationId

blueprint = Blueprint("doubts", __name__)
blueprint.add_app_template_global(doubt_sentence)
PAGE_SIZE, MOST_ORPHANS = 25, 50


@blueprint.get("/to-look-at")
def overview() -> Response:
    """Ends that wait for a word, and the newest doubts of the chosen account, narrowed by kind."""
    actor, station_id = current_actor(), _id("station")
    kind = next((one for one in Doubt if one.value == request.args.get("kind")), None)
    everything = request.args.get("show") == "all"
    before = _id("before")
    rows = queries.doubts(
        actor,
        account_id=current_account_id(),
        station_id=None if station_id is None else StationId(station_id),
        doubt=kind,
        looked_at=None if everything else False,
        before=None if before is None else DoubtId(before),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "doubts/page.html",
        fragment="doubts/_list.html",
        orphans=queries.orphans(
            actor,
            account_id=current_account_id(),
            station_id=None if station_id is None else StationId(station_id),
            state=None if everything else OrphanState.OPEN,
            limit=MOST_ORPHANS,
        ),
        doubts=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        asked={name: value for name, value in request.args.items() if value and name != "before"},
        kinds=list(Doubt),
        waiting=queries.open_doubts(actor, current_account_id()),
    )


@blueprint.post("/to-look-at/looked")
def looked() -> Response:
    """Somebody has looked: at one doubt, or at all of the chosen account."""
    one = request.form.get("doubt", type=UUID)
    if one is not None:
        use_cases.mark_doubts_looked_at(current_actor(), [DoubtId(one)])
    else:
        count = sum(use_cases.mark_all_doubts_looked_at(current_actor(), account_id) for account_id in _chosen())
        flash(_("Marked as looked at: %(count)s.", count=count))
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in ("kind", "show", "station")}
    return go(url_for("doubts.overview", **kept))


@blueprint.route("/to-look-at/ends/<uuid:orphan_id>", methods=["GET", "POST"])
def orphan(orphan_id: UUID) -> Response:
    """One end without a session, and what it was."""
    shown = queries.orphan_page(current_actor(), OrphanId(orphan_id))
    own = shown.session
    form = Form(
        connector=shown.connectors[0].id if len(shown.connectors) == 1 else "",
        tag=shown.orphan.id_tag,
        started_at="" if own is None else _local(own.started_at, shown.time_zone),
        meter_start="" if own is None else f"{own.meter_start_wh / 1000:.3f}",
    )
    if form.sent:
        try:
            with form.checking():
                _resolve(form, OrphanId(orphan_id), shown.time_zone)
        except Conflict as refused:
            flash(problem_words(refused.code), "warning")
            return go(url_for("doubts.orphan", orphan_id=orphan_id))
        if form.done:
            flash(_("Saved."))
            return go(url_for("doubts.orphan", orphan_id=orphan_id))
    return page(
        "doubts/orphan.html",
        form=form,
        shown=shown,
        charges=billing.charges_of(current_actor(), [one.id for one in shown.candidates]) if shown.candidates else {},
        status=form.status,
    )


def _chosen() -> list[AccountId]:
    """The chosen account, or all where one may do this."""
    chosen = current_account_id()
    if chosen is not None:
        return [chosen]
    return [node.id for node in current_accounts() if Right.CONTROL_SESSIONS in node.rights]


def _resolve(form: Form, orphan_id: OrphanId, zone: str) -> None:
    actor, how = current_actor(), form.text("how")
    if how == "attach":
        use_cases.attach_orphan(actor, orphan_id, SessionId(_uuid(form, "session")))
    elif how == "accept":
        problems: dict[str, Any] = {}
        try:
            use_cases.accept_orphan(
                actor,
                orphan_id,
                connector_id=ConnectorId(_uuid(form, "connector")),
                started_at=_instant(form, zone),
                meter_start_wh=int(form.decimal("meter_start") * 1000),
                id_tag=form.text("tag"),
            )
        except Invalid as refused:
            names = {"connector_id": "connector", "meter_start_wh": "meter_start"}
            problems = {names.get(name, name): code for name, code in refused.fields.items()}
        if problems:
            raise Invalid(**problems)
    else:
        use_cases.dismiss_orphan(actor, orphan_id, reason=form.text("reason"))


def _uuid(form: Form, name: str) -> UUID:
    try:
        return UUID(form.text(name))
    except ValueError as error:
        raise Invalid(**{name: "unknown"}) from error


def _instant(form: Form, zone: str) -> datetime:
    try:
        return datetime.fromisoformat(form.text("started_at")).replace(tzinfo=ZoneInfo(zone))
    except ValueError as error:
        raise Invalid(started_at="not_an_instant" if form.text("started_at") else "required") from error


def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")


def _id(name: str) -> UUID | None:
    return request.args.get(name, type=UUID)

"""What an operator brings along from another platform: the file, what would become of it, and what did."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts import queries as accounts
from accounts.access import ANYONE
from accounts.flags import Flag
from accounts.queries import names_of
from accounts.rights import Right
from accounts.values import AccountId
from imports import queries, use_cases
from imports.columns import COLUMNS, HEADINGS, heading
from imports.values import LARGEST_FILE, ImportId, Outcome, What
from kit.errors import Conflict
from kit.i18n import _, language
from kit.i18n import lazy_ as word
from kit.spreadsheets import MARK, csv_text
from portal.actor import current_account, current_actor, current_person
from portal.errors import problem_words
from portal.forms import Form
from portal.labels import field_words
from portal.live import LivePage, live_page
from portal.render import go, page

blueprint = Blueprint("imports", __name__)
FORM_OVERHEAD = 64 * 1024
SIZE = 25
REASONS = {
    "there_already": word("is here already"),
    "twice": word("stands in the file twice"),
    "no_price": word("tells neither price nor tag; please add it under “Prices for people”"),
}
EXAMPLES = {
    What.STATIONS: ("Garage Nord", "CP-001", 1, "", "Type 2", 22, "Seestrasse 1", 6300, "Zug", "CH", 47.166, 8.515),
    What.PEOPLE: ("hauswart@example.org", "Hauswart", "04A1B2C3", "Garage Nord", 1, 0, 0),
    What.TAGS: ("04A1B2C3", "Hauswart", "", "2030-12-31", ""),
    What.HISTORY: ("Garage Nord", 1, "2026-03-01 08:00", "2026-03-01 10:30", "", 12.345, "04A1B2C3", "", 4.2, "CHF"),
}


@blueprint.url_value_preprocessor
def allow_large_files(endpoint: str | None, _values: Any) -> None:
    """The form with the file may be larger than others; for people who have signed in, before it is read."""
    if endpoint == "imports.overview" and current_person():
        request.max_content_length = LARGEST_FILE + FORM_OVERHEAD


@blueprint.route("/accounts/<uuid:account_id>/import", methods=["GET", "POST"])
def overview(account_id: UUID) -> Response:
    """Bring a file; what was brought before."""
    before = request.args.get("before", type=UUID)
    found = queries.imports(current_actor(), AccountId(account_id), before=before, limit=SIZE + 1)
    shown = found.rows[:SIZE]
    form = Form(what=What.STATIONS)
    if form.sent:
        with form.checking():
            file = request.files.get("file")
            made = use_cases.preview_import(
                current_actor(),
                AccountId(account_id),
                what=form.choice("what", What),
                content=file.read() if file else b"",
                file_name=file.filename or "" if file else "",
            )
        if form.done:
            return go(url_for("imports.show", import_id=made.id))
    return page(
        "imports/list.html",
        form=form,
        account_name=found.account_name,
        rows=shown,
        older=shown[-1].id if len(found.rows) > SIZE else None,
        account_id=account_id,
        whats=list(What),
        names=names_of(ANYONE, {row.brought_by for row in shown}),
        status=form.status,
    )


@blueprint.get("/imports/<uuid:import_id>")
def show(import_id: UUID) -> Response:
    """What would become of each row, or did."""
    return page("imports/page.html", fragment="imports/_rows.html", **_shown(import_id))


@live_page(blueprint, "/imports/<uuid:import_id>/live", every_s=5)
def live(import_id: UUID) -> LivePage:
    """The same while it runs."""
    context = _shown(import_id)
    return LivePage({f"import:{import_id}"}, lambda: render_template("imports/_rows.html", pushed=True, **context))


@blueprint.post("/imports/<uuid:import_id>/start")
def start(import_id: UUID) -> Response:
    """Carry out what the preview shows."""
    use_cases.start_import(current_actor(), ImportId(import_id))
    flash(_("The import runs. You can leave this page."))
    return go(url_for("imports.show", import_id=import_id))


@blueprint.post("/imports/<uuid:import_id>/discard")
def discard(import_id: UUID) -> Response:
    """Forget the preview."""
    view = queries.import_view(current_actor(), ImportId(import_id), size=1)
    use_cases.discard_import(current_actor(), ImportId(import_id))
    return go(url_for("imports.overview", account_id=view.row.account_id))


@blueprint.post("/imports/<uuid:import_id>/undo")
def undo(import_id: UUID) -> Response:
    """Take back what it made."""
    try:
        use_cases.undo_import(current_actor(), ImportId(import_id))
        flash(_("Everything that this import made is gone again."))
    except Conflict as refused:
        row = refused.details.get("row")
        words = _("Row %(number)s is used by now, so nothing was undone.", number=row) if row else ""
        flash(words or problem_words(refused.code), "danger")
    return go(url_for("imports.show", import_id=import_id))


@blueprint.get("/imports/template/<what>.csv")
def template(what: str) -> Response:
    """An empty table with the headings and one example."""
    kind = next((one for one in What if one.value == what), What.STATIONS)
    headings = [heading(column, language()) for column in COLUMNS[kind]]
    example = [*EXAMPLES[kind], *[""] * len(headings)][: len(headings)]
    text = MARK + csv_text([headings, example])
    name = f"import-{kind.value}.csv"
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def import_row_words(field: str, code: str) -> str:
    """Why a row is left out, or what is wrong in it."""
    if code in REASONS:
        return _(REASONS[code])
    column = heading(field, language()) if field in HEADINGS else ""
    return f"{column}: {field_words(code)}" if column else field_words(code)


def can_import() -> bool:
    """Whether to lead somebody from the chosen account to its imports; the door decides again."""
    node = current_account()
    if node is None or Right.MANAGE_ACCOUNT not in node.rights:
        return False
    return Flag.OWN_IMPORT in accounts.functions_on(current_actor(), node.id)


blueprint.add_app_template_global(import_row_words)
blueprint.add_app_template_global(can_import)


def _shown(import_id: UUID) -> dict[str, Any]:
    outcome = next((one for one in Outcome if one.value == request.args.get("outcome")), None)
    number = request.args.get("page", 1, type=int)
    view = queries.import_view(current_actor(), ImportId(import_id), outcome=outcome, number=number)
    return {"view": view, "asked": outcome, "outcomes": list(Outcome)}

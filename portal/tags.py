"""RFID tags: the list, one of them, many from a file."""

import csv
import io
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.queries import AccountNode
from accounts.rights import Right
from accounts.values import AccountId
from charging import queries, use_cases
from charging.values import NewTag, TagId, TagState
from kit.errors import Invalid
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_account_id, current_accounts, current_actor, need_in_whole
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("tags", __name__)
LARGEST_FILE = 1_000_000  # bytes of text
MOST_SHOWN = 20  # refused rows of an import
BLOCKED_WORDS = frozenset({"blocked", "gesperrt", "bloqué", "bloccata"})
HEADINGS = frozenset(
    {"tag number", "tag", "id_tag", "idtag", "kartennummer", "numéro de badge", "numero della tessera"}
)
FIELDS = {"parent_id_tag": "group", "expires_at": "valid_until"}
COLUMN_WORDS = {
    "id_tag": word("Tag number"),
    "name": word("Name"),
    "valid_until": word("Valid until"),
    "group": word("Group"),
    "state": word("State"),
}


@blueprint.get("/tags")
def overview() -> Response:
    """The tags of the chosen account, narrowed by words and state."""
    text = request.args.get("text", "").strip()
    state = next((state for state in TagState if state.value == request.args.get("state")), None)
    number = request.args.get("page", 1, type=int)
    found = queries.tag_page(current_actor(), current_account_id(), text=text, state=state, number=number)
    return page("tags/list.html", fragment="tags/_list.html", tags=found, text=text, state=state, states=list(TagState))


@blueprint.route("/tags/new", methods=["GET", "POST"])
def add() -> Response:
    """One more tag."""
    need_in_whole(Right.MANAGE_STATIONS)
    need_in_whole(Right.VIEW_SESSIONS)
    form = Form(account=current_account_id(), id_tag=request.args.get("number", ""))
    if form.sent:
        with form.checking():
            account_id = _account(form)
            use_cases.add_tag(
                current_actor(),
                account_id,
                form.text("id_tag"),
                name=form.text("name"),
                expires_at=_end_of_day(form.text("valid_until"), _zone(account_id)),
                parent_id_tag=form.text("group"),
            )
        if form.done:
            flash(_("The tag is added."))
            return go(url_for("tags.overview"))
        _at_own_fields(form)
    return page("tags/edit.html", form=form, shown=None, managed=_managed(), status=form.status)


@blueprint.route("/tags/<uuid:tag_id>", methods=["GET", "POST"])
def edit(tag_id: UUID) -> Response:
    """Name, expiry and group of a tag."""
    shown = queries.tag(current_actor(), TagId(tag_id))
    row = shown.tag
    last_day = _last_day(row.expires_at, shown.time_zone)
    form = Form(name=row.name, valid_until=last_day, group=row.parent_id_tag)
    if form.sent:
        with form.checking():
            wished = form.text("valid_until")
            use_cases.update_tag(
                current_actor(),
                TagId(tag_id),
                name=form.text("name"),
                expires_at=None if wished == last_day else _end_of_day(wished, shown.time_zone),
                remove_expiry=not wished,
                parent_id_tag=form.text("group"),
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("tags.overview"))
        _at_own_fields(form)
    return page("tags/edit.html", form=form, shown=shown, managed=[], status=form.status)


@blueprint.post("/tags/<uuid:tag_id>/block")
def block(tag_id: UUID) -> Response:
    """Let a tag start nothing any more."""
    use_cases.block_tag(current_actor(), TagId(tag_id))
    flash(_("The tag is blocked. A session that runs goes on."))
    return go(url_for("tags.edit", tag_id=tag_id))


@blueprint.post("/tags/<uuid:tag_id>/unblock")
def unblock(tag_id: UUID) -> Response:
    """Let a blocked tag charge again."""
    use_cases.unblock_tag(current_actor(), TagId(tag_id))
    flash(_("The tag may charge again."))
    return go(url_for("tags.edit", tag_id=tag_id))


@blueprint.post("/tags/<uuid:tag_id>/delete")
def delete(tag_id: UUID) -> Response:
    """Forget a tag."""
    use_cases.delete_tag(current_actor(), TagId(tag_id))
    flash(_("The tag is removed. Its sessions stay."))
    return go(url_for("tags.overview"))


@blueprint.route("/tags/import", methods=["GET", "POST"])
def import_file() -> Response:
    """Many tags from a CSV file: new ones are added, known ones changed, all or none."""
    need_in_whole(Right.MANAGE_STATIONS)
    need_in_whole(Right.VIEW_SESSIONS)
    form = Form(account=current_account_id())
    refused: list[use_cases.RefusedTag] = []
    if form.sent:
        with form.checking():
            account_id = _account(form)
            tags, refused = _read(_text(), _zone(account_id))
            if not refused:
                done = use_cases.import_tags(current_actor(), account_id, tags)
                refused = list(done.refused)
        if form.done and not refused:
            flash(_("New tags: %(added)s. Changed: %(changed)s.", added=done.added, changed=done.changed))
            return go(url_for("tags.overview"))
    return page(
        "tags/import.html",
        form=form,
        refused=[
            (one.row, _(COLUMN_WORDS[FIELDS.get(one.field, one.field)]), one.code) for one in refused[:MOST_SHOWN]
        ],
        managed=_managed(),
        columns=COLUMN_WORDS,
        status=422 if refused else form.status,
    )


def _text() -> str:
    """The text of the file that was sent; Excel's own kinds of text are read, too. Raises Invalid(rows=)."""
    file = request.files.get("rows")
    data = file.read(LARGEST_FILE + 1) if file else b""
    if len(data) > LARGEST_FILE:
        raise Invalid(rows="too_many")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(rows="invalid")


def _read(text: str, zone: str) -> tuple[list[NewTag], list[use_cases.RefusedTag]]:
    """The tags of a CSV text, and the rows whose date can't be read. A first row with column names is passed over."""
    separator = max(";,\t", key=text.partition("\n")[0].count)
    tags, refused = [], []
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(cell.strip() for cell in row)]
    if rows and rows[0][0].strip().lower() in HEADINGS:
        rows = rows[1:]
    for number, row in enumerate(rows, start=1):
        id_tag, name, until, group, state = (cell.strip() for cell in (*row, "", "", "", "", "")[:5])
        expires_at = None
        try:
            expires_at = _end_of_day(until, zone)
        except Invalid as problem:
            refused.append(use_cases.RefusedTag(number, "valid_until", problem.fields["valid_until"]))
        tags.append(NewTag(id_tag, name, expires_at, group, blocked=state.lower() in BLOCKED_WORDS))
    return tags, refused


def _end_of_day(text: str, zone: str) -> datetime | None:
    """The end of a day that was typed, as 2027-03-31 or 31.03.2027. Raises Invalid(valid_until=)."""
    if not text:
        return None
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            last_day = datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a day has no zone
            return datetime.combine(last_day + timedelta(days=1), time(), ZoneInfo(zone))
        except (ValueError, OverflowError):
            continue
    raise Invalid(valid_until="not_a_day")


def _last_day(expires_at: datetime | None, zone: str) -> str:
    if expires_at is None:
        return ""
    return (expires_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date().isoformat()


def _account(form: Form) -> AccountId:
    try:
        return AccountId(UUID(form.text("account")))
    except ValueError as error:
        raise Invalid(account="unknown") from error


def _zone(account_id: AccountId) -> str:
    return next((node.time_zone for node in current_accounts() if node.id == account_id), "Europe/Zurich")


def _managed() -> list[AccountNode]:
    return [node for node in current_accounts() if Right.MANAGE_STATIONS in node.rights]


def _at_own_fields(form: Form) -> None:
    form.problems = {FIELDS.get(name, name): code for name, code in form.problems.items()}

"""What the platform tells its operators: the desk where it is written, and the banner that readers put away."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.values import LANGUAGES
from announcements import queries, use_cases
from announcements.queries import Notice
from announcements.values import AnnouncementId, Audience, Draft, Severity
from kit import clock
from kit.errors import Invalid
from kit.i18n import _, language
from licensing.plans import catalogue
from portal.actor import current_account, current_actor
from portal.forms import Form
from portal.licences import plan_words
from portal.render import go, page, safe_target

blueprint = Blueprint("announcements", __name__)
ZONE = ZoneInfo("Europe/Zurich")  # where the staff writes


@blueprint.get("/platform/announcements")
def overview() -> Response:
    """What was, is and will be told."""
    found = queries.all_announcements(current_actor(), number=request.args.get("page", 1, type=int))
    return page("announcements/list.html", found=found, spoken=language())


@blueprint.route("/platform/announcements/new", methods=["GET", "POST"])
def write() -> Response:
    """Tell something new."""
    accounts.tenants(current_actor(), size=1)  # for staff only
    now = clock.now()
    form = Form(begins_at=_typed(now), ends_at=_typed(now + timedelta(days=7)), severity=Severity.INFO)
    if form.sent:
        with form.checking():
            use_cases.write_announcement(current_actor(), _draft(form))
        if form.done:
            return _back(_("The announcement is written."))
    return _form(form, None)


@blueprint.route("/platform/announcements/<uuid:announcement_id>", methods=["GET", "POST"])
def change(announcement_id: UUID) -> Response:
    """Other words, other times."""
    found = queries.announcement(current_actor(), AnnouncementId(announcement_id))
    row = found.row
    form = Form(
        **{f"text_{code}": text for code, text in row.texts.items()},
        **{name: getattr(row, name) for name in ("severity", "audience", "plan", "link")},
        begins_at=_typed(row.begins_at),
        ends_at=_typed(row.ends_at),
        accounts="\n".join(one.name for one in found.accounts),
    )
    if form.sent:
        with form.checking():
            use_cases.change_announcement(current_actor(), AnnouncementId(announcement_id), _draft(form))
        if form.done:
            return _back(_("Saved."))
    return _form(form, found)


@blueprint.post("/platform/announcements/<uuid:announcement_id>/end")
def end(announcement_id: UUID) -> Response:
    """Show it no more."""
    use_cases.end_announcement(current_actor(), AnnouncementId(announcement_id))
    return _back(_("The announcement is not shown any more."))


@blueprint.post("/announcements/<uuid:announcement_id>/put-away")
def put_away(announcement_id: UUID) -> Response:
    """The reader has read it."""
    use_cases.put_away(current_actor(), AnnouncementId(announcement_id))
    return go(safe_target(request.form.get("next")) or url_for("dashboard.overview"))


def announcements_here() -> list[Notice]:
    """What every page of the chosen account shows on top."""
    node = current_account() if queries.anything_announced(current_actor()) else None
    return queries.announcements_for(current_actor(), node.id) if node else []


blueprint.add_app_template_global(announcements_here)


def _back(words: str) -> Response:
    flash(words)
    return go(url_for("announcements.overview"))


def _form(form: Form, found: queries.Written | None) -> Response:
    return page(
        "announcements/write.html",
        form=form,
        found=found,
        codes=LANGUAGES,
        severities=list(Severity),
        audiences=list(Audience),
        plans=[(plan.id, plan_words(plan.id)) for plan in catalogue().plans],
        status=form.status,
    )


def _draft(form: Form) -> Draft:
    audience = form.choice("audience", Audience)
    chosen = form.text("accounts").splitlines() if audience is Audience.ACCOUNTS else []
    return Draft(
        texts={code: form.text(f"text_{code}") for code in LANGUAGES},
        begins_at=_instant(form, "begins_at"),
        ends_at=_instant(form, "ends_at"),
        severity=form.choice("severity", Severity),
        audience=audience,
        plan=form.text("plan"),
        account_ids=[one.id for one in accounts.tenants_named(current_actor(), chosen)] if chosen else [],
        link=form.text("link"),
    )


def _typed(instant: datetime) -> str:
    return instant.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def _instant(form: Form, name: str) -> datetime:
    text = form.text(name)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError as error:
        raise Invalid(**{name: "not_an_instant" if text else "required"}) from error

"""Where the people who run the platform ask to see an account, and go there; every page they look at leaves a line."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, request, session, url_for

from accounts import queries, use_cases
from accounts.values import LONGEST_VISIT_H, AccountId, SupportVisitId
from kit.i18n import _, ngettext
from portal.actor import current_actor, current_person
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("support_desk", __name__, url_prefix="/platform")
HOURS = (1, 2, 4, 8, LONGEST_VISIT_H)


@blueprint.route("/tenants/<uuid:account_id>/support", methods=["GET", "POST"])
def overview(account_id: UUID) -> Response:
    """Ask the account's people; what they answered before."""
    row = queries.tenant(current_actor(), AccountId(account_id))
    form = Form(hours=2)
    if form.sent:
        with form.checking():
            use_cases.ask_for_visit(
                current_actor(),
                AccountId(account_id),
                reason=form.text("reason"),
                hours=form.whole("hours"),
                with_import=form.ticked("with_import"),
            )
        if form.done:
            flash(_("The account's people are asked by mail."))
            return go(url_for("support_desk.overview", account_id=account_id))
    return page(
        "support/desk.html",
        form=form,
        row=row,
        visits=queries.visits_for_staff(current_actor(), AccountId(account_id)),
        hours=[(hours, ngettext("%(number)s hour", "%(number)s hours", hours)) for hours in HOURS],
        status=form.status,
    )


@blueprint.post("/visits/<uuid:visit_id>/enter")
def enter(visit_id: UUID) -> Response:
    """See the account as support does, in this browser."""
    visit = use_cases.enter_account(current_actor(), SupportVisitId(visit_id))
    session["account"] = str(visit.account_id)
    return go(url_for("dashboard.overview"))


@blueprint.post("/visits/<uuid:visit_id>/end")
def end(visit_id: UUID) -> Response:
    """Take the wish back, or look no longer."""
    use_cases.end_visit(current_actor(), SupportVisitId(visit_id))
    flash(_("The account is not looked at any more."))
    return go(url_for("platform.tenants"))


@blueprint.post("/visits/leave")
def leave() -> Response:
    """Back to the console."""
    account_id = current_actor().on_behalf_of
    use_cases.leave_account(current_actor())
    session.pop("account", None)
    return go(url_for("support_desk.overview", account_id=account_id))


def visit_until() -> datetime | None:
    """When the visit in this browser ends; None when there is none."""
    person = current_person()
    return person.actor.visit_until if person else None


def note_look() -> None:
    """Before every request: what is looked at during a visit stands in the log of the account."""
    person = current_person() if request.endpoint not in (None, "static") else None
    if person is None or person.actor.on_behalf_of is None:
        return
    rule = request.url_rule.rule if request.url_rule else ""
    seen = rule if "link_token" in rule else request.path  # a signed link is no reading matter
    use_cases.note_look(person.actor, page=f"{request.method} {seen}"[: use_cases.LONGEST_PATH])


blueprint.add_app_template_global(visit_until)

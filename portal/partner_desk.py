"""Where a partner works: what operators gave and offered it, and what it says of itself."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.rights import Right
from accounts.values import LANGUAGES
from kit.errors import Invalid
from kit.i18n import _
from partners import queries, use_cases
from partners.queries import Listed
from partners.values import AssignmentId, PartnerId, Profile, Region
from portal.actor import current_account_id, current_actor, current_person, need_in_whole
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("partner_desk", __name__, url_prefix="/partner")
TEXTS = ("name", "email", "description", "phone", "website", "street", "postcode", "city")


@blueprint.route("/profile", methods=["GET", "POST"])
def profile() -> Response:
    """What the company says of itself; sent for the first time, it becomes a partner."""
    need_in_whole(Right.MANAGE_ACCOUNT, current_account_id())
    own = queries.partner_of_account(current_actor(), current_account_id())
    form = Form(**_shown(own))
    if form.sent:
        with form.checking():
            _store(form, own)
        if form.done:
            flash(_("Saved.") if own else _("Welcome. We get in touch about a training."))
            return go(url_for("partner_desk.profile"))
    return page(
        "partners/profile.html",
        own=own,
        form=form,
        regions=list(Region),
        chosen=set(request.form.getlist("regions")) if form.sent else {one.value for one in own.regions} if own else (),
        spoken=set(request.form.getlist("languages")) if form.sent else set(own.languages) if own else (),
        status=form.status,
    )


@blueprint.get("/installations")
def installations() -> Response:
    """Stations that the company may work on, invitations, and its reports."""
    account_id = current_account_id()
    return page(
        "partners/installations.html",
        installations=queries.installations(current_actor(), account_id),
        assignments=queries.own_assignments(current_actor(), account_id),
        reports=queries.own_reports(current_actor(), account_id),
    )


@blueprint.post("/assignments/<uuid:assignment_id>/accept")
def accept(assignment_id: UUID) -> Response:
    """Take the stations on."""
    use_cases.accept_assignment(current_actor(), AssignmentId(assignment_id))
    flash(_("You can work on these stations from now on."))
    return go(url_for("partner_desk.installations"))


@blueprint.post("/assignments/<uuid:assignment_id>/decline")
def decline(assignment_id: UUID) -> Response:
    """Say no."""
    use_cases.decline_assignment(current_actor(), AssignmentId(assignment_id))
    flash(_("You declined. Whoever invited you is told."))
    return go(url_for("partner_desk.installations"))


def _shown(own: Listed | None) -> dict[str, Any]:
    """What the partner said last; before, what is known of its account."""
    if own is not None:
        return {**{name: getattr(own.partner, name) for name in TEXTS}, "listed": own.partner.listed}
    account, person = accounts.account(current_actor(), current_account_id()), current_person()
    return {
        "name": account.legal_name or account.name,
        "email": account.contact_email or (person.email if person else ""),
        "phone": account.contact_phone,
        "street": account.street,
        "postcode": account.postcode,
        "city": account.city,
    }


def _store(form: Form, own: Listed | None) -> None:
    """Raises Invalid."""
    try:
        regions = frozenset(map(Region, request.form.getlist("regions")))
    except ValueError as error:
        raise Invalid(regions="unknown") from error
    languages = frozenset(code for code in request.form.getlist("languages") if code in LANGUAGES)
    said = Profile(**{name: form.text(name) for name in TEXTS}, regions=regions, languages=languages)
    if own is None:
        use_cases.register_partner(current_actor(), current_account_id(), profile=said)
    else:
        use_cases.update_partner(current_actor(), PartnerId(own.partner.id), profile=said, listed=form.ticked("listed"))

"""The console's page for partners: who was trained until when, and whom operators propose."""

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from kit.errors import Invalid
from kit.i18n import _
from partners import queries, use_cases
from partners.values import PartnerId, ProposalId
from portal.actor import current_actor
from portal.forms import Form
from portal.labels import field_words
from portal.render import go, page

blueprint = Blueprint("partner_staff", __name__, url_prefix="/platform/partners")


@blueprint.get("")
def overview() -> Response:
    """All partners with their training, and companies to talk to."""
    search, number = request.args.get("search", ""), request.args.get("page", 1, type=int)
    found = queries.partners_for_staff(current_actor(), search=search, number=number)
    return page(
        "partners/staff.html",
        found=found,
        search=search,
        proposals=queries.open_proposals(current_actor()),
    )


@blueprint.post("/<uuid:partner_id>/training")
def confirm(partner_id: UUID) -> Response:
    """The partner is trained until that day."""
    queries.partners_for_staff(current_actor(), size=1)  # for staff only
    form = Form()
    with form.checking():
        use_cases.confirm_training(
            current_actor(),
            PartnerId(partner_id),
            trained_until=_day(form.text("trained_until")),
            note=form.text("note"),
        )
    flash(*((_("The training is noted."), "success") if form.done else (_wrong(form), "danger")))
    return go(url_for("partner_staff.overview"))


@blueprint.post("/<uuid:partner_id>/end-training")
def end(partner_id: UUID) -> Response:
    """The training counts no more."""
    use_cases.end_training(current_actor(), PartnerId(partner_id))
    flash(_("The training counts no more."))
    return go(url_for("partner_staff.overview"))


@blueprint.post("/proposals/<uuid:proposal_id>/settle")
def settle(proposal_id: UUID) -> Response:
    """Somebody has talked to the company."""
    use_cases.settle_proposal(current_actor(), ProposalId(proposal_id))
    flash(_("Saved."))
    return go(url_for("partner_staff.overview"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(trained_until="not_a_day" if text else "required") from error


def _wrong(form: Form) -> str:
    return " ".join(field_words(code) for code in form.problems.values())

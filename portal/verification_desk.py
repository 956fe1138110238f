"""Where the people who run the platform decide who becomes a company, or a private person."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.access import ANYONE
from accounts.queries import names_of
from billing import queries, use_cases
from billing.values import LegalChangeId, LegalChangeState
from kit.i18n import _
from portal.actor import current_actor
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("verification_desk", __name__, url_prefix="/platform/verifications")


@blueprint.get("")
def overview() -> Response:
    """The wishes that wait, or those that were decided."""
    states = {state.value: state for state in LegalChangeState}
    state = states.get(request.args.get("state", ""), LegalChangeState.WAITING)
    number = request.args.get("page", 1, type=int)
    found = queries.legal_changes(current_actor(), state=state, number=number)
    return page("verification/queue.html", changes=found, state=state, states=list(LegalChangeState))


@blueprint.route("/<uuid:change_id>", methods=["GET", "POST"])
def decide(change_id: UUID) -> Response:
    """One wish: what would change, why; and the answer to it."""
    row = queries.legal_change(current_actor(), LegalChangeId(change_id))
    form = Form()
    if form.sent:
        with form.checking():
            if form.ticked("approve"):
                use_cases.approve_legal_change(current_actor(), LegalChangeId(change_id), answer=form.text("answer"))
            else:
                use_cases.decline_legal_change(current_actor(), LegalChangeId(change_id), answer=form.text("answer"))
        if form.done:
            flash(_("The owners are told by mail."))
            return go(url_for("verification_desk.overview"))
    names = names_of(ANYONE, [row.change.asked_by, row.change.decided_by])
    return page("verification/decide.html", form=form, row=row, names=names, status=form.status)

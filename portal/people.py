"""People with a role in the chosen account."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.rights import ROLE_RIGHTS, Role
from accounts.values import GrantId
from kit.errors import Conflict, Forbidden
from kit.i18n import _
from portal.actor import current_account, current_account_id, current_actor
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("people", __name__)


@blueprint.route("/people", methods=["GET", "POST"])
def overview() -> Response:
    """Who may do what here; give a role."""
    account_id = current_account_id()
    form, notice, status = Form(role=Role.VIEWER), None, 200
    if form.sent:
        try:
            with form.checking():
                use_cases.grant_role(
                    current_actor(),
                    account_id,
                    email=form.text("email"),
                    name=form.text("name"),
                    role=form.choice("role", Role),
                )
        except Conflict as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            flash(_("The role is given. A mail is on its way."))
            return go(url_for("people.overview"))
    found = queries.people(current_actor(), account_id)
    return page(
        "accounts/people.html", form=form, notice=notice, people=found, roles=_roles(), status=max(status, form.status)
    )


@blueprint.post("/people/<uuid:grant_id>/revoke")
def revoke(grant_id: UUID) -> Response:
    """Take a role back."""
    try:
        use_cases.revoke_grant(current_actor(), GrantId(grant_id))
        flash(_("The role is taken back."))
    except (Conflict, Forbidden) as refused:
        flash(problem_words(refused.code), "danger")
    return go(url_for("people.overview"))


def _roles() -> list[Role]:
    """The roles that the person can give: none with more rights than their own."""
    node = current_account()
    held = node.rights if node else frozenset()
    return [role for role in Role if role is not Role.API_CLIENT and ROLE_RIGHTS[role] <= held]

"""API keys of the chosen account."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.rights import Role
from accounts.values import ApiTokenId
from kit.i18n import _
from portal.actor import current_account_id, current_actor
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("tokens", __name__)


@blueprint.route("/api-keys", methods=["GET", "POST"])
def overview() -> Response:
    """The keys that work; make one. Its secret is on this one answer and never again."""
    account_id = current_account_id()
    form, made = Form(role=Role.API_CLIENT), None
    if form.sent:
        with form.checking():
            made = use_cases.create_api_token(
                current_actor(), account_id, name=form.text("name"), role=form.choice("role", Role)
            )
        if form.done:
            form = Form(role=Role.API_CLIENT)
            form.sent = False
    found = queries.tokens(current_actor(), account_id)
    return page(
        "accounts/tokens.html", form=form, made=made, tokens=found, roles=use_cases.TOKEN_ROLES, status=form.status
    )


@blueprint.post("/api-keys/<uuid:token_id>/revoke")
def revoke(token_id: UUID) -> Response:
    """End a key at once."""
    use_cases.revoke_api_token(current_actor(), ApiTokenId(token_id))
    flash(_("The key no longer works."))
    return go(url_for("tokens.overview"))

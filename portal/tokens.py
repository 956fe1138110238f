"""API keys of the chosen account, and the programs that sign in by themselves."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.rights import Right, Role
from accounts.values import ApiTokenId
from kit.errors import Forbidden
from kit.i18n import _
from portal import labels
from portal.actor import current_account, current_account_id, current_actor
from portal.days import last_day
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.roles import chosen_rights

blueprint = Blueprint("tokens", __name__)
ROLES = use_cases.TOKEN_ROLES
CHOSEN = "chosen"  # in place of a role


@blueprint.app_template_filter("right_words")
def right_words(text: str) -> str:
    """What a right that is kept as `noun:verb` is called."""
    return labels.label(Right(text))


@blueprint.route("/api-keys", methods=["GET", "POST"])
def overview() -> Response:
    """The keys that work; make one. Its secret is on this one answer and never again."""
    account_id = current_account_id()
    form, made, notice = Form(role=Role.API_CLIENT), None, None
    if form.sent:
        try:
            with form.checking():
                made = use_cases.create_api_token(current_actor(), account_id, name=form.text("name"), **_wish(form))
        except Forbidden as refused:
            notice = problem_words(refused.code)
    chosen = frozenset(chosen_rights())
    if form.done:
        form, chosen = Form(role=Role.API_CLIENT), frozenset()
        form.sent = False
    return page(
        "accounts/tokens.html",
        form=form,
        made=made,
        notice=notice,
        tokens=queries.tokens(current_actor(), account_id),
        clients=queries.api_clients(current_actor(), account_id),
        roles=[*((role.value, labels.label(role)) for role in ROLES), (CHOSEN, _("Only what is ticked"))],
        rights=rights_to_give(),
        chosen=chosen,
        status=403 if notice else form.status,
    )


@blueprint.post("/api-keys/<uuid:token_id>/revoke")
def revoke(token_id: UUID) -> Response:
    """End a key at once."""
    use_cases.revoke_api_token(current_actor(), ApiTokenId(token_id))
    flash(_("The key no longer works."))
    return go(url_for("tokens.overview"))


def rights_to_give() -> list[Right]:
    """What whoever looks at the page could let a program do."""
    node = current_account()
    held = node.rights if node else frozenset()
    return [right for right in Right if right in held]


def _roles() -> list[tuple[str, str]]:
    return [(role.value, labels.label(role)) for role in use_cases.TOKEN_ROLES]


def _wish(form: Form) -> dict[str, Any]:
    chosen = form.text("role") == CHOSEN
    what: dict[str, Any] = {"rights": chosen_rights()} if chosen else {"role": form.choice("role", Role)}
    return {**what, "expires_at": last_day(form, "expires_at")}

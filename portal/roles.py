"""What the roles may do, on one screen; roles that an account puts together itself."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.rights import ROLE_RIGHTS, Right
from accounts.values import OwnRoleId
from kit.errors import Conflict, Forbidden
from kit.i18n import _
from portal.actor import current_account, current_account_id, current_actor
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("roles", __name__)


@blueprint.get("/people/roles")
def overview() -> Response:
    """Every right, and which role holds it."""
    own = queries.own_roles(current_actor(), current_account_id())
    return page("people/roles.html", rights=list(Right), ready=ROLE_RIGHTS, own=own)


@blueprint.route("/people/roles/new", methods=["GET", "POST"])
def create() -> Response:
    """Put a role together."""
    account_id, form, notice = current_account_id(), Form(), None
    if form.sent:
        try:
            with form.checking():
                use_cases.create_own_role(current_actor(), account_id, name=form.text("name"), rights=chosen_rights())
        except Forbidden as refused:
            notice = problem_words(refused.code)
        if form.done:
            flash(_("The role is ready to be given."))
            return go(url_for("roles.overview"))
    queries.own_roles(current_actor(), account_id)
    return _form(form, notice, frozenset(chosen_rights()), None)


@blueprint.route("/people/roles/<uuid:role_id>", methods=["GET", "POST"])
def change(role_id: UUID) -> Response:
    """Another name, other rights; it reaches everybody who holds the role at once."""
    row = queries.own_role(current_actor(), OwnRoleId(role_id))
    form, notice = Form(name=row.name), None
    if form.sent:
        try:
            with form.checking():
                use_cases.change_own_role(current_actor(), row.id, name=form.text("name"), rights=chosen_rights())
        except Forbidden as refused:
            notice = problem_words(refused.code)
        if form.done:
            flash(_("Saved."))
            return go(url_for("roles.overview"))
    return _form(form, notice, frozenset(chosen_rights()) if form.sent else row.rights, row)


@blueprint.post("/people/roles/<uuid:role_id>/remove")
def remove(role_id: UUID) -> Response:
    """Give it to nobody any more."""
    try:
        use_cases.remove_own_role(current_actor(), OwnRoleId(role_id))
        flash(_("The role is removed."))
    except Conflict as refused:
        flash(problem_words(refused.code), "danger")
    return go(url_for("roles.overview"))


def _form(form: Form, notice: str | None, chosen: frozenset[Right], row: queries.ComposedRole | None) -> Response:
    node = current_account()
    held = node.rights if node else frozenset()
    status = 403 if notice else form.status
    return page(
        "people/role.html",
        form=form,
        notice=notice,
        chosen=chosen,
        rights=[right for right in Right if right in held or right in chosen],
        row=row,
        status=status,
    )


def chosen_rights() -> list[Right]:
    """The boxes that are ticked; unknown ones are nothing that anybody could hold."""
    known = {right.value: right for right in Right}
    return [known[text] for text in request.form.getlist("rights") if text in known]

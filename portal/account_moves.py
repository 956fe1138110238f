"""Another place in the tree for an account, with all that stands below it."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.errors import MoreThanOneHolds
from accounts.outline import Outline
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases.accounts import MASTER_ROLES
from accounts.values import AccountId, AccountKind
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal import labels
from portal.actor import current_accounts, current_actor, known_account, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("account_moves", __name__)
NOWHERE = "none"


@blueprint.route("/accounts/<uuid:account_id>/move", methods=["GET", "POST"])
def move(account_id: UUID) -> Response:
    """Which master it shall stand below, what that one may do in it, and what this means."""
    account = queries.account(current_actor(), AccountId(account_id))
    need_in_whole(Right.MANAGE_ACCOUNT, account_id)
    need_in_whole(Right.MANAGE_PEOPLE, account_id)
    roles, outline = _roles(account_id), Outline(current_accounts())
    form, notice, status = Form(role=roles[0] if roles else None), None, 200
    if form.sent:
        try:
            with form.checking():
                parent_id = _parent(form)
                role = form.choice("role", Role) if parent_id else Role.OWNER
                use_cases.move_account(current_actor(), AccountId(account_id), parent_id=parent_id, role=role)
        except (Conflict, MoreThanOneHolds) as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            flash(_("%(account)s has its new place.", account=account.name))
            return go(url_for("accounts.overview", below=parent_id))
    return page(
        "accounts/move.html",
        form=form,
        notice=notice,
        row=account,
        path=outline.path(account_id),
        inside=outline.size(account_id),
        masters=_masters(outline, account_id, stands_below=account.parent_id),
        roles=[(role.value, labels.label(role)) for role in roles],
        status=max(status, form.status),
    )


def _parent(form: Form) -> AccountId | None:
    """The chosen master; None to stand below nobody."""
    text = form.text("parent")
    if text == NOWHERE:
        return None
    try:
        return AccountId(UUID(text))
    except ValueError as error:
        raise Invalid(parent="required") from error


def _masters(outline: Outline, account_id: UUID, *, stands_below: UUID | None) -> list[tuple[str, str]]:
    """Where it can go: masters that the reader manages, by their whole path, but not below itself."""
    own = {account_id, *(node.id for node in outline.below(account_id)), stands_below}
    able = [node for node in current_accounts() if node.kind is AccountKind.MASTER and node.id not in own]
    places = [
        (str(node.id), " › ".join(one.name for one in [*outline.path(node.id), node]))
        for node in able
        if Right.MANAGE_ACCOUNT in node.rights
    ]
    return places + ([(NOWHERE, _("No master account: it stands by itself"))] if stands_below else [])


def _roles(account_id: UUID) -> list[Role]:
    """The roles that the reader can give away for good, none with more rights than their own."""
    node = known_account(account_id)
    held = node.rights if node else frozenset()
    return [role for role in MASTER_ROLES if ROLE_RIGHTS[role] <= held]

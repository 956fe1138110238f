"""An invitation as whoever got the mail sees it: what is offered or asked for, by whom, and the answer."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.access import ANYONE
from accounts.queries import AccountNode
from accounts.rights import Right
from accounts.values import AccountId, InvitationId, InvitationKind
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from portal.actor import (
    choose_account,
    current_accounts,
    current_actor,
    current_person,
    public_page,
)
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("invitations", __name__)
ANSWERS = "20 per hour"


@blueprint.route("/invitation/<link_token>", methods=["GET", "POST"])
@public_page
@limiter.limit(ANSWERS, methods=["POST"])
def answer(link_token: str) -> Response:
    """What the mailed link is about; accept it here."""
    offered = queries.invitation_of_link(ANYONE, link_token)
    person, form, notice, status = current_person(), Form(name=offered.name), None, 200
    if form.sent:
        try:
            with form.checking():
                account_id = _accept(link_token, offered)
        except (Conflict, Forbidden) as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            if person is not None:
                choose_account(account_id)
            flash(_("The role counts from now on."))
            return go(url_for("auth.home"))
    return page(
        "people/invitation.html",
        form=form,
        notice=notice,
        offered=offered,
        link_token=link_token,
        fits=person is not None and person.email == offered.email,
        choices=[(str(node.id), node.name) for node in _accounts(offered)],
        status=max(status, form.status),
    )


@blueprint.post("/invitation/<link_token>/decline")
@public_page
def decline(link_token: str) -> Response:
    """Say no."""
    use_cases.decline_invitation(current_actor(), link_token)
    flash(_("You declined. Whoever invited you is told."))
    return go(url_for("auth.login"))


@blueprint.post("/people/invitations/<uuid:invitation_id>/withdraw")
def withdraw(invitation_id: UUID) -> Response:
    """The link in the mail opens nothing any more."""
    use_cases.withdraw_invitation(current_actor(), InvitationId(invitation_id))
    flash(_("The invitation is withdrawn."))
    return go(url_for("people.overview"))


def _accept(link_token: str, offered: queries.OfferedRole) -> UUID:
    """Take the role, or give the one that is asked for; the account to work in from now on."""
    if current_person() is None and not offered.known and offered.kind is InvitationKind.PERSON:
        password = request.form.get("password", "")
        use_cases.accept_as_new_person(
            ANYONE, link_token=link_token, name=request.form.get("name", ""), password=password
        )
        return offered.account_id
    chosen = None if offered.kind is InvitationKind.PERSON else _chosen()
    grant = use_cases.accept_invitation(current_actor(), link_token, account_id=chosen)
    return grant.account_id if chosen is None else chosen


def _chosen() -> AccountId:
    try:
        return AccountId(UUID(request.form.get("account", "")))
    except ValueError as error:
        raise Invalid(account="unknown") from error


def _accounts(offered: queries.OfferedRole) -> list[AccountNode]:
    """The accounts of the reader that can answer: where they may give and take roles."""
    able = [node for node in current_accounts() if Right.MANAGE_PEOPLE in node.rights]
    return [node for node in able if node.id != offered.account_id]

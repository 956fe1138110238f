"""What support may see of an account: the page on which its people agree, decline, and end it."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries, use_cases
from accounts.rights import Right
from accounts.values import AccountId, SupportVisitId
from kit.i18n import _
from portal.actor import current_account, current_actor, current_person
from portal.render import go, page

blueprint = Blueprint("support", __name__, url_prefix="/accounts/<uuid:account_id>/support")


@blueprint.get("")
def overview(account_id: UUID) -> Response:
    """What is asked for, what holds, what was."""
    row = queries.account(current_actor(), AccountId(account_id))
    return page("support/page.html", row=row, visits=queries.visits(current_actor(), AccountId(account_id)))


@blueprint.post("/<uuid:visit_id>/agree")
def agree(account_id: UUID, visit_id: UUID) -> Response:
    """Support may look from now on."""
    use_cases.agree_to_visit(current_actor(), SupportVisitId(visit_id))
    flash(_("Support sees the account from now on. You can end it at any moment."))
    return go(url_for("support.overview", account_id=account_id))


@blueprint.post("/<uuid:visit_id>/decline")
def decline(account_id: UUID, visit_id: UUID) -> Response:
    """Support may not look."""
    use_cases.decline_visit(current_actor(), SupportVisitId(visit_id))
    flash(_("You declined. Support sees nothing."))
    return go(url_for("support.overview", account_id=account_id))


@blueprint.post("/<uuid:visit_id>/end")
def end(account_id: UUID, visit_id: UUID) -> Response:
    """Support looks no longer."""
    use_cases.end_visit(current_actor(), SupportVisitId(visit_id))
    flash(_("Support does not see the account any more."))
    return go(url_for("support.overview", account_id=account_id))


def support_visits_here() -> list[queries.Visit]:
    """What every page of the chosen account tells those who decide there: a wish of support, or that it looks now."""
    person, node = current_person(), current_account()
    if person is None or not person.support_present or node is None or Right.MANAGE_PEOPLE not in node.rights:
        return []
    return queries.present_visits(current_actor(), node.id)


blueprint.add_app_template_global(support_visits_here)

"""The console of the people who run the platform: accounts, fees, reviews. For others it does not exist."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.values import AccountId
from kit.i18n import _
from portal.actor import current_actor
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("platform", __name__, url_prefix="/platform")


@blueprint.get("/tenants")
def tenants() -> Response:
    """All accounts, or those whose seller data nobody looked at yet."""
    search, to_review = request.args.get("search", ""), request.args.get("show") == "to-review"
    number = request.args.get("page", 1, type=int)
    found = queries.tenants(current_actor(), search=search, to_review=to_review, number=number)
    return page(
        "platform/tenants.html",
        fragment="platform/_tenants.html",
        tenants=found,
        search=search,
        show="to-review" if to_review else None,
    )


@blueprint.route("/tenants/<uuid:account_id>", methods=["GET", "POST"])
def tenant(account_id: UUID) -> Response:
    """One account: its data, and the fee agreed with it."""
    account = queries.tenant(current_actor(), AccountId(account_id))
    form = Form(percent=account.platform_fee_percent)
    if form.sent:
        with form.checking():
            percent = form.decimal("percent") if form.text("percent") else None
            use_cases.set_platform_fee(current_actor(), AccountId(account_id), percent=percent)
        if form.done:
            return _back(account_id, _("Saved."))
    return page("platform/tenant.html", form=form, row=account, status=form.status)


@blueprint.post("/tenants/<uuid:account_id>/suspend")
def suspend(account_id: UUID) -> Response:
    """No new paid sessions in this account."""
    use_cases.suspend_account(current_actor(), AccountId(account_id))
    return _back(account_id, _("The account is suspended: no new paid sessions start."))


@blueprint.post("/tenants/<uuid:account_id>/resume")
def resume(account_id: UUID) -> Response:
    """Paid sessions again."""
    use_cases.resume_account(current_actor(), AccountId(account_id))
    return _back(account_id, _("The account sells again."))


@blueprint.post("/tenants/<uuid:account_id>/review")
def review(account_id: UUID) -> Response:
    """The seller data were looked at and are right."""
    use_cases.review_account(current_actor(), AccountId(account_id))
    return _back(account_id, _("The review is noted."))


def _back(account_id: UUID, words: str) -> Response:
    flash(words)
    return go(url_for("platform.tenant", account_id=account_id))

"""The console of the people who run the platform: accounts, fees, reviews. For others it does not exist."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.values import AccountId
from billing import queries as billing
from billing import use_cases as billing_deeds
from billing.values import PaymentId
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_actor
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("platform", __name__, url_prefix="/platform")
FAILURES = {
    "capture_refused": word("The provider did not take the money."),
    "release_refused": word("The provider did not release the hold."),
    "hold_lost": word("The bank took the hold back while the car was charging."),
    "checkout_refused": word("The provider did not open its page."),
}


def payment_failure(code: str | None) -> str:
    """Why a payment failed, for the people who run the platform."""
    return _(FAILURES[code]) if code in FAILURES else code or ""


blueprint.add_app_template_global(payment_failure)


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


@blueprint.get("/payments/failed")
def failed_payments() -> Response:
    """Payments that the provider refused to take or to give back: somebody has to look at them."""
    number = request.args.get("page", 1, type=int)
    found = billing.failed_payments(current_actor(), number=number)
    return page("platform/failed_payments.html", payments=found)


@blueprint.post("/payments/<uuid:payment_id>/try-again")
def try_again(payment_id: UUID) -> Response:
    """Ask the provider once more."""
    billing_deeds.try_again(current_actor(), PaymentId(payment_id))
    flash(_("The provider is asked again."))
    return go(url_for("platform.failed_payments"))


def _back(account_id: UUID, words: str) -> Response:
    flash(words)
    return go(url_for("platform.tenant", account_id=account_id))

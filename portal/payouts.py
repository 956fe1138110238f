"""Where an account is paid by drivers, and what is reserved on their cards."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts import queries as accounts
from accounts.errors import CheckNeeded
from accounts.rights import Right
from accounts.values import AccountId
from billing import onboarding, queries, use_cases
from billing.values import Earning
from kit.errors import Conflict, Unavailable
from kit.i18n import _
from kit.money import Money, round_minor
from kit.settings import current as current_settings
from portal.actor import current_actor, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("payouts", __name__)


@blueprint.route("/accounts/<uuid:account_id>/payout", methods=["GET", "POST"])
def overview(account_id: UUID) -> Response:
    """Whether the account can be paid; choose what is reserved before a session."""
    actor, here = current_actor(), AccountId(account_id)
    facts, row = queries.payout_facts(actor, here), accounts.account(actor, here)
    form = Form(hold_minor=Money(facts.hold_minor, row.currency).decimal)
    if form.sent:
        need_in_whole(Right.MANAGE_PAYOUT, account_id)
        with form.checking():
            use_cases.set_hold(actor, here, round_minor(form.decimal("hold_minor"), row.currency))
        if form.done:
            flash(_("Saved."))
            return go(url_for("payouts.overview", account_id=account_id))
    return page(
        "accounts/payout.html",
        form=form,
        facts=facts,
        row=row,
        known=queries.verification(actor, here),
        kind=queries.own_legal_kind(actor, here),
        left_behind=queries.payouts_left_behind(actor, here),
        changes=queries.legal_changes_of(actor, here),
        earnings=list(Earning),
        status=form.status,
    )


@blueprint.post("/accounts/<uuid:account_id>/payout/connect")
def connect(account_id: UUID) -> Response:
    """Go on at the payment provider: who are you, and where does the money go?"""
    back = current_settings().public_url + url_for("payouts.returned", account_id=account_id)
    try:
        return go(onboarding.start(current_actor(), AccountId(account_id), back))
    except CheckNeeded:
        raise
    except (Conflict, Unavailable) as refused:
        flash(problem_words(refused.code, refused.status), "warning")
        return go(url_for("payouts.overview", account_id=account_id))


@blueprint.get("/accounts/<uuid:account_id>/payout/return")
def returned(account_id: UUID) -> Response:
    """Back from the provider: look whether payments are allowed now."""
    queries.payout_facts(current_actor(), AccountId(account_id))  # only for those who may see it
    onboarding.returned(AccountId(account_id))
    return go(url_for("payouts.overview", account_id=account_id))

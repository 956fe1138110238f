"""The sandbox provider's hosted pages: a card form without real cards, the bank's question, an operator's sign-up.

They stand for another company's pages, so they look and speak differently, and nothing here knows of stations.
"""

from flask import Blueprint, Response, request, url_for

from billing.payments import sandbox
from billing.payments.sandbox import CheckoutFacts, Outcome, PageStep
from kit import settings
from kit.errors import Invalid, NotFound
from kit.i18n import _
from portal.actor import public_page
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox")
TRIES = "60 per minute"


@blueprint.before_request
def only_in_the_sandbox() -> None:
    """With a real provider these pages do not exist (the demo keeps them for payments made before)."""
    current = settings.current()
    if current.payment_provider != sandbox.NAME and not current.demo:
        raise NotFound()


@blueprint.get("/checkout/<ref>")
@public_page
def checkout(ref: str) -> Response:
    """The card form, or the bank's question."""
    return _next(sandbox.checkout_facts(ref))


@blueprint.post("/checkout/<ref>/pay")
@public_page
@limiter.limit(TRIES)
def pay(ref: str) -> Response:
    """Try the card that was typed or chosen."""
    number = request.form.get("chosen") or request.form.get("card_number", "")
    try:
        facts = sandbox.pay(ref, number)
    except Invalid:
        return _form(sandbox.checkout_facts(ref), number, _("This card number does not exist."))
    return _next(facts)


@blueprint.post("/checkout/<ref>/confirm")
@public_page
@limiter.limit(TRIES)
def confirm(ref: str) -> Response:
    """What the driver told his bank."""
    return _next(sandbox.authenticate(ref, request.form.get("answer") == "yes"))


@blueprint.post("/checkout/<ref>/give-up")
@public_page
def give_up(ref: str) -> Response:
    """Back to the shop without paying."""
    return go(sandbox.give_up(ref))


@blueprint.get("/account/<ref>")
@public_page
def account(ref: str) -> Response:
    """An operator's sign-up."""
    return page("sandbox/account.html", facts=sandbox.account_facts(ref), outcomes=list(Outcome))


@blueprint.post("/account/<ref>")
@public_page
@limiter.limit(TRIES)
def confirm_account(ref: str) -> Response:
    """The operator told who he is."""
    outcomes = {outcome.value: outcome for outcome in Outcome}
    chosen = outcomes.get(request.form.get("outcome", ""), Outcome.APPROVED)
    back = sandbox.confirm_account(ref, chosen, bank="bank" in request.form)
    return go(back or url_for("driver.code"))


def _next(facts: CheckoutFacts) -> Response:
    if facts.step in (PageStep.DONE, PageStep.GONE):
        return go(facts.back_url)
    if facts.step is PageStep.AUTHENTICATE:
        return page("sandbox/confirm.html", facts=facts)
    return _form(facts)


def _form(facts: CheckoutFacts, number: str = "", error: str = "") -> Response:
    status = 422 if error else 200
    return page("sandbox/checkout.html", status=status, facts=facts, cards=sandbox.CARDS, number=number, error=error)

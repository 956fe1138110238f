"""Income: what is available, the months, every receipt, giving money back."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from billing import queries, use_cases
from billing.values import PaymentId
from kit.errors import Conflict
from kit.i18n import _
from kit.ids import secret_text
from kit.money import Money, round_minor
from portal.actor import current_account_id, current_accounts, current_actor, need
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("income", __name__)
PAGE_SIZE = 25


@blueprint.get("/income")
def overview() -> Response:
    """Balances, months and receipts of the chosen account and those below it."""
    actor, here = current_actor(), current_account_id()
    rows = queries.receipts(actor, here, before=_before(), limit=PAGE_SIZE + 1)
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return page(
        "income/page.html",
        fragment="income/_receipts.html",
        earned=queries.income(actor, here),
        unpayable=queries.unpayable_accounts(actor, here),
        receipts=rows,
        more=more,
        first=_before() is None,
        names={node.id: node.name for node in current_accounts()},
    )


@blueprint.route("/payments/<uuid:payment_id>/refund", methods=["GET", "POST"])
def refund(payment_id: UUID) -> Response:
    """Give a part of a payment back, or all of it."""
    actor = current_actor()
    shown = queries.captured_payment(actor, PaymentId(payment_id))
    currency = shown.payment.currency
    form = Form(amount=Money(shown.left_minor, currency).decimal, key=secret_text(12))
    if form.sent:
        need(Right.REFUND, shown.payment.account_id)
        try:
            with form.checking():
                amount_minor = round_minor(form.decimal("amount"), currency)
                use_cases.refund(actor, PaymentId(payment_id), amount_minor, request_key=form.optional("key"))
        except Conflict as refused:
            flash(problem_words(refused.code), "warning")
            return go(url_for("income.refund", payment_id=payment_id))
        if form.done:
            flash(_("The refund is on its way. The driver gets a credit note by e-mail."))
            return go(url_for("income.overview"))
    return page("income/refund.html", form=form, shown=shown, status=form.status)


def _before() -> UUID | None:
    try:
        return UUID(request.args.get("before", ""))
    except ValueError:
        return None

"""Plans and licences for the people who run the platform: prices, subscriptions, open invoices, free periods."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.values import AccountId
from kit.errors import Conflict
from kit.i18n import _
from kit.money import Money, round_minor
from licensing import queries, use_cases
from licensing.values import GiftId, Interval, InvoiceId
from portal.actor import current_actor
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("plans", __name__, url_prefix="/platform/licences")


@blueprint.get("")
def overview() -> Response:
    """Subscriptions, open invoices, and what is in which plan at which price."""
    actor, number = current_actor(), request.args.get("page", 1, type=int)
    return page(
        "plans/page.html",
        tenants=queries.subscriptions(actor, number=number),
        unpaid=queries.unpaid_invoices(actor),
        prices=queries.prices(actor),
        table=queries.function_table(actor),
    )


@blueprint.route("/prices/<plan>/<currency>/<interval>", methods=["GET", "POST"])
def price(plan: str, currency: str, interval: str) -> Response:
    """Another price for subscriptions from now on."""
    actor = current_actor()
    accounts.tenants(actor, size=1)  # for staff only
    found = [each for each in queries.prices(actor, currency) if (each.plan, each.interval.value) == (plan, interval)]
    form = Form(gross_minor=Money(found[0].gross_minor, currency).decimal if found else "")
    if form.sent:
        with form.checking():
            amount = round_minor(form.decimal("gross_minor"), currency if found else "CHF")
            use_cases.set_plan_price(
                actor, plan=plan, currency=currency, interval=Interval(interval), gross_minor=amount
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("plans.overview"))
    return page("plans/price.html", form=form, price=found[0] if found else None, status=form.status)


@blueprint.route("/accounts/<uuid:account_id>", methods=["GET", "POST"])
def tenant(account_id: UUID) -> Response:
    """What one account was given for nothing; give more, with a reason."""
    actor, here = current_actor(), AccountId(account_id)
    row = accounts.tenant(actor, here)
    form = Form(days=90)
    if form.sent:
        with form.checking():
            use_cases.give_free_period(actor, here, days=form.whole("days"), reason=form.text("reason"))
        if form.done:
            flash(_("Saved."))
            return go(url_for("plans.tenant", account_id=account_id))
    return page(
        "plans/tenant.html", form=form, row=row, gifts=queries.free_periods(actor, account_id), status=form.status
    )


@blueprint.post("/gifts/<uuid:gift_id>/end")
def end_gift(gift_id: UUID) -> Response:
    """Take a free period back."""
    gift = use_cases.end_free_period(current_actor(), GiftId(gift_id))
    flash(_("Saved."))
    return go(url_for("plans.tenant", account_id=gift.account_id))


@blueprint.post("/invoices/<uuid:invoice_id>/paid")
def note_payment(invoice_id: UUID) -> Response:
    """The money is on the platform's bank account."""
    try:
        use_cases.note_bank_payment(current_actor(), InvoiceId(invoice_id))
        flash(_("The payment is noted."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("plans.overview"))


@blueprint.route("/invoices/<uuid:invoice_id>/credit", methods=["GET", "POST"])
def credit(invoice_id: UUID) -> Response:
    """Take an open invoice back."""
    actor = current_actor()
    accounts.tenants(actor, size=1)  # for staff only
    invoice = queries.invoice_document(actor, InvoiceId(invoice_id))
    form = Form()
    if form.sent:
        try:
            with form.checking():
                use_cases.credit_invoice(actor, InvoiceId(invoice_id), reason=form.text("reason"))
        except Conflict as refused:
            flash(problem_words(refused.code), "warning")
            return go(url_for("plans.overview"))
        if form.done:
            flash(_("Saved."))
            return go(url_for("plans.overview"))
    return page("plans/credit.html", form=form, invoice=invoice, status=form.status)

"""Plans and licences for the people who run the platform: prices, subscriptions, open invoices, free periods."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries as accounts
from accounts.values import AccountId
from kit.errors import Conflict
from kit.i18n import _
from kit.money import Money, round_minor
from licensing import camt, queries, use_cases
from licensing.values import BankBookingId, BankState, GiftId, Interval, InvoiceId
from portal.actor import current_actor, current_person
from portal.errors import problem_words, tell
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("plans", __name__, url_prefix="/platform/licences")
FORM_OVERHEAD = 64 * 1024


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


@blueprint.url_value_preprocessor
def allow_large_files(endpoint: str | None, _values: Any) -> None:
    """A file of the bank may be larger than other forms; for people who have signed in, before it is read."""
    if endpoint == "plans.bank" and current_person():
        request.max_content_length = camt.LARGEST_FILE + FORM_OVERHEAD


@blueprint.route("/bank", methods=["GET", "POST"])
def bank() -> Response:
    """Read a file of the bank; what staff has to look at, and what was read."""
    actor = current_actor()
    accounts.tenants(actor, size=1)  # for staff only
    form = Form()
    if form.sent:
        with form.checking():
            file = request.files.get("file")
            found = use_cases.read_bank_file(actor, file.read() if file else b"")
        if form.done:
            flash(
                _(
                    "%(settled)s settled, %(doubtful)s to look at, %(known)s read before.",
                    settled=found.settled,
                    doubtful=found.doubtful,
                    known=found.known,
                )
            )
            return go(url_for("plans.bank"))
    states = {state.value: state for state in BankState}
    state = states.get(request.args.get("state", ""), BankState.DOUBTFUL)
    rows = queries.bank_bookings(actor, state=state, number=request.args.get("page", 1, type=int))
    return page("plans/bank.html", form=form, rows=rows, state=state, states=list(BankState), status=form.status)


@blueprint.post("/bank/<uuid:booking_id>/settle")
def settle_booking(booking_id: UUID) -> Response:
    """Staff looked: this invoice is paid with it."""
    number, note = request.form.get("number", ""), request.form.get("note", "")
    actor = current_actor()
    tell(lambda: use_cases.settle_with_booking(actor, BankBookingId(booking_id), number=number, note=note))
    return go(url_for("plans.bank"))


@blueprint.post("/bank/<uuid:booking_id>/put-away")
def put_booking_away(booking_id: UUID) -> Response:
    """Staff looked, and settles it elsewhere."""
    note = request.form.get("note", "")
    tell(lambda: use_cases.put_booking_away(current_actor(), BankBookingId(booking_id), note=note))
    return go(url_for("plans.bank"))


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

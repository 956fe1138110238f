"""The plan of an account: stations with a licence, what comes next, invoices; and offers of what is not there yet."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.access import Actor
from accounts.functions import PLANNED, Function
from accounts.queries import AccountNode
from accounts.rights import Right
from accounts.values import AccountId
from kit.errors import Conflict, Invalid, NotFound
from kit.i18n import _
from licensing import checkout, documents, queries, stored_cards, use_cases
from licensing.values import Interval, InvoiceId, PlaceId
from portal.actor import (
    accounts_here,
    choose_account,
    current_account_id,
    current_actor,
    need_in_whole,
    open_to_programs,
)
from portal.errors import problem_words, tell
from portal.forms import Form
from portal.licence_words import ABOUT, PLANS
from portal.offers import has
from portal.render import go, page
from portal.security import credential, limiter

blueprint = Blueprint("licences", __name__)
blueprint.add_app_template_global(has, "has_function")
SHOWN = 50
DRAWINGS = "20 per minute"  # drawing one takes a processor for 150 ms


@blueprint.app_template_global()
def plan_words(plan: str) -> str:
    """The name of a plan; a plan of somebody's own file is called as there."""
    return _(PLANS[plan]) if plan in PLANS else plan


@blueprint.get("/licences")
def overview() -> Response:
    """The plan of the chosen account."""
    actor, here = current_actor(), current_account_id()
    held = queries.holding(actor, here)
    return page(
        "licences/page.html",
        held=held,
        table=queries.function_table(actor),
        about=ABOUT,
        invoices=queries.invoices(actor, here),
        added=queries.preview(actor, here, stations=1) if held.subscription else None,
    )


@blueprint.get("/licences/offer/<uuid:account_id>/<function>")
def offer(account_id: UUID, function: str) -> Response:
    """What a function is, what it costs, and one step to it."""
    wanted = next((one for one in Function if one.value == function and one not in PLANNED), None)
    if wanted is None:
        raise NotFound()
    actor = current_actor()
    found = queries.offer(actor, AccountId(account_id), wanted)
    return page("licences/offer.html", offer=found, about=ABOUT, table=queries.function_table(actor))


@blueprint.route("/licences/<uuid:account_id>/buy", methods=["GET", "POST"])
def buy(account_id: UUID) -> Response:
    """Choose stations and how to pay; try first, where nobody tried yet."""
    need_in_whole(Right.MANAGE_LICENCES, account_id)
    actor, here = current_actor(), AccountId(account_id)
    held = queries.holding(actor, here)
    form = Form(interval=Interval.YEAR)
    if form.sent:
        try:
            with form.checking():
                words = _bought(form, here)
        except Conflict as refused:
            flash(problem_words(refused.code), "warning")
            return go(url_for("licences.buy", account_id=account_id))
        if form.done:
            flash(words)
            choose_account(account_id)
            return go(url_for("licences.overview"))
    on_trial = [str(each.place.station_id) for each in held.places]
    everything = [str(station.id) for station in held.free_stations]
    chosen = request.form.getlist("station") if form.sent else on_trial or everything
    below = [node for node in _below(account_id) if Right.MANAGE_LICENCES in node.rights]
    return page("licences/buy.html", form=form, held=held, below=below, chosen=set(chosen), status=form.status)


@blueprint.post("/licences/<uuid:account_id>/card")
def store_card(account_id: UUID) -> Response:
    """To the provider's page, where a card for the invoices is stored, or another one."""
    try:
        return go(stored_cards.start(current_actor(), AccountId(account_id)))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
        return go(url_for("licences.overview"))


@blueprint.get("/licences/<uuid:account_id>/card/return")
def card_returned(account_id: UUID) -> Response:
    """Back from that page."""
    actor, here = current_actor(), AccountId(account_id)
    before = queries.holding(actor, here).card  # only for those who may see it
    stored_cards.returned(here)
    now = queries.holding(actor, here).card
    if now is not None and now != before:
        flash(_("Invoices are paid with this card from now on."))
    choose_account(account_id)
    return go(url_for("licences.overview") + "#card")


@blueprint.post("/licences/<uuid:account_id>/card/remove")
def remove_card(account_id: UUID) -> Response:
    """Pay by hand again."""
    tell(lambda: use_cases.remove_card(current_actor(), AccountId(account_id)))
    return go(url_for("licences.overview") + "#card")


@blueprint.post("/licences/<uuid:account_id>/<deed>")
def change(account_id: UUID, deed: str) -> Response:
    """Add stations, change the interval, cancel, go on after all."""
    actor, here = current_actor(), AccountId(account_id)
    deeds: dict[str, Callable[[], object]] = {
        "add": lambda: use_cases.add_stations(actor, here, station_ids=_stations()),
        "monthly": lambda: use_cases.change_interval(actor, here, Interval.MONTH),
        "yearly": lambda: use_cases.change_interval(actor, here, Interval.YEAR),
        "cancel": lambda: use_cases.cancel_subscription(actor, here),
        "resume": lambda: use_cases.resume_subscription(actor, here),
    }
    if deed not in deeds:
        raise NotFound()
    tell(deeds[deed])
    return go(url_for("licences.overview"))


@blueprint.post("/licences/places/<uuid:place_id>/<deed>")
def change_place(place_id: UUID, deed: str) -> Response:
    """Give one licence up, keep it, or let another station have it."""
    actor, place = current_actor(), PlaceId(place_id)
    deeds: dict[str, Callable[[], object]] = {
        "give-up": lambda: use_cases.give_up_licence(actor, place),
        "keep": lambda: use_cases.keep_licence(actor, place),
        "move": lambda: use_cases.move_licence(actor, place, station_id=_station()),
    }
    if deed not in deeds:
        raise NotFound()
    tell(deeds[deed])
    return go(url_for("licences.overview"))


@blueprint.get("/licences/invoices/<uuid:invoice_id>")
def invoice(invoice_id: UUID) -> Response:
    """One invoice: its state, its PDF, and paying it by card. The address stands in letters."""
    return page("licences/invoice.html", invoice=queries.invoice(current_actor(), InvoiceId(invoice_id)))


@blueprint.get("/licences/invoices/<uuid:invoice_id>.pdf")
@limiter.limit(DRAWINGS, key_func=credential)
@open_to_programs
def invoice_pdf(actor: Actor, invoice_id: UUID) -> Response:
    """The invoice as PDF."""
    file = documents.invoice_pdf(actor, InvoiceId(invoice_id))
    headers = {"Content-Disposition": f'inline; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return Response(file.content, mimetype="application/pdf", headers=headers)


@blueprint.post("/licences/invoices/<uuid:invoice_id>/pay")
def pay(invoice_id: UUID) -> Response:
    """To the payment provider's page."""
    try:
        return go(checkout.start(current_actor(), InvoiceId(invoice_id)))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
        return go(url_for("licences.invoice", invoice_id=invoice_id))


@blueprint.get("/licences/invoices/<uuid:invoice_id>/return")
def returned(invoice_id: UUID) -> Response:
    """Back from the provider."""
    queries.invoice(current_actor(), InvoiceId(invoice_id))  # only for those who may see it
    checkout.returned(InvoiceId(invoice_id))
    return go(url_for("licences.invoice", invoice_id=invoice_id))


def _bought(form: Form, here: AccountId) -> str:
    stations = _stations()
    if form.text("step") == "trial":
        use_cases.start_trial(current_actor(), here, station_ids=stations)
        return _("The trial has begun. All functions are there.")
    use_cases.subscribe(current_actor(), here, interval=form.choice("interval", Interval), station_ids=stations)
    return _("Thank you. The invoice comes by e-mail.")


def _station() -> UUID:
    """The one that was chosen. Raises Invalid."""
    found = _stations()
    if not found:
        raise Invalid(station_ids="required")
    return found[0]


def _stations() -> list[UUID]:
    """The stations that were ticked or chosen. Raises Invalid(station_ids="unknown")."""
    try:
        return [UUID(value) for value in request.form.getlist("station") if value]
    except ValueError as error:
        raise Invalid(station_ids="unknown") from error


def _below(account_id: UUID) -> list[AccountNode]:
    """The accounts below the chosen one, where this is it; as many as are read at a glance."""
    here = accounts_here()
    return here[1:SHOWN] if here and here[0].id == account_id else []

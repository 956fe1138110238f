"""From the number on the label to the provider's page: what a driver sees before he charges."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, after_this_request, render_template, request, url_for
from markupsafe import Markup, escape

from accounts.access import ANYONE, Actor
from billing import checkout
from billing.queries import Offer, PaymentView, offer_of, payment_view
from billing.use_cases import request_payment
from billing.values import PaymentId, PaymentStage
from kit import i18n
from kit.errors import AppError, Conflict, Invalid, NotFound, Unavailable
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import public_page
from portal.checkouts import open_checkouts
from portal.errors import error_page
from portal.hours_words import moment
from portal.known_driver import known_driver
from portal.labels import field_words
from portal.live import LivePage, live_page
from portal.payer import actor_for, own_payments, remember
from portal.render import go, page
from portal.security import limiter, network_address
from stations.queries import ConnectorCard, connector_by_code
from stations.values import ConnectorId

blueprint = Blueprint("driver", __name__)

# Many phones share one address of their mobile network, so only misses are counted strictly: a person mistypes a number
# a few times, a program that tries them all is stopped.
LOOKS = "120 per minute"
MISSES = "10 per minute; 60 per hour; 300 per day"
PAYMENTS = "30 per minute; 300 per hour"
AT_ONE_CONNECTOR = "4 per minute; 15 per hour"
OCCUPIED_EVERY_S = 10.0

UNDER_WAY = (
    PaymentStage.PLUG_IN,
    PaymentStage.CHARGING,
    PaymentStage.STOPPING,
    PaymentStage.SETTLING,
)

# which fragment says why nobody can pay, by the code of the refusal
PAGES = {
    None: "open",
    "no_price": "no_price",
    "closed": "closed",
    "occupied": "occupied",
    "operator_cannot_be_paid": "unpayable",
    "faulted": "out_of_service",
    "out_of_service": "out_of_service",
}

REFUSALS = {
    "occupied": word("Somebody else has just started to pay or charge here."),
    "closed": word("It has just closed here. Nothing was reserved."),
    "checkout_closed": word("The payment page was open for too long. Please start again."),
    "checkout_refused": word("The payment provider did not accept this payment. Nothing was reserved."),
    "unavailable": word("The payment provider does not answer. Please try again in a moment."),
    "too_many_open": word(
        "Several payments were begun from your network and not finished. Please wait two minutes, then try again."
    ),
}


@dataclass(frozen=True)
class Wish:
    """What the driver entered, and what is the matter with it."""

    email: str = ""
    accepted: bool = False
    errors: dict[str, str] | None = None
    problem: str = ""
    problem_status: int = 409

    @property
    def status(self) -> int:
        """How the page is answered."""
        return 422 if self.errors else self.problem_status if self.problem else 200

    def refused(self, refusal: AppError) -> "Wish":
        """The same wish, with the words of a refusal."""
        words = REFUSALS.get(refusal.code) or REFUSALS["unavailable" if refusal.status == 503 else "occupied"]
        return replace(self, problem=_(words), problem_status=refusal.status)


def is_miss(response: Response) -> bool:
    """Whether the number on the label was guessed wrongly."""
    return response.status_code == 404


def one_connector() -> str:
    """This address at this connector: who begins to pay again and again keeps others out."""
    return f"{network_address()} {(request.view_args or {}).get('code', '')}"


@blueprint.errorhandler(AppError)
def refused(error: AppError) -> Response:
    """A refusal without the portal around it: a driver has no login."""
    return error_page(error.status, error.code, "driver/problem.html")


@blueprint.errorhandler(429)
def too_many(_error: Exception) -> Response:
    """Too many tries from one address."""
    return error_page(429, template="driver/problem.html")


@blueprint.get("/code")
@public_page
@limiter.limit(LOOKS)
@limiter.limit(MISSES, deduct_when=is_miss)
def code() -> Response:
    """Type the number from the label."""
    number = request.args.get("number", "").strip()
    if "number" not in request.args:
        return page("driver/code.html", number="", error="")
    card = connector_by_code(ANYONE, number)
    if card is None:
        return unknown(number)
    return go(url_for("driver.connector", code=card.code))


@blueprint.get("/q/<code>")
@public_page
@limiter.limit(LOOKS)
@limiter.limit(MISSES, deduct_when=is_miss)
def connector(code: str) -> Response:
    """What the QR code leads to: the price and the way to pay, or the driver's own session."""
    card = connector_by_code(ANYONE, code)
    if card is None:
        return unknown(code)
    own = own_payment_at(card)
    if own is not None and own.stage in UNDER_WAY:
        return go(url_for("driver.session", link_key=own.link_key))
    return offer_page(card, Wish(), own)


@live_page(blueprint, "/q/<code>/live", every_s=OCCUPIED_EVERY_S, public=True)
def connector_live(code: str) -> LivePage:
    """Tells who waits in front of an occupied or closed connector when he can charge."""
    card = connector_by_code(ANYONE, code)
    if card is None:
        raise NotFound()
    context = offered(card)
    return LivePage({f"station:{card.station_id}"}, lambda: render_template("driver/_offer_live.html", **context))


@blueprint.post("/q/<code>")
@public_page
@limiter.limit(PAYMENTS)
@limiter.limit(MISSES, deduct_when=is_miss)
@limiter.limit(AT_ONE_CONNECTOR, key_func=one_connector, deduct_when=lambda response: response.status_code != 422)
def pay(code: str) -> Response:
    """Freeze the price the driver saw and lead him to the provider's page."""
    card = connector_by_code(ANYONE, code)
    if card is None:
        return unknown(code)
    wish = Wish(request.form.get("email", ""), "terms" in request.form)
    own = own_payment_at(card)
    if own is not None and own.stage in UNDER_WAY:
        return go(url_for("driver.session", link_key=own.link_key))
    try:
        payment_id = begin(card, wish, own.payment_id if own else None)
    except Invalid as invalid:
        errors = {name: words_at_field(name, problem) for name, problem in invalid.fields.items()}
        return offer_page(card, replace(wish, errors=errors))
    except Conflict as refusal:
        return offer_page(card, wish.refused(refusal))
    try:
        return go(checkout.start(payment_id))
    except (Conflict, Unavailable) as refusal:
        return offer_page(card, wish.refused(refusal))


def begin(card: ConnectorCard, wish: Wish, instead_of: PaymentId | None) -> PaymentId:
    """Ask for the payment. Whatever happens from then on, this browser is remembered as its payer, so that another try
    replaces it; raises what `request_payment` refuses, and Conflict("too_many_open").
    """
    if not open_checkouts.room(network_address(), own_payments(), instead_of=instead_of):
        raise Conflict("too_many_open")
    payment = request_payment(
        actor_for(instead_of),
        ConnectorId(card.connector_id),
        email=wish.email,
        language=i18n.language(),
        terms_accepted=wish.accepted,
        driver=known_driver(),
    )
    payment_id = PaymentId(payment.id)
    open_checkouts.note(network_address(), payment_id)
    after_this_request(lambda response: remember(response, payment_id))
    return payment_id


@blueprint.get("/pay/<uuid:payment_id>/return")
@public_page
def returned(payment_id: UUID) -> Response:
    """Back from the provider's page with a card that was accepted, or nearly."""
    return after_checkout(PaymentId(payment_id), gave_up=False)


@blueprint.get("/pay/<uuid:payment_id>/cancel")
@public_page
def cancelled(payment_id: UUID) -> Response:
    """Back from the provider's page without paying."""
    return after_checkout(PaymentId(payment_id), gave_up=True)


def after_checkout(payment_id: PaymentId, *, gave_up: bool) -> Response:
    """Look at once what the provider says, then show the session. The cookie proves who comes back, not the address."""
    if payment_id not in own_payments():
        raise NotFound("other_browser")
    with suppress(Unavailable):  # the page says how it stands; the provider's notice or the next look brings it on
        (checkout.cancelled if gave_up else checkout.returned)(payment_id)
    view = payment_view(Actor.payer(payment_id), payment_id)
    return go(url_for("driver.session", link_key=view.link_key))


def own_payment_at(card: ConnectorCard) -> PaymentView | None:
    """The latest payment at this connector from this browser; a checkout that is open is looked at once more."""
    for payment_id in own_payments():
        try:
            view = payment_view(Actor.payer(payment_id), payment_id)
        except NotFound:
            continue  # a cookie may outlive its payment
        if view.connector.code != card.code:
            continue
        if view.stage is PaymentStage.CHECKOUT:
            checkout.returned(payment_id)
            view = payment_view(Actor.payer(payment_id), payment_id)
        return view
    return None


def offer_page(card: ConnectorCard, wish: Wish, last: PaymentView | None = None) -> Response:
    """The connector with its price and one thing to do."""
    context = offered(card)
    return page(
        "driver/connector.html",
        status=wish.status,
        last=last,
        agreement=agreement(),
        email=wish.email,
        accepted=wish.accepted,
        errors=wish.errors or {},
        problem=wish.problem if context["offer"] == "open" else "",
        again=wish.status == 503,
        **context,
    )


def offered(card: ConnectorCard) -> dict[str, Any]:
    """What the connector offers to whoever looks at it at this moment, as pages show it."""
    known = known_driver()
    offer = offer_of(ANYONE, ConnectorId(card.connector_id), known)
    return {
        "card": card,
        "seller": offer.seller,
        "terms": offer.terms,
        "known_as": known.email,
        "ends_at": "" if offer.ends_at is None else moment(offer.ends_at, card.time_zone),
        "hold_minor": offer.hold_minor,
        "offer": PAGES[offer.refusal],
        "occupied_since": since(offer, card),
    }


def unknown(number: str) -> Response:
    """No label has this number: say so, and let him type it again."""
    error = _("There is no charging point with this number. Please compare it with the label.")
    return page("driver/code.html", status=404, number=number[:20], error=error)


def since(offer: Offer, card: ConnectorCard) -> str:
    """`18:21`, with the day where it was not today; empty where nobody knows."""
    return "" if offer.occupied_since is None else moment(offer.occupied_since, card.time_zone)


def agreement() -> Markup:
    """The sentence beside the box, its links in place in every language."""
    link = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>')
    return escape(_("I agree to the %(terms)s and have read the %(privacy)s.")) % {
        "terms": link.format(url_for("legal.terms"), _("terms of use")),
        "privacy": link.format(url_for("legal.privacy"), _("privacy notice")),
    }


def words_at_field(name: str, problem: str) -> str:
    """What is the matter with a field, in words."""
    if name == "terms":
        return _("Please agree to the terms of use first.")
    if problem == "invalid":
        return _("This is not an e-mail address.")
    return field_words(problem)

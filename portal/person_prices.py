"""Prices of single people and of groups of tags: the list, one more, another price, the link by mail."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.queries import seller
from accounts.rights import Right
from accounts.values import AccountId
from billing import queries, use_cases
from billing.price_links import place_words
from billing.use_cases import Whom
from billing.values import PersonPriceId, PriceWhere
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal.actor import current_account_id, current_actor, need
from portal.connectors import PRICES, amount, plain
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.station_files import id_asked_for

blueprint = Blueprint("person_prices", __name__)
WHOM = ("name", "email", "id_tag", "tag_group")


@blueprint.get("/person-prices")
def overview() -> Response:
    """The prices of people in the chosen account, the newest first, narrowed by words or to a station."""
    text, station_id = request.args.get("text", "").strip(), id_asked_for("station")
    found = queries.person_price_page(
        current_actor(),
        current_account_id(),
        text=text,
        station_id=station_id,
        number=request.args.get("page", 1, type=int),
    )
    return page(
        "person_prices/list.html",
        fragment="person_prices/_list.html",
        prices=found,
        text=text,
        station_id=station_id,
        place=place_words,
    )


@blueprint.route("/person-prices/new", methods=["GET", "POST"])
def add() -> Response:
    """Give somebody a price of his own."""
    need(Right.MANAGE_TARIFFS)
    actor, account_id, station_id = current_actor(), current_account_id(), id_asked_for("station")
    form, refused = Form(place=request.args.get("place", ""), tell=True), ""
    if form.sent:
        try:
            with form.checking():
                whom = Whom(**{name: form.text(name) for name in WHOM})
                tell = form.ticked("tell")
                added = use_cases.add_person_price(actor, *_where(form), whom, tell=tell, **_prices(form))
                if tell and added.email and added.link_wanted_at is None:
                    flash(problem_words("link_sent_lately"), "warning")
        except Conflict as refusal:
            refused = problem_words(refusal.code, refusal.status)
        if form.done:
            flash(_("Saved."))
            return go(url_for("person_prices.overview", station=station_id))
    places = queries.price_places(actor, account_id, station_id=station_id)
    return page(
        "person_prices/new.html",
        form=form,
        places=[(f"{one.kind.value}:{one.id}", _place(one)) for one in places],
        seller=seller(actor, account_id),
        refused=refused,
        status=409 if refused else form.status,
    )


@blueprint.route("/person-prices/<uuid:person_price_id>", methods=["GET", "POST"])
def edit(person_price_id: UUID) -> Response:
    """One of them; another price for the same person, from now on."""
    actor, number = current_actor(), PersonPriceId(person_price_id)
    row = queries.person_price(actor, number)
    form, refused = Form(**{name: plain(getattr(row.tariff, name)) for name in (*PRICES, "vat_percent")}), ""
    if form.sent:
        try:
            with form.checking():
                use_cases.change_person_price(actor, number, **_prices(form))
        except Conflict as refusal:
            refused = problem_words(refusal.code, refusal.status)
        if form.done:
            flash(_("The new price applies from now on."))
            return go(url_for("person_prices.overview"))
    return page(
        "person_prices/edit.html",
        form=form,
        row=row,
        place=place_words(row),
        seller=seller(actor, AccountId(row.own.account_id)),
        refused=refused,
        status=409 if refused else form.status,
    )


@blueprint.post("/person-prices/<uuid:person_price_id>/remove")
def remove(person_price_id: UUID) -> Response:
    """Take the price away again."""
    use_cases.remove_person_price(current_actor(), PersonPriceId(person_price_id))
    flash(_("Removed. What runs keeps its price."))
    return go(url_for("person_prices.overview"))


@blueprint.post("/person-prices/<uuid:person_price_id>/link")
def send_link(person_price_id: UUID) -> Response:
    """Mail the link again that shows who somebody is."""
    try:
        use_cases.send_price_link(current_actor(), PersonPriceId(person_price_id))
        flash(_("The link is on its way."))
    except Conflict as refused:
        flash(problem_words(refused.code, refused.status), "warning")
    return go(url_for("person_prices.edit", person_price_id=person_price_id))


def _where(form: Form) -> tuple[PriceWhere, UUID]:
    kind, _colon, number = form.text("place").partition(":")
    try:
        return PriceWhere(kind), UUID(number)
    except ValueError as error:
        raise Invalid(place="unknown" if kind else "required") from error


def _prices(form: Form) -> dict[str, Any]:
    prices: dict[str, Decimal | None] = {name: amount(form, name) for name in PRICES}
    return prices | {"vat_percent": form.decimal("vat_percent") if form.text("vat_percent") else None}


def _place(one: queries.PricePlace) -> str:
    if one.kind is PriceWhere.GROUP:
        return _("Group %(name)s", name=one.name)
    if one.connector_number is None:
        return one.name
    return _("%(station)s, connector %(number)s", station=one.name, number=one.connector_number)

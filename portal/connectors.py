"""Connectors: describe them, set their price, print their label, start a session."""

from decimal import Decimal
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.queries import seller
from accounts.rights import Right
from accounts.values import AccountId
from billing import queries as billing
from billing.use_cases import set_price
from charging.use_cases import request_start
from kit.errors import Conflict
from kit.i18n import _
from portal.actor import current_actor, need
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.security import limiter
from portal.stations import PLUGS, watts
from stations import labels, queries, use_cases
from stations.values import ConnectorId, PlugType, StationId

blueprint = Blueprint("connectors", __name__)
DRAWINGS = "20 per minute"  # drawing one takes a processor for 150 ms
PRICES = ("energy_price", "time_price", "session_fee")


@blueprint.route("/stations/<uuid:station_id>/connectors/new", methods=["GET", "POST"])
def add(station_id: UUID) -> Response:
    """One more connector."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    need(Right.MANAGE_STATIONS, shown.account.id)
    form = Form(plug=PlugType.TYPE_2, max_power_kw=11)
    if form.sent:
        with form.checking():
            use_cases.add_connector(
                current_actor(),
                StationId(station_id),
                name=form.text("name"),
                plug=form.choice("plug", PlugType),
                max_power_w=watts(form, "max_power_kw"),
            )
        if form.done:
            return go(url_for("stations.station", station_id=station_id))
        _at_kilowatts(form)
    return page("connectors/edit.html", form=form, shown=shown, connector=None, plugs=PLUGS, status=form.status)


@blueprint.route("/connectors/<uuid:connector_id>/edit", methods=["GET", "POST"])
def edit(connector_id: UUID) -> Response:
    """Name, plug and power of a connector."""
    actor = current_actor()
    row = queries.connector(actor, ConnectorId(connector_id))
    shown = queries.station_page(actor, StationId(row.station_id))
    need(Right.MANAGE_STATIONS, row.account_id)
    form = Form(name=row.name, plug=row.plug, max_power_kw=_kilowatts(row.max_power_w))
    if form.sent:
        with form.checking():
            use_cases.update_connector(
                actor,
                ConnectorId(connector_id),
                name=form.text("name"),
                plug=form.choice("plug", PlugType),
                max_power_w=watts(form, "max_power_kw"),
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("stations.station", station_id=row.station_id))
        _at_kilowatts(form)
    plugs = PLUGS if row.plug in PLUGS else [*PLUGS, row.plug]
    return page("connectors/edit.html", form=form, shown=shown, connector=row, plugs=plugs, status=form.status)


@blueprint.route("/connectors/<uuid:connector_id>/price", methods=["GET", "POST"])
def price(connector_id: UUID) -> Response:
    """What a connector sells at, from now on; sessions that run keep their price."""
    actor = current_actor()
    row = queries.connector(actor, ConnectorId(connector_id))
    shown = queries.station_page(actor, StationId(row.station_id))
    need(Right.MANAGE_TARIFFS, row.account_id)
    tariff = billing.prices_of(actor, [row.id]).get(row.id)
    form = Form(**{name: plain(getattr(tariff, name)) if tariff else "" for name in (*PRICES, "vat_percent")})
    refused = ""
    if form.sent:
        try:
            with form.checking():
                vat_percent = form.decimal("vat_percent") if form.text("vat_percent") else None
                set_price(actor, row.id, vat_percent=vat_percent, **{name: amount(form, name) for name in PRICES})
        except Conflict as refusal:
            refused = problem_words(refusal.code, refusal.status)
        if form.done:
            flash(_("The new price applies from now on."))
            return go(url_for("stations.station", station_id=row.station_id))
    return page(
        "connectors/price.html",
        form=form,
        shown=shown,
        connector=row,
        tariff=tariff,
        terms=billing.terms_of(actor, row.id),
        seller=seller(actor, AccountId(row.account_id)),
        refused=refused,
        status=409 if refused else form.status,
    )


@blueprint.get("/connectors/<uuid:connector_id>/label.pdf")
@limiter.limit(DRAWINGS)
def label(connector_id: UUID) -> Response:
    """The label with the QR code; `?sheet=1`: on A4, to cut out."""
    return pdf_answer(labels.connector_label(current_actor(), connector_id, sheet="sheet" in request.args))


@blueprint.get("/stations/<uuid:station_id>/labels.pdf")
@limiter.limit(DRAWINGS)
def station_labels(station_id: UUID) -> Response:
    """The labels of all connectors of a station on A4, to cut out."""
    return pdf_answer(labels.station_labels(current_actor(), station_id))


def pdf_answer(file: labels.LabelFile) -> Response:
    """A PDF that opens in the browser."""
    headers = {"Content-Disposition": f'inline; filename="{file.name}"', "Cache-Control": "private, no-store"}
    return Response(file.content, mimetype="application/pdf", headers=headers)


@blueprint.post("/connectors/<uuid:connector_id>/start")
def start(connector_id: UUID) -> Response:
    """Start a session from afar; somebody has to plug in within the window."""
    row = queries.connector(current_actor(), ConnectorId(connector_id))
    try:
        request_start(current_actor(), ConnectorId(connector_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("stations.station", station_id=row.station_id))


def amount(form: Form, name: str) -> Decimal:
    """A price; an empty field means that this part costs nothing."""
    return form.decimal(name) if form.text(name) else Decimal(0)


def plain(amount: Decimal | None) -> str:
    """A number as a field shows it; empty for None."""
    return "" if amount is None else f"{amount.normalize():f}"


def _kilowatts(power_w: int) -> str:
    return plain(Decimal(power_w) / 1000)


def _at_kilowatts(form: Form) -> None:
    if "max_power_w" in form.problems:
        form.problems["max_power_kw"] = form.problems.pop("max_power_w")

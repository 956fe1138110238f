"""Opening hours of a station, and of a connector that has its own."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from kit import clock
from kit.i18n import _
from portal.actor import current_actor, need
from portal.forms import Form
from portal.hours_form import (
    ALWAYS_OPEN,
    MODES,
    OWN_HOURS,
    STATION,
    hours_context,
    hours_values,
    monday_copied,
    read_hours,
)
from portal.render import go, page
from stations import queries, use_cases
from stations.opening_hours import ALWAYS, OpeningHours
from stations.queries import StationPage
from stations.values import ConnectorId, StationId

blueprint = Blueprint("opening_hours", __name__)


@blueprint.route("/stations/<uuid:station_id>/hours", methods=["GET", "POST"])
def of_station(station_id: UUID) -> Response:
    """When a station is open."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    need(Right.MANAGE_STATIONS, shown.account.id)
    values = _values(shown, shown.station.opening_hours, without=ALWAYS_OPEN)
    form = _form(values)
    if form.sent:
        with form.checking():
            hours = read_hours(form)
            use_cases.set_station_hours(current_actor(), StationId(station_id), None if hours == ALWAYS else hours)
        if form.done:
            return _saved(station_id)
    return _page(form, values, shown, None, (ALWAYS_OPEN, OWN_HOURS))


@blueprint.route("/connectors/<uuid:connector_id>/hours", methods=["GET", "POST"])
def of_connector(connector_id: UUID) -> Response:
    """When one connector is open: as its station, or otherwise."""
    row = queries.connector(current_actor(), ConnectorId(connector_id))
    shown = queries.station_page(current_actor(), StationId(row.station_id))
    need(Right.MANAGE_STATIONS, row.account_id)
    values = _values(shown, row.opening_hours, without=STATION)
    form = _form(values)
    if form.sent:
        with form.checking():
            use_cases.set_connector_hours(current_actor(), ConnectorId(connector_id), read_hours(form))
        if form.done:
            return _saved(row.station_id)
    return _page(form, values, shown, row, (STATION, ALWAYS_OPEN, OWN_HOURS))


def _values(shown: StationPage, plain: dict[str, Any] | None, *, without: str) -> dict[str, str]:
    today = clock.now().astimezone(ZoneInfo(shown.time_zone)).date()
    hours = None if plain is None else OpeningHours.from_plain(plain)
    return hours_values(hours, today) | ({} if hours else {"mode": without})


def _form(values: dict[str, str]) -> Form:
    """The form; with the button that copies Monday's hours nothing is saved yet."""
    form = Form(**values)
    if form.sent and "copy" in request.form:
        values |= monday_copied(form)
        form = Form(**values)
        form.sent = False
    return form


def _page(form: Form, values: dict[str, str], shown: StationPage, connector: Any, modes: tuple[str, ...]) -> Response:
    return page(
        "opening_hours/page.html",
        form=form,
        shown=shown,
        connector=connector,
        others=[one for one in shown.connectors if one.connector.opening_hours] if connector is None else [],
        modes=[(mode, _(MODES[mode])) for mode in modes],
        status=form.status,
        **hours_context(form, values),
    )


def _saved(station_id: UUID) -> Response:
    flash(_("Saved."))
    return go(url_for("stations.station", station_id=station_id))

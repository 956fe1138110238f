"""Chargers that dialled an account's address by themselves: who waits, and what becomes of them."""

from uuid import UUID

from flask import Blueprint, Response, flash, render_template, url_for

from accounts.rights import Right
from accounts.values import AccountId
from kit.i18n import _
from portal.actor import current_account_id, current_actor, need
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.render import go, page
from portal.smart_me_places import place_for
from portal.stations import PLUGS, TEXTS, connector_at_shared_field, connectors_of, location_of, map_tiles
from stations import queries, use_cases
from stations.values import PlugType, WaitingId, WaitingState

blueprint = Blueprint("waiting", __name__)


@blueprint.get("/stations/waiting")
def overview() -> Response:
    """Who waits in the chosen account, and who was refused."""
    return page("waiting/list.html", rows=_rows(), account_id=current_account_id())


@live_page(blueprint, "/stations/waiting/live", every_s=15)
def live() -> LivePage:
    """The same as they come and go."""
    account_id, rows = current_account_id(), _rows()
    return LivePage({f"account:{account_id}"}, lambda: render_template("waiting/_list.html", pushed=True, rows=rows))


@blueprint.route("/stations/waiting/<uuid:waiting_id>/accept", methods=["GET", "POST"])
def accept(waiting_id: UUID) -> Response:
    """Make it a station; what it told of itself is filled in."""
    row = queries.waiting_station(current_actor(), WaitingId(waiting_id))
    need(Right.MANAGE_STATIONS, row.waiting.account_id)
    form = Form(
        name=row.waiting.identity,
        country="CH",
        connectors=len(row.likely_connectors),
        plug=PlugType.TYPE_2,
        max_power_kw=11,
    )
    if form.sent:
        with form.checking():
            place = place_for(form, AccountId(row.waiting.account_id), row.waiting.kind, "beside")
            station = use_cases.accept_station(
                current_actor(),
                WaitingId(waiting_id),
                account_id=place,
                connectors=connectors_of(form),
                location=location_of(form),
                **{name: form.text(name) for name in TEXTS},
            )
        if form.done:
            flash(_("Accepted. It is asked to start anew, and then gets a password of its own."))
            return go(url_for("stations.station", station_id=station.id))
        connector_at_shared_field(form)
    return page("waiting/accept.html", form=form, row=row, plugs=PLUGS, tiles=map_tiles(), status=form.status)


@blueprint.post("/stations/waiting/<uuid:waiting_id>/refuse")
def refuse(waiting_id: UUID) -> Response:
    """Send it away."""
    row = use_cases.refuse_station(current_actor(), WaitingId(waiting_id))
    flash(_("%(identity)s is refused and not let in any more.", identity=row.identity))
    return go(url_for("waiting.overview"))


def _rows() -> dict[WaitingState, list[queries.WaitingRow]]:
    rows = queries.waiting_stations(current_actor(), current_account_id())
    return {state: [row for row in rows if row.waiting.state is state] for state in WaitingState}

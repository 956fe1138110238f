"""Moving a station to another account."""

from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts.rights import Right
from kit.i18n import _
from portal.actor import current_accounts, current_actor, need
from portal.forms import Form
from portal.render import go, page
from portal.smart_me_places import place_for
from portal.stations import account_of
from stations import queries, use_cases
from stations.values import StationId

blueprint = Blueprint("station_moves", __name__)


@blueprint.route("/stations/<uuid:station_id>/move", methods=["GET", "POST"])
def move(station_id: UUID) -> Response:
    """Which account it shall belong to, and what that means."""
    actor = current_actor()
    shown = queries.station_page(actor, StationId(station_id))
    need(Right.MANAGE_ACCOUNT, shown.account.id)
    managed = [node for node in current_accounts() if Right.MANAGE_STATIONS in node.rights]
    others = [(node.id, node.name) for node in managed if node.id != shown.account.id]
    form = Form(account="")
    if form.sent:
        with form.checking():
            place = place_for(form, account_of(form), shown.station.kind, "account")
            use_cases.move_station(current_actor(), StationId(station_id), place)
        if form.done:
            flash(_("The station was moved."))
            return go(url_for("stations.station", station_id=station_id))
    return page(
        "stations/move.html",
        form=form,
        shown=shown,
        others=others,
        before=queries.former_places(actor, StationId(station_id)),
        status=form.status,
    )

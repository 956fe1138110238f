"""The local list of a station: what it knows by heart, and bringing it up to date."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from charging import queries as charging
from charging.use_cases import ask_local_list_version, keep_local_list, update_local_list
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_actor
from portal.render import go, page
from stations import queries
from stations.values import StationId

blueprint = Blueprint("local_lists", __name__)
# why the last sending came to nothing
PROBLEMS: dict[str, str] = {
    "NotSupported": word("The station keeps no local list."),
    "Failed": word("The station could not store the list. It keeps the one it had."),
    "VersionMismatch": word("The station has another version of the list. Please send the whole list."),
    "offline": word("The station was not connected for a day."),
    "no_answer": word("The station did not answer."),
    "cancelled": word("The command was cancelled."),
    "error": word("The station answered with an error."),
}


@blueprint.get("/stations/<uuid:station_id>/local-list")
def local_list(station_id: UUID) -> Response:
    """What the station knows, and what it should know."""
    facts = charging.local_list(current_actor(), StationId(station_id))
    return page(
        "local_lists/page.html",
        shown=queries.station_page(current_actor(), StationId(station_id)),
        facts=facts,
        problem=_(PROBLEMS[facts.problem]) if facts.problem in PROBLEMS else facts.problem,
    )


@blueprint.post("/stations/<uuid:station_id>/local-list/send")
def send(station_id: UUID) -> Response:
    """Tell the station what differs, or everything."""
    update_local_list(current_actor(), StationId(station_id), full="full" in request.form)
    flash(_("The list is being sent."))
    return _back(station_id)


@blueprint.post("/stations/<uuid:station_id>/local-list/version")
def ask_version(station_id: UUID) -> Response:
    """Ask the station which version it has."""
    ask_local_list_version(current_actor(), StationId(station_id))
    flash(_("The station was asked for the version of its list."))
    return _back(station_id)


@blueprint.post("/stations/<uuid:station_id>/local-list/automatic")
def keep(station_id: UUID) -> Response:
    """Keep the list up to date from now on, or no longer."""
    keep_local_list(current_actor(), StationId(station_id), automatic="on" in request.form)
    flash(_("Saved."))
    return _back(station_id)


def _back(station_id: UUID) -> Response:
    return go(url_for("local_lists.local_list", station_id=station_id))

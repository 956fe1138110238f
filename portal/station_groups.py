"""Groups of stations on which roles can count."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.values import StationGroupId
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from portal.actor import current_account_id, current_actor
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from stations.queries import stations_of_group
from stations.use_cases import group_stations
from stations.values import StationId

blueprint = Blueprint("station_groups", __name__)


@blueprint.route("/people/groups", methods=["GET", "POST"])
def overview() -> Response:
    """The groups of the chosen account; make one."""
    account_id, form = current_account_id(), Form()
    if form.sent:
        with form.checking():
            group = use_cases.create_station_group(current_actor(), account_id, name=form.text("name"))
        if form.done:
            return go(url_for("station_groups.group", group_id=group.id))
    found = queries.station_groups(current_actor(), account_id)
    return page("people/groups.html", form=form, groups=found, status=form.status)


@blueprint.route("/people/groups/<uuid:group_id>", methods=["GET", "POST"])
def group(group_id: UUID) -> Response:
    """Its name, and which stations belong to it."""
    number = StationGroupId(group_id)
    row = queries.station_group(current_actor(), number)
    form, notice = Form(name=row.name), None
    if form.sent:
        try:
            with form.checking():
                group_stations(current_actor(), number, station_ids=_chosen())
                use_cases.rename_station_group(current_actor(), number, name=form.text("name"))
        except Forbidden as refused:
            notice = problem_words(refused.code)
        if form.done:
            flash(_("Saved."))
            return go(url_for("station_groups.overview"))
    stations = stations_of_group(current_actor(), number)
    status = 403 if notice else form.status
    return page("people/group.html", form=form, notice=notice, row=row, stations=stations, status=status)


@blueprint.post("/people/groups/<uuid:group_id>/remove")
def remove(group_id: UUID) -> Response:
    """Dissolve a group."""
    try:
        use_cases.remove_station_group(current_actor(), StationGroupId(group_id))
        flash(_("The group is dissolved."))
    except Conflict as refused:
        flash(problem_words(refused.code), "danger")
    return go(url_for("station_groups.overview"))


def _chosen() -> list[StationId]:
    try:
        return [StationId(UUID(text)) for text in request.form.getlist("stations")]
    except ValueError as error:
        raise Invalid(station_ids="unknown") from error

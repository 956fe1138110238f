"""Access of partners to stations: an operator invites one, and sees who works where until when."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from kit import clock
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _
from partners import queries, use_cases
from partners.values import AssignmentId, PartnerId
from portal.actor import current_account, current_account_id, current_actor, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from stations.queries import stations_to_choose
from stations.values import StationId

blueprint = Blueprint("assignments", __name__)
USUAL_DAYS = 14


@blueprint.get("/assignments")
def overview() -> Response:
    """Which partners work, worked or are asked to work here."""
    return page("partners/assignments.html", rows=queries.assignments(current_actor(), current_account_id()))


@blueprint.route("/partners/<uuid:partner_id>/invite", methods=["GET", "POST"])
def invite(partner_id: UUID) -> Response:
    """Give a partner access to some stations for a while."""
    need_in_whole(Right.MANAGE_PEOPLE)
    listed = queries.listed_partner(current_actor(), PartnerId(partner_id))
    form = Form(ends_at=(clock.now() + timedelta(days=USUAL_DAYS)).date().isoformat())
    notice, status = None, 200
    if form.sent:
        try:
            with form.checking():
                use_cases.invite_partner(
                    current_actor(),
                    current_account_id(),
                    PartnerId(partner_id),
                    station_ids=_chosen(),
                    ends_at=_end(form),
                    note=form.text("note"),
                )
        except (Conflict, Forbidden) as refused:
            notice, status = problem_words(refused.code), refused.status
        if form.done:
            flash(_("%(partner)s is asked by mail.", partner=listed.partner.name))
            return go(url_for("assignments.overview"))
    return page(
        "partners/invite.html",
        listed=listed,
        form=form,
        notice=notice,
        choices=_stations(),
        chosen=set(request.form.getlist("station_ids")),
        status=max(status, form.status),
    )


@blueprint.post("/assignments/<uuid:assignment_id>/end")
def end(assignment_id: UUID) -> Response:
    """Take the stations back."""
    use_cases.end_assignment(current_actor(), AssignmentId(assignment_id))
    flash(_("The access is over."))
    return go(url_for("assignments.overview"))


def _stations() -> list[tuple[str, str]]:
    found = stations_to_choose(current_actor(), current_account_id())
    return [(str(one.id), f"{one.name} ({one.account})") for one in found]


def _chosen() -> list[StationId]:
    try:
        return [StationId(UUID(text)) for text in request.form.getlist("station_ids")]
    except ValueError as error:
        raise Invalid(station_ids="unknown") from error


def _end(form: Form) -> datetime:
    """The end of the last day, where the account is."""
    text, node = form.text("ends_at"), current_account()
    try:
        day = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Invalid(ends_at="not_a_day" if text else "required") from error
    assert node is not None
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(node.time_zone))

"""Reservations: of the chosen account, of one station, asking for one and taking it back."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from accounts.values import AccountId
from charging import queries as charging
from charging.use_cases import cancel_reservation, reserve_connector
from charging.values import ReservationId, ReservationState, TagState
from kit import clock
from kit.errors import Conflict, Invalid
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_account_id, current_actor, need
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from stations import queries
from stations.values import StationId

blueprint = Blueprint("reservations", __name__)
PAGE_SIZE, KNOWN_TAGS, LATEST = 25, 100, 10
FIELDS = {"connector_number": "connector", "id_tag": "tag", "parent_id_tag": "group", "expires_at": "until"}
# why a station did not take a reservation, or did not give it up
REASONS: dict[str, str] = {
    "Faulted": word("the connector has a fault"),
    "Occupied": word("the connector is taken"),
    "Unavailable": word("the connector is out of service"),
    "Rejected": word("the station takes no reservations"),
    "offline": word("the station was not connected"),
    "no_answer": word("the station did not answer"),
    "cancelled": word("the command was cancelled"),
    "error": word("the station answered with an error"),
    "cancel_refused": word("the station did not cancel it"),
    "cancel_unanswered": word("the station did not answer the cancelling"),
}


@blueprint.app_template_filter("reservation_reason")
def reason(code: str) -> str:
    """Why, in words; a word of the station that nobody knows is shown as it came."""
    return _(REASONS[code]) if code in REASONS else code


@blueprint.get("/reservations")
def overview() -> Response:
    """The reservations of the chosen account, newest first."""
    state = next((state for state in ReservationState if state.value == request.args.get("state")), None)
    before = _id(request.args.get("before", ""))
    rows = charging.reservations(
        current_actor(),
        account_id=current_account_id(),
        state=state,
        before=None if before is None else ReservationId(before),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "reservations/list.html",
        fragment="reservations/_list.html",
        rows=rows[:PAGE_SIZE],
        more=len(rows) > PAGE_SIZE,
        state=state,
        states=list(ReservationState),
    )


@blueprint.route("/stations/<uuid:station_id>/reservations", methods=["GET", "POST"])
def of_station(station_id: UUID) -> Response:
    """What one station keeps free, what came of earlier reservations, and a form for one more."""
    actor = current_actor()
    shown = queries.station_page(actor, StationId(station_id))
    form = Form(until=_in_an_hour(shown.time_zone))
    if form.sent:
        need(Right.COMMAND_STATIONS, shown.account.id)
        with form.checking():
            reserve_connector(
                actor,
                StationId(station_id),
                connector_number=form.whole("connector"),
                id_tag=form.text("tag"),
                expires_at=_instant(form.text("until"), shown.time_zone),
                parent_id_tag=form.optional("group"),
            )
        if form.done:
            flash(_("The station was asked to keep the place free."))
            return go(url_for("reservations.of_station", station_id=station_id))
        form.problems = {FIELDS.get(name, name): code for name, code in form.problems.items()}
    rows = charging.reservations(actor, station_id=StationId(station_id), limit=LATEST)
    tags = charging.tag_page(actor, AccountId(shown.account.id), state=TagState.VALID, size=KNOWN_TAGS)
    return page("reservations/station.html", form=form, shown=shown, rows=rows, tags=tags.items, status=form.status)


@blueprint.post("/reservations/<uuid:reservation_id>/cancel")
def cancel(reservation_id: UUID) -> Response:
    """Ask the station to give the place free."""
    row = charging.reservation(current_actor(), ReservationId(reservation_id)).reservation
    try:
        cancel_reservation(current_actor(), ReservationId(reservation_id))
        flash(_("The station was asked to cancel the reservation."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("reservations.of_station", station_id=row.station_id))


def _in_an_hour(zone: str) -> str:
    return (clock.now() + timedelta(hours=1)).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _instant(text: str, zone: str) -> datetime:
    """An instant that was typed in the station's own time. Raises Invalid(until=)."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    except ValueError as error:
        raise Invalid(until="not_an_instant" if text else "required") from error


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

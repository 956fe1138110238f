"""Limits of a station: a simple form, profiles in full, what is installed, and the schedule that results."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from charging import queries as charging
from charging import use_cases
from charging.queries import CompositeSchedule
from charging.values import (
    NewProfile,
    ProfileKind,
    ProfilePurpose,
    ProfileState,
    RateUnit,
    Recurrency,
    SchedulePeriod,
    ScheduleStyle,
)
from kit import clock
from kit.errors import Invalid
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_actor, need
from portal.forms import Form
from portal.render import go, page
from stations import queries
from stations.values import StationId

blueprint = Blueprint("limits", __name__)
WIDTH, HEIGHT = 600, 140  # of the picture of a schedule
REASONS: dict[str, str] = {
    "Rejected": word("the station does not take it"),
    "NotSupported": word("the station can't do this"),
    "offline": word("the station was not connected"),
    "no_answer": word("the station did not answer"),
    "cancelled": word("the command was cancelled"),
    "error": word("the station answered with an error"),
}


@blueprint.app_template_filter("limit_reason")
def reason(code: str) -> str:
    """Why a profile was refused; a word of the station that nobody knows is shown as it came."""
    return _(REASONS[code]) if code in REASONS else code


@blueprint.app_template_filter("limit")
def limit_words(limit: Decimal | None, unit: str) -> str:
    """`16 A`, or `11 kW`."""
    if limit is None:
        return "–"
    amount, sign = (limit, "A") if unit == RateUnit.AMPERE.value else (limit / 1000, "kW")
    return f"{amount.normalize():f} {sign}"


@blueprint.route("/stations/<uuid:station_id>/limits", methods=["GET", "POST"])
def limits(station_id: UUID) -> Response:
    """Limit a station or a connector; see what limits it."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    form = Form(unit=RateUnit.AMPERE)
    if form.sent:
        need(Right.COMMAND_STATIONS, shown.account.id)
        with form.checking():
            unit = form.choice("unit", RateUnit)
            use_cases.limit_power(
                current_actor(),
                StationId(station_id),
                connector_number=form.whole("connector_number"),
                limit=form.decimal("limit") * (1 if unit is RateUnit.AMPERE else 1000),
                unit=unit,
                begins_at=_instant(form, "valid_from", shown.time_zone),
                ends_at=_instant(form, "valid_to", shown.time_zone),
            )
        if form.done:
            flash(_("The limit is on its way to the station."))
            return _back(station_id)
    return _page("limits/page.html", form, shown)


@blueprint.route("/stations/<uuid:station_id>/limits/profile", methods=["GET", "POST"])
def profile(station_id: UUID) -> Response:
    """A charging profile with everything that OCPP 1.6 has."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    need(Right.COMMAND_STATIONS, shown.account.id)
    form = Form(purpose=ProfilePurpose.DEFAULT, stack_level=0, kind=ProfileKind.ABSOLUTE, periods="0 16")
    if form.sent:
        with form.checking():
            use_cases.set_charging_profile(
                current_actor(),
                StationId(station_id),
                _profile(form, shown.time_zone),
                connector_number=form.whole("connector_number"),
            )
        if form.done:
            flash(_("The limit is on its way to the station."))
            return _back(station_id)
        for name in {"limit", "phases"} & set(form.problems):
            form.problems["periods"] = form.problems.pop(name)
    return _page("limits/profile.html", form, shown)


@blueprint.post("/stations/<uuid:station_id>/limits/clear")
def clear(station_id: UUID) -> Response:
    """Take one profile from the station, or all."""
    number = request.form.get("number", type=int)
    use_cases.clear_charging_profiles(current_actor(), StationId(station_id), profile_number=number)
    flash(_("The station was asked to lift it."))
    return _back(station_id)


@blueprint.post("/stations/<uuid:station_id>/limits/schedule")
def ask_schedule(station_id: UUID) -> Response:
    """Ask the station what results from all limits."""
    _need(Right.COMMAND_STATIONS, station_id)
    number = Form().whole("schedule_connector")
    use_cases.ask_composite_schedule(current_actor(), StationId(station_id), connector_number=number)
    flash(_("The station was asked for its schedule."))
    return _back(station_id)


@blueprint.post("/stations/<uuid:station_id>/limits/style")
def style(station_id: UUID) -> Response:
    """How this station wants its limits written."""
    _need(Right.MANAGE_STATIONS, station_id)
    use_cases.set_schedule_style(current_actor(), StationId(station_id), Form().choice("style", ScheduleStyle))
    flash(_("Saved."))
    return _back(station_id)


def _need(right: Right, station_id: UUID) -> None:
    need(right, queries.station_page(current_actor(), StationId(station_id)).account.id)


def picture(schedule: CompositeSchedule) -> dict[str, Any]:
    """The steps of a schedule as a line in a picture of `WIDTH` by `HEIGHT`, and what to write at its edges."""
    highest = max((limit for _start, limit in schedule.points), default=Decimal(0)) or Decimal(1)
    length = max(schedule.duration_s, 1)
    corners: list[str] = []
    before: int | None = None
    for start_s, limit in schedule.points:
        x, y = min(WIDTH, WIDTH * start_s // length), HEIGHT - int((HEIGHT - 10) * limit / highest)
        corners += [] if before is None else [f"{x},{before}"]
        corners.append(f"{x},{y}")
        before = y
    return {"line": " ".join([*corners, f"{WIDTH},{before}"]), "highest": highest, "width": WIDTH, "height": HEIGHT}


def _page(template: str, form: Form, shown: queries.StationPage) -> Response:
    actor, station_id = current_actor(), StationId(shown.station.id)
    schedules = charging.composite_schedules(actor, station_id)
    return page(
        template,
        form=form,
        shown=shown,
        profiles=charging.charging_profiles(actor, station_id),
        schedules=[(schedule, picture(schedule)) for schedule in schedules],
        style=charging.schedule_style(actor, station_id),
        styles=list(ScheduleStyle),
        units=list(RateUnit),
        purposes=list(ProfilePurpose),
        kinds=list(ProfileKind),
        recurrencies=list(Recurrency),
        installed=ProfileState.INSTALLED,
        status=form.status,
    )


def _profile(form: Form, zone: str) -> NewProfile:
    return NewProfile(
        form.choice("purpose", ProfilePurpose),
        form.choice("unit", RateUnit),
        _periods(form.text("periods")),
        stack_level=form.whole("stack_level"),
        kind=form.choice("kind", ProfileKind),
        recurrency=form.choice("recurrency", Recurrency) if form.text("recurrency") else None,
        starts_at=_instant(form, "starts_at", zone),
        duration_s=form.whole("duration_s") if form.text("duration_s") else None,
        valid_from=_instant(form, "valid_from", zone),
        valid_to=_instant(form, "valid_to", zone),
    )


def _periods(text: str) -> tuple[SchedulePeriod, ...]:
    """Lines of seconds, limit and perhaps phases. Raises Invalid(periods=)."""
    try:
        rows = [line.split() for line in text.splitlines() if line.strip()]
        return tuple(
            SchedulePeriod(int(row[0]), Decimal(row[1]), int(row[2]) if len(row) > 2 else None) for row in rows
        )
    except (ValueError, IndexError, InvalidOperation) as error:
        raise Invalid(periods="not_periods") from error


def _instant(form: Form, name: str, zone: str) -> datetime | None:
    """An instant that was typed in the station's own time."""
    text = form.text(name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(clock.now().tzinfo)
    except (ValueError, OverflowError) as error:
        raise Invalid(**{name: "not_an_instant"}) from error


def _back(station_id: UUID) -> Response:
    return go(url_for("limits.limits", station_id=station_id))

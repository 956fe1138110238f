"""Campaigns: firmware for many stations in waves; planned, started, followed, paused and ended here."""

from collections.abc import Callable
from datetime import time
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.access import Actor
from accounts.functions import Function
from accounts.rights import Right
from kit.errors import Conflict, Invalid, NotFound
from portal.actor import current_account_id, current_actor, need
from portal.errors import problem_words
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.offers import need_function
from portal.render import go, page
from portal.station_files import id_asked_for, uuid_in
from stations import queries, use_cases
from stations.use_cases import MOST_STATIONS, Waves
from stations.values import CampaignId, CampaignStationId, CampaignStationState, FirmwareId, StationId

blueprint = Blueprint("campaigns", __name__)
DEEDS: dict[str, Callable[[Actor, CampaignId], object]] = {
    "start": use_cases.start_campaign,
    "pause": use_cases.pause_campaign,
    "cancel": use_cases.cancel_campaign,
}
STATION_DEEDS: dict[str, Callable[[Actor, CampaignStationId], object]] = {
    "skip": use_cases.skip_station,
    "retry": use_cases.retry_station,
}
PAGE_SIZE = 50
NUMBERS = ("first_wave", "wave_size", "pause_minutes", "failures_allowed")
FIELDS = {"firmware_id": "firmware", "station_ids": "station"}


@blueprint.app_template_filter("minute_of_day")
def minute_words(minute: int | None) -> str:
    """`22:00`."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


@blueprint.get("/campaigns")
def overview() -> Response:
    """The campaigns of the chosen account, newest first."""
    before = id_asked_for("before")
    rows = queries.campaigns(
        current_actor(),
        current_account_id(),
        before=CampaignId(before) if before else None,
        limit=PAGE_SIZE + 1,
    )
    return page("campaigns/list.html", rows=rows[:PAGE_SIZE], more=len(rows) > PAGE_SIZE)


@blueprint.route("/campaigns/new", methods=["GET", "POST"])
def add() -> Response:
    """Plan a campaign; it is started on its own page."""
    need(Right.COMMAND_STATIONS)
    need_function(Function.MAINTENANCE, current_account_id())
    defaults = Waves()
    form = Form(firmware=request.args.get("firmware", ""), **vars(defaults))
    if form.sent:
        with form.checking():
            made = use_cases.create_campaign(
                current_actor(),
                current_account_id(),
                name=form.text("name"),
                firmware_id=FirmwareId(uuid_in(form, "firmware")),
                station_ids=_chosen(form),
                waves=_waves(form),
            )
        if form.done:
            return go(url_for("campaigns.campaign", campaign_id=made.id))
        form.problems = {FIELDS.get(name, name): code for name, code in form.problems.items()}
    return page(
        "campaigns/add.html",
        form=form,
        firmwares=queries.firmwares(current_actor(), current_account_id()),
        choices=queries.campaign_choices(current_actor(), current_account_id(), _firmware_asked_for(form)),
        chosen=set(request.form.getlist("station")),
        status=form.status,
    )


@blueprint.get("/campaigns/<uuid:campaign_id>")
def campaign(campaign_id: UUID) -> Response:
    """How far it is: waves, stations, steps."""
    return page("campaigns/page.html", fragment="campaigns/_progress.html", **_present(CampaignId(campaign_id)))


@live_page(blueprint, "/campaigns/<uuid:campaign_id>/live", every_s=5)
def live(campaign_id: UUID) -> LivePage:
    """The progress as it goes on."""
    context = _present(CampaignId(campaign_id))
    topics = {f"campaign:{campaign_id}"}
    return LivePage(topics, lambda: render_template("campaigns/_progress.html", pushed=True, **context))


@blueprint.post("/campaigns/<uuid:campaign_id>/<deed>")
def do(campaign_id: UUID, deed: str) -> Response:
    """Start, pause or cancel it."""
    if deed not in DEEDS:
        raise NotFound()
    try:
        DEEDS[deed](current_actor(), CampaignId(campaign_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("campaigns.campaign", campaign_id=campaign_id))


@blueprint.post("/campaigns/<uuid:campaign_id>/stations/<uuid:row_id>/<deed>")
def do_with_station(campaign_id: UUID, row_id: UUID, deed: str) -> Response:
    """Leave one station out, or let it try again."""
    if deed not in STATION_DEEDS:
        raise NotFound()
    try:
        STATION_DEEDS[deed](current_actor(), CampaignStationId(row_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("campaigns.campaign", campaign_id=campaign_id))


def _present(campaign_id: CampaignId) -> dict[str, Any]:
    asked = request.args.get("state")
    state, after = next((state for state in CampaignStationState if state.value == asked), None), id_asked_for("after")
    rows = queries.campaign_stations(
        current_actor(),
        campaign_id,
        state,
        after=CampaignStationId(after) if after else None,
        limit=PAGE_SIZE + 1,
    )
    return {
        "shown": queries.campaign(current_actor(), campaign_id),
        "rows": rows[:PAGE_SIZE],
        "more": len(rows) > PAGE_SIZE,
        "states": list(CampaignStationState),
        "asked": {
            **({"state": state.value} if state else {}),
            **({"after": str(after)} if after else {}),
        },
    }


def _firmware_asked_for(form: Form) -> FirmwareId | None:
    """The firmware in the address narrows the stations; a made-up one does not."""
    try:
        asked = UUID(form.value("firmware"))
        return FirmwareId(queries.firmware(current_actor(), FirmwareId(asked)).id)
    except (ValueError, NotFound):
        return None


def _chosen(form: Form) -> list[StationId]:
    if form.ticked("all"):
        rows = queries.campaign_choices(
            current_actor(), current_account_id(), _firmware_asked_for(form), limit=MOST_STATIONS + 1
        )
        return [StationId(row.station.id) for row in rows]
    try:
        return [StationId(UUID(text)) for text in request.form.getlist("station")]
    except ValueError as error:
        raise Invalid(station_ids="unknown") from error


def _waves(form: Form) -> Waves:
    numbers = {name: form.whole(name) for name in NUMBERS}
    return Waves(**numbers, window_from=_minute(form, "window_from"), window_until=_minute(form, "window_until"))


def _minute(form: Form, name: str) -> int | None:
    typed = form.text(name)
    try:
        at = time.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Invalid(**{name: "not_a_time"}) from error
    return None if at is None else at.hour * 60 + at.minute

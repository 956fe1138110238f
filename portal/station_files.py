"""Files of a station: asking for diagnostics, logs and updates, following them, reading what came."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.access import Actor
from accounts.rights import Right
from kit import files
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal.actor import current_actor, need, open_to_programs
from portal.errors import problem_words
from portal.file_words import reason_words, size_words, step_words
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.render import go, page
from portal.transfers import offered
from stations import queries
from stations.use_cases import cancel_file_job, request_file, update_firmware
from stations.values import FileJobId, FileJobKind, FirmwareId, StationId

blueprint = Blueprint("station_files", __name__)
blueprint.add_app_template_filter(step_words)
blueprint.add_app_template_filter(reason_words)
blueprint.add_app_template_filter(size_words)
LATEST, PREVIEW_BYTES = 20, 256 * 1024
UPLOADS = [kind for kind in FileJobKind if not kind.of_firmware]
FIELDS = {
    "start_at": "since",
    "stop_at": "until",
    "firmware_id": "firmware",
    "retrieve_at": "fetch",
    "install_at": "install",
}


@blueprint.route("/stations/<uuid:station_id>/files", methods=["GET", "POST"])
def overview(station_id: UUID) -> Response:
    """Ask for a file or an update, and see what became of earlier ones."""
    actor, form = current_actor(), Form(kind=FileJobKind.DIAGNOSTICS)
    if form.sent:
        shown = queries.station_page(actor, StationId(station_id))
        need(Right.COMMAND_STATIONS, shown.account.id)
        with form.checking():
            _ask(form, StationId(station_id), shown.time_zone)
        if form.done:
            flash(_("The station was asked."))
            return go(url_for("station_files.overview", station_id=station_id))
        form.problems = {_field(name): code for name, code in form.problems.items()}
    return page(
        "station_files/page.html",
        fragment="station_files/_jobs.html",
        form=form,
        kinds=UPLOADS,
        firmwares=queries.firmwares_for(actor, StationId(station_id)),
        status=form.status,
        **_present(StationId(station_id)),
    )


@live_page(blueprint, "/stations/<uuid:station_id>/files/live", every_s=10)
def live(station_id: UUID) -> LivePage:
    """The list, step by step."""
    context = _present(StationId(station_id))
    return LivePage(
        {f"station:{station_id}"}, lambda: render_template("station_files/_jobs.html", pushed=True, **context)
    )


@blueprint.get("/file-jobs/<uuid:job_id>/file")
@open_to_programs
def received(actor: Actor, job_id: UUID) -> Response:
    """What the station sent: a file that the browser never opens itself."""
    return offered(queries.received_file(actor, FileJobId(job_id)), mimetype="application/octet-stream")


@blueprint.get("/file-jobs/<uuid:job_id>/text")
def text(job_id: UUID) -> Response:
    """The beginning of a file that is text."""
    found = queries.received_file(current_actor(), FileJobId(job_id))
    raw = b"".join(files.read(found.key, 0, min(found.size, PREVIEW_BYTES)))
    return page(
        "station_files/text.html",
        row=queries.file_job(current_actor(), FileJobId(job_id)),
        text=None if b"\0" in raw else raw.decode("utf-8", "replace"),
        cut=found.size > PREVIEW_BYTES,
    )


@blueprint.post("/file-jobs/<uuid:job_id>/cancel")
def cancel(job_id: UUID) -> Response:
    """Take back what was not sent yet."""
    station_id = queries.file_job(current_actor(), FileJobId(job_id)).job.station_id
    try:
        cancel_file_job(current_actor(), FileJobId(job_id))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("station_files.overview", station_id=station_id))


def _ask(form: Form, station_id: StationId, zone: str) -> None:
    if request.form.get("deed") == "update":
        update_firmware(
            current_actor(),
            station_id,
            FirmwareId(uuid_in(form, "firmware")),
            signed=form.ticked("signed"),
            retrieve_at=_instant(form, "fetch", zone),
            install_at=_instant(form, "install", zone),
            **_again(form, "firmware"),
        )
        return
    request_file(
        current_actor(),
        station_id,
        form.choice("kind", FileJobKind),
        start_at=_instant(form, "since", zone),
        stop_at=_instant(form, "until", zone),
        location=form.text("location"),
        **_again(form, "file"),
    )


def uuid_in(form: Form, name: str) -> UUID:
    """The id that was chosen in a list. Raises Invalid."""
    try:
        return UUID(form.text(name))
    except ValueError as error:
        raise Invalid(**{name: "required" if not form.text(name) else "unknown"}) from error


def _field(name: str) -> str:
    """The field of the page where a problem stands; what both forms have is named after the form."""
    if name in ("retries", "retry_interval_s"):
        return f"{'firmware' if request.form.get('deed') == 'update' else 'file'}_{name}"
    return FIELDS.get(name, name)


def _again(form: Form, of: str) -> dict[str, Any]:
    names = {name: f"{of}_{name}" for name in ("retries", "retry_interval_s")}
    return {name: form.whole(field) if form.text(field) else None for name, field in names.items()}


def id_asked_for(name: str) -> UUID | None:
    """An id in the address, where a list goes on; what is no id begins it."""
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _instant(form: Form, name: str, zone: str) -> datetime | None:
    """An instant that was typed in the station's own time; None where nothing was."""
    typed = form.text(name)
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone)) if typed else None
    except ValueError as error:
        raise Invalid(**{name: "not_an_instant"}) from error


def _present(station_id: StationId) -> dict[str, Any]:
    actor, before = current_actor(), id_asked_for("before")
    jobs = queries.file_jobs(
        actor, station_id=station_id, before=FileJobId(before) if before else None, limit=LATEST + 1
    )
    return {
        "shown": queries.station_page(actor, station_id),
        "jobs": jobs[:LATEST],
        "more": len(jobs) > LATEST,
        "before": before,
        "unasked": [] if before else queries.unasked_steps(actor, station_id),
    }

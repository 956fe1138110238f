"""Firmware of the chosen account: the list, adding one with its file or from elsewhere, taking one off."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts.rights import Right
from accounts.values import AccountId
from kit import settings
from kit.errors import Conflict
from kit.i18n import _
from kit.masking import mask_text
from portal.actor import current_account_id, current_accounts, current_actor, current_person, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.station_files import uuid_in
from stations import queries
from stations.uploads import MB, take_firmware
from stations.use_cases import add_firmware, remove_firmware
from stations.values import FirmwareId

blueprint = Blueprint("firmware", __name__)
blueprint.add_app_template_filter(mask_text, "without_logins")
TEXTS = ("version", "vendor", "model", "notes", "sha256", "signature", "certificate")


@blueprint.url_value_preprocessor
def allow_large_files(endpoint: str | None, _values: Any) -> None:
    """The form with the file may be as large as firmware; for people who have signed in, before it is read."""
    if endpoint == "firmware.add" and current_person():
        request.max_content_length = (settings.current().firmware_most_mb + 1) * MB


@blueprint.get("/firmware")
def overview() -> Response:
    """What there is to install."""
    return page("firmware/list.html", firmwares=queries.firmwares(current_actor(), current_account_id()))


@blueprint.get("/firmware/<uuid:firmware_id>")
def firmware(firmware_id: UUID) -> Response:
    """One firmware."""
    return page("firmware/page.html", it=queries.firmware(current_actor(), FirmwareId(firmware_id)))


@blueprint.route("/firmware/new", methods=["GET", "POST"])
def add() -> Response:
    """A new firmware: a file, or the address of one."""
    need_in_whole(Right.MANAGE_STATIONS)
    form = Form(account=current_account_id())
    if form.sent:
        with form.checking():
            account_id = AccountId(uuid_in(form, "account"))
            facts: dict[str, Any] = {name: form.text(name) for name in TEXTS}
            file = request.files.get("file")
            if file is not None and file.filename:
                take_firmware(current_actor(), account_id, file.stream, file.filename, url=form.text("url"), **facts)
            else:
                add_firmware(current_actor(), account_id, url=form.text("url"), **facts)
        if form.done:
            flash(_("Saved."))
            return go(url_for("firmware.overview"))
    managed = [node for node in current_accounts() if Right.MANAGE_STATIONS in node.rights]
    most_mb = settings.current().firmware_most_mb
    return page("firmware/add.html", form=form, managed=managed, most_mb=most_mb, status=form.status)


@blueprint.post("/firmware/<uuid:firmware_id>/remove")
def remove(firmware_id: UUID) -> Response:
    """Take it off the list."""
    try:
        remove_firmware(current_actor(), FirmwareId(firmware_id))
        flash(_("The firmware was removed."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
        return go(url_for("firmware.firmware", firmware_id=firmware_id))
    return go(url_for("firmware.overview"))

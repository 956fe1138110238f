"""What a station does differently from the standard: the profile that applies, why, and its operator's own settings."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from charging.values import ScheduleStyle
from kit.errors import Invalid
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import current_actor
from portal.forms import Form
from portal.labels import label
from portal.render import go, page
from stations import queries
from stations.quirks import STANDARD, AppliedProfile, possible_words, profile_of, quirks_of
from stations.use_cases import keep_quiet, set_quirks
from stations.values import ConnectorStatus, StationId

blueprint = Blueprint("behaviour", __name__)
# each setting with what it means, in the order of the page
WORDS: dict[str, str] = {
    "also_called": word("The name it comes with, where that is not its identity"),
    "any_user": word("It may log in under another user than its identity"),
    "plain_files": word("It sends and fetches files without TLS (http)"),
    "local_time": word("Its times without a zone are local time"),
    "cloud_clock": word("Its times come from the maker's cloud"),
    "tag_ends_with_serial": word("It adds its serial number to tag numbers"),
    "tag_prefix": word("It puts this before tag numbers"),
    "tag_suffix": word("It puts this after tag numbers"),
    "wh_means_kwh": word("Its meter counts kWh, although it says Wh"),
    "register_per_session": word("Its meter starts at 0 with each session"),
    "plugged_status": word("This status only means that a cable is plugged in"),
    "plugged_word": word("This in a message of its maker means that a cable is plugged in"),
    "power_overrules_status": word("It is charging while power flows, whatever it says"),
    "poll_meter_s": word("Ask for meter values after so many seconds of silence"),
    "ask_silent_meter": word("Ask for meter values where it should send them and does not"),
    "quiet_after_boot_s": word("Send it nothing for so many seconds after its start"),
    "ping_every_s": word("Ping it when it was silent for so many seconds (0: never)"),
    "can_unlock": word("It can unlock a plug from afar"),
    "max_stack_level": word("Highest level of limits that it takes"),
    "schedule_style": word("Begin of its limits"),
}
UNSET = ""


@dataclass(frozen=True)
class Setting:
    """A setting as the page shows it: what applies, what would apply without an own one, and the choices."""

    name: str
    words: str
    now: str
    without: str
    own: bool
    choices: list[tuple[str, str]] | None


@blueprint.route("/stations/<uuid:station_id>/behaviour", methods=["GET", "POST"])
def behaviour(station_id: UUID) -> Response:
    """How a station behaves; each setting may be the profile's or one's own."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    applied = profile_of(shown.station)
    form = Form(**{name: _plain(value) for name, value in applied.overrides.items()})
    if form.sent:
        with form.checking():
            wished = {name: _value(name, form) for name in WORDS if form.text(name)}
            set_quirks(current_actor(), StationId(station_id), wished)
        if form.done:
            flash(_("Saved."))
            return go(url_for("behaviour.behaviour", station_id=station_id))
    return page(
        "stations/behaviour.html",
        form=form,
        shown=shown,
        applied=applied,
        rows=[_setting(name, applied) for name in WORDS],
        status=form.status,
    )


@blueprint.post("/stations/<uuid:station_id>/behaviour/quiet")
def quiet(station_id: UUID) -> Response:
    """Send it nothing that nobody asked for, or end that."""
    wished = request.form.get("quiet") == "1"
    keep_quiet(current_actor(), StationId(station_id), quiet=wished)
    flash(_("The station is left in quiet.") if wished else _("The platform calls the station by itself again."))
    return go(url_for("behaviour.behaviour", station_id=station_id))


def _setting(name: str, applied: AppliedProfile) -> Setting:
    usual = getattr(quirks_of(applied.profile, {}), name)
    without = _spoken(name, usual)
    choices = None
    if isinstance(usual, bool):
        choices = [("1", _("yes")), ("0", _("no"))]
    elif words := [one for one in possible_words(name) if one]:
        choices = [(one, _spoken(name, one)) for one in words]
    if choices is not None:
        choices.insert(0, (UNSET, _("as known: %(what)s", what=without)))
    return Setting(
        name=name,
        words=_(WORDS[name]),
        now=_spoken(name, getattr(applied.quirks, name)),
        without=without,
        own=name in applied.overrides,
        choices=choices,
    )


def _spoken(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "schedule_style":
        return label(ScheduleStyle(value))
    if name == "plugged_status" and value:
        return label(ConnectorStatus(value))
    if value in ("", -1) or (name != "max_stack_level" and value == 0):
        return _("none")
    return str(value)


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _value(name: str, form: Form) -> Any:
    usual = getattr(STANDARD, name)
    if isinstance(usual, bool):
        if form.text(name) not in ("0", "1"):
            raise Invalid(**{name: "unknown"})
        return form.text(name) == "1"
    return form.whole(name) if isinstance(usual, int) else form.text(name)

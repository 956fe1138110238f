"""The settings of a station: what each means, what it is, what it should be."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for

from kit.i18n import _
from kit.masking import is_secret_setting, mask_text
from portal.actor import current_actor
from portal.forms import Form
from portal.live import LivePage, live_page
from portal.message_words import action_words
from portal.render import go, page
from stations import queries
from stations.known_settings import SettingGroup, SettingKind, group_of, known_setting_kind
from stations.platform_wishes import PLATFORM
from stations.queries import StationSettings
from stations.told_settings import same_value
from stations.use_cases import forget_wish, probe_abilities, read_settings, wish_setting
from stations.values import StationId

if TYPE_CHECKING:
    from stations.models import StationSetting

blueprint = Blueprint("station_settings", __name__)


@dataclass(frozen=True)
class SettingRow:
    """A setting as the page shows it. `fixed`: it can't be changed here."""

    row: "StationSetting"
    words: str
    shown: str
    wished: str
    fixed: bool
    by_platform: bool


@blueprint.get("/stations/<uuid:station_id>/settings")
def overview(station_id: UUID) -> Response:
    """All settings, by what they are about, narrowed by words."""
    context = _present(StationId(station_id))
    return page("station_settings/page.html", fragment="station_settings/_list.html", **context)


@live_page(blueprint, "/stations/<uuid:station_id>/settings/live", every_s=10)
def live(station_id: UUID) -> LivePage:
    """The settings while they are being read."""
    context = _present(StationId(station_id))
    return LivePage(
        {f"station:{station_id}"}, lambda: render_template("station_settings/_rows.html", pushed=True, **context)
    )


@blueprint.post("/stations/<uuid:station_id>/settings/read")
def read(station_id: UUID) -> Response:
    """Ask the station for all of them."""
    read_settings(current_actor(), StationId(station_id))
    return go(url_for("station_settings.overview", station_id=station_id))


@blueprint.post("/stations/<uuid:station_id>/settings/probe")
def probe(station_id: UUID) -> Response:
    """Find out what the station can do."""
    probe_abilities(current_actor(), StationId(station_id))
    flash(_("The station is being asked for what changes nothing."))
    return go(url_for("station_settings.overview", station_id=station_id))


@blueprint.get("/stations/<uuid:station_id>/settings/compare")
def compare(station_id: UUID) -> Response:
    """What another station of the same model has set otherwise."""
    actor = current_actor()
    others = queries.like_stations(actor, StationId(station_id))
    other = next((one for one in others if str(one.id) == request.args.get("other")), None)
    return page(
        "station_settings/compare.html",
        shown=queries.station_page(actor, StationId(station_id)),
        choices=[("", _("Choose a station")), *((str(one.id), one.name) for one in others)],
        form=Form(other=other.id if other else ""),
        other=other,
        differences=_differences(StationId(station_id), StationId(other.id)) if other else [],
    )


@blueprint.route("/stations/<uuid:station_id>/setting", methods=["GET", "POST"])
def setting(station_id: UUID) -> Response:
    """One setting: what it means, what it is, and what it should be."""
    found = queries.station_settings(current_actor(), StationId(station_id))
    key = request.values.get("key", "").strip()
    row = next((one for one in found.settings if one.folded_key == key.casefold()), None)
    kind = known_setting_kind(key)
    form = Form(key=key, value=_to_change(row))
    if form.sent:
        with form.checking():
            wish_setting(current_actor(), StationId(station_id), key, form.text("value"))
        if form.done:
            flash(_("Noted. The station is read, and set where it differs."))
            return go(url_for("station_settings.overview", station_id=station_id))
    return page(
        "station_settings/setting.html",
        form=form,
        shown=queries.station_page(current_actor(), StationId(station_id)),
        key=row.key if row else key,
        kind=kind,
        switch=kind is not None and kind.kind is SettingKind.SWITCH,
        setting=_row(row) if row else None,
        status=form.status,
    )


@blueprint.post("/stations/<uuid:station_id>/setting/forget")
def forget(station_id: UUID) -> Response:
    """Nobody wishes a value for it any more."""
    forget_wish(current_actor(), StationId(station_id), request.form.get("key", ""))
    flash(_("The wish is forgotten; the station keeps what it has."))
    return go(url_for("station_settings.overview", station_id=station_id))


def _present(station_id: StationId) -> dict[str, Any]:
    found, text = queries.station_settings(current_actor(), station_id), request.args.get("text", "").strip()
    rows = [_row(row) for row in found.settings if not row.unknown or row.wish is not None]
    wanted = text.casefold()
    rows = [one for one in rows if wanted in f"{one.row.key} {one.words} {one.shown}".casefold()]
    groups = [(group, [one for one in rows if group_of(one.row.key) is group]) for group in SettingGroup]
    return {
        "shown": queries.station_page(current_actor(), station_id),
        "groups": [(group, several) for group, several in groups if several],
        "reading": found.reading,
        "text": text,
        "needs_restart": found.needs_restart,
        "unable": [_ability_words(one.name) for one in found.abilities if not one.able],
        "able": [_ability_words(one.name) for one in found.abilities if one.able],
        "claims": _claims(found),
    }


def _differences(one: StationId, other: StationId) -> list[tuple[str, ...]]:
    """Names of settings with the values of two stations, where they are not the same."""
    found = [
        {row.folded_key: row for row in queries.station_settings(current_actor(), each).settings if not row.unknown}
        for each in (one, other)
    ]
    differences = []
    for key in sorted(found[0].keys() | found[1].keys()):
        rows = [each.get(key) for each in found]
        values = [row.value if row else None for row in rows]
        if values[0] is not None and values[1] is not None and same_value(values[0], values[1]):
            continue
        if values != [None, None]:
            name = next(row.key for row in rows if row)
            differences.append((name, *(_shown(row) if row else "–" for row in rows)))
    return differences


def _row(row: "StationSetting") -> SettingRow:
    kind = known_setting_kind(row.key)
    return SettingRow(
        row=row,
        words=_(kind.words) if kind else "",
        shown=_shown(row),
        wished=_spoken(row.key, mask_text(row.wished or "")),
        fixed=row.read_only or is_secret_setting(row.key) or bool(kind and kind.fixed),
        by_platform=row.wished_by == PLATFORM,
    )


def _shown(row: "StationSetting") -> str:
    if is_secret_setting(row.key):
        return _("kept secret")
    if row.unknown:
        return _("the station has none")
    return "–" if row.value is None else _spoken(row.key, row.value)


def _spoken(key: str, value: str) -> str:
    """A value as people write it."""
    kind = known_setting_kind(key)
    if kind is None:
        return value
    if kind.kind is SettingKind.SWITCH and value.strip().lower() in ("true", "false"):
        return _("yes") if value.strip().lower() == "true" else _("no")
    if kind.kind is SettingKind.LIST:
        return ", ".join(part.strip() for part in value.split(","))
    return f"{value} {kind.unit}" if kind.unit and value else value


def _to_change(row: "StationSetting | None") -> str:
    if row is None:
        return ""
    value = row.wished if row.wished is not None else row.value or ""
    kind = known_setting_kind(row.key)
    return value.strip().lower() if kind and kind.kind is SettingKind.SWITCH else value


def _ability_words(name: str) -> str:
    message, _blank, wanted = name.partition(" ")
    return f"{action_words(message)} ({wanted})" if wanted else action_words(message)


def _claims(found: StationSettings) -> str:
    """What the station says that it can do."""
    told = (row.value for row in found.settings if row.folded_key == "supportedfeatureprofiles")
    return ", ".join(part.strip() for part in (next(told, None) or "").split(",") if part.strip())

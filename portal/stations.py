"""Stations: list, map, one with its live state, adding and describing, its password."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, render_template, request, url_for

from accounts.rights import Right
from accounts.values import AccountId
from billing import queries as billing
from charging import queries as charging
from charging.queries import SessionFilter
from charging.values import SessionState
from kit.errors import Invalid
from kit.i18n import _, duration
from kit.settings import Settings
from portal.actor import current_account_id, current_accounts, current_actor, known_account, need, need_in_whole
from portal.forms import Form
from portal.labels import label
from portal.live import LivePage, live_page
from portal.render import go, is_htmx, page
from portal.smart_me_places import forecast_of, kind_of, place_for
from stations import queries, use_cases
from stations.kinds import StationKind
from stations.quirks import profile_of
from stations.station_clock import CORRECTED_FROM, RIGHT
from stations.values import (
    Location,
    NewConnector,
    PlugType,
    SecurityProfile,
    ShownState,
    StationId,
    WaitingState,
)

blueprint = Blueprint("stations", __name__)
TEXTS = ("name", "description", "street", "postcode", "city", "country")
LAST_SESSIONS = 5
# who drew the map, by the host of its tiles
MAP_MAKERS = {"geo.admin.ch": "© swisstopo", "openstreetmap.org": "© OpenStreetMap"}
PLUGS = [plug for plug in PlugType if plug is not PlugType.UNKNOWN]


@blueprint.get("/stations")
def overview() -> Response:
    """The stations of the chosen account, narrowed by words and state."""
    text, state = request.args.get("text", "").strip(), _state(request.args.get("state", ""))
    number = request.args.get("page", 1, type=int)
    listed = queries.station_list(current_actor(), current_account_id(), text=text, state=state, number=number)
    return page(
        "stations/list.html",
        fragment="stations/_list.html",
        stations=listed,
        text=text,
        state=state,
        waiting=[] if is_htmx() else _waiting(),
        expiring=[] if is_htmx() else queries.expiring_certificates(current_actor(), current_account_id()),
        **_choices(),
    )


@blueprint.get("/stations/map")
def on_map() -> Response:
    """The stations that have a place, on a map."""
    rows = queries.stations_on_map(current_actor(), current_account_id())
    pins = [
        {
            "latitude": (row.station.latitude_e6 or 0) / 1e6,
            "longitude": (row.station.longitude_e6 or 0) / 1e6,
            "name": row.station.name,
            "url": url_for("stations.station", station_id=row.station.id),
            "state": _worst(row).value,
            "words": label(_worst(row)),
        }
        for row in rows
    ]
    return page("stations/map.html", rows=rows, pins=pins, worst=_worst, tiles=map_tiles())


@blueprint.get("/stations/<uuid:station_id>")
def station(station_id: UUID) -> Response:
    """One station: what it does now, what was asked of it, how it is reached."""
    actor = current_actor()
    latest = charging.sessions(actor, station_id=StationId(station_id), limit=LAST_SESSIONS)
    charges = billing.charges_of(actor, [row.session.id for row in latest])
    doubts = charging.doubts_of_station(actor, StationId(station_id), limit=5)
    context = _present(StationId(station_id))
    account_id = context["shown"].account.id
    return page(
        "stations/page.html",
        latest=latest,
        charges=charges,
        money=any(node.id == account_id and Right.VIEW_INCOME in node.rights for node in current_accounts()),
        doubts=doubts,
        tiles=map_tiles(),
        address=ocpp_address(context["shown"].ocpp_path),
        **context,
    )


@live_page(blueprint, "/stations/<uuid:station_id>/live", every_s=15)
def live(station_id: UUID) -> LivePage:
    """The part of the station's page that changes by itself."""
    context = _present(StationId(station_id))
    running = {f"session:{row.session.id}" for row in context["running"].values()}
    return LivePage(
        {f"station:{station_id}", *running}, lambda: render_template("stations/_live.html", pushed=True, **context)
    )


@blueprint.route("/stations/new", methods=["GET", "POST"])
def add() -> Response:
    """A new station; its password is shown in the answer, this once."""
    need_in_whole(Right.MANAGE_STATIONS)
    wished = known_account(request.args.get("account", ""))
    form = Form(
        account=wished.id if wished and Right.MANAGE_STATIONS in wished.rights else current_account_id(),
        country="CH",
        connectors=1,
        plug=PlugType.TYPE_2,
        max_power_kw=11,
        security_profile=SecurityProfile.PASSWORD,
        kind=StationKind.OCPP,
    )
    if form.sent:
        with form.checking():
            place = place_for(form, account_of(form), kind_of(form), "kind")
            added = use_cases.add_station(
                current_actor(),
                place,
                kind=kind_of(form),
                connectors=connectors_of(form),
                location=location_of(form),
                identity=form.text("identity"),
                password=form.text("password"),
                security_profile=form.choice("security_profile", SecurityProfile),
                **_texts(form),
            )
        if form.done:
            return _password_page(StationId(added.station.id), added.password, fresh=True)
        connector_at_shared_field(form)
    managed = [node for node in current_accounts() if Right.MANAGE_STATIONS in node.rights]
    return page(
        "stations/add.html",
        form=form,
        managed=managed,
        forecast=forecast_of(form),
        tiles=map_tiles(),
        status=form.status,
        **_choices(),
    )


@blueprint.route("/stations/<uuid:station_id>/edit", methods=["GET", "POST"])
def edit(station_id: UUID) -> Response:
    """Name, place and description of a station."""
    shown = queries.station_page(current_actor(), StationId(station_id))
    need(Right.MANAGE_STATIONS, shown.account.id)
    row = shown.station
    form = Form(
        **{name: getattr(row, name) for name in TEXTS},
        latitude=_degrees(row.latitude_e6),
        longitude=_degrees(row.longitude_e6),
        kind=row.kind,
    )
    if form.sent:
        with form.checking():
            place = location_of(form)
            use_cases.update_station(
                current_actor(),
                StationId(station_id),
                location=place,
                remove_location=place is None,
                kind=kind_of(form, row.kind),
                **_texts(form),
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("stations.station", station_id=station_id))
    return page("stations/edit.html", form=form, shown=shown, tiles=map_tiles(), status=form.status, **_choices())


@blueprint.post("/stations/<uuid:station_id>/password")
def renew_password(station_id: UUID) -> Response:
    """A new password for a station, shown in the answer, this once."""
    password = use_cases.renew_password(current_actor(), StationId(station_id))
    return _password_page(StationId(station_id), password, fresh=False)


@blueprint.app_template_filter("clock_words")
def clock_words(row: Any) -> str:
    """How a station's clock goes."""
    skew = timedelta(seconds=row.clock_skew_s or 0)
    if abs(skew) <= RIGHT:
        words = _("right")
    elif skew > timedelta(0):
        words = _("%(much)s fast", much=duration(skew))
    else:
        words = _("%(much)s slow", much=duration(-skew))
    if abs(skew) >= CORRECTED_FROM:
        words = _("%(clock)s; its times are put right", clock=words)
    return _("%(clock)s (the maker's cloud)", clock=words) if profile_of(row).quirks.cloud_clock else words


def _texts(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in TEXTS}


def ocpp_address(path: str) -> str:
    """The address that is typed into the charger."""
    settings: Settings = current_app.config["SETTINGS"]
    return f"{settings.public_url.replace('http', 'ws', 1)}{path}"


def map_tiles() -> dict[str, str]:
    """Where the map's pictures come from, and whom to name for it."""
    settings: Settings = current_app.config["SETTINGS"]
    host = urlsplit(settings.map_tiles_url).hostname or ""
    maker = next((name for domain, name in MAP_MAKERS.items() if host.endswith(domain)), host)
    return {"url": settings.map_tiles_url, "maker": maker}


def _present(station_id: StationId) -> dict[str, Any]:
    actor = current_actor()
    shown = queries.station_page(actor, station_id)
    active = charging.sessions(actor, station_id=station_id, wanted=SessionFilter(state=SessionState.ACTIVE))
    return {
        "shown": shown,
        "troubles": queries.station_troubles(actor, station_id=station_id),
        "running": {row.session.connector_id: row for row in reversed(active)},
        "starts": charging.recent_starts(actor, station_id),
        "reservations": charging.open_reservations(actor, station_id),
        "prices": billing.prices_of(actor, [row.connector.id for row in shown.connectors]),
    }


def _password_page(station_id: StationId, password: str, *, fresh: bool) -> Response:
    shown = queries.station_page(current_actor(), station_id)
    return page(
        "stations/password.html",
        shown=shown,
        password=password,
        fresh=fresh,
        address=ocpp_address(shown.ocpp_path),
    )


def _waiting() -> list[queries.WaitingRow]:
    return queries.waiting_stations(current_actor(), current_account_id(), state=WaitingState.WAITING)


def _choices() -> dict[str, Any]:
    return {"states": list(ShownState), "plugs": PLUGS, "profiles": list(SecurityProfile), "kinds": list(StationKind)}


def _state(value: str) -> ShownState | None:
    return next((state for state in ShownState if state.value == value), None)


def _worst(row: queries.StationRow) -> ShownState:
    """The state of a station's pin: what most needs to be known of its connectors."""
    order = (ShownState.FAULTED, ShownState.OUT_OF_SERVICE, ShownState.OCCUPIED, ShownState.CONNECTED)
    states = {connector.state for connector in row.connectors}
    if ShownState.AVAILABLE in states and ShownState.FAULTED not in states:
        return ShownState.AVAILABLE
    return next((state for state in order if state in states), ShownState.OUT_OF_SERVICE)


def account_of(form: Form) -> AccountId:
    """The account that was chosen. Raises Invalid(account=)."""
    try:
        return AccountId(UUID(form.text("account")))
    except ValueError as error:
        raise Invalid(account="unknown") from error


def connectors_of(form: Form) -> list[NewConnector]:
    """The connectors of a new station: so many of one kind. Raises Invalid."""
    count = form.whole("connectors")
    if not 0 <= count <= 100:
        raise Invalid(connectors="out_of_range")
    return [NewConnector(form.choice("plug", PlugType), watts(form, "max_power_kw"))] * count


def watts(form: Form, name: str) -> int:
    """A power that was typed in kW."""
    return int(form.decimal(name) * 1000)


def connector_at_shared_field(form: Form) -> None:
    """All new connectors are described by one field: so is what is wrong with the first of them."""
    for name in [name for name in form.problems if name.startswith("connector_")]:
        form.problems["max_power_kw"] = form.problems.pop(name)


def location_of(form: Form) -> Location | None:
    """Where a station stands; None where nothing was entered. Raises Invalid(location=)."""
    latitude, longitude = form.text("latitude"), form.text("longitude")
    if not latitude and not longitude:
        return None
    try:
        place = [int(round(Decimal(text.replace(",", ".")), 6) * 10**6) for text in (latitude, longitude)]
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Invalid(location="not_a_number") from error
    return Location(*place)


def _degrees(millionths: int | None) -> str:
    return "" if millionths is None else str(Decimal(millionths).scaleb(-6).normalize())

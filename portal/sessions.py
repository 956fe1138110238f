"""Charging sessions: the list, one with its curve and price, live while it runs."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, render_template, request, url_for

from accounts.queries import names_of
from accounts.rights import Right
from billing import queries as billing
from charging import queries
from charging.queries import SessionFilter
from charging.use_cases import request_stop
from charging.values import SessionId, SessionKind, SessionState
from imports.queries import imported_session
from kit.errors import Conflict
from kit.i18n import _
from portal.actor import current_account, current_account_id, current_accounts, current_actor
from portal.errors import problem_words
from portal.live import LivePage, live_page
from portal.render import go, page
from portal.session_words import price_lines, start_failure, stop_reason
from stations.values import StationId

blueprint = Blueprint("sessions", __name__)
blueprint.add_app_template_global(start_failure)
blueprint.add_app_template_global(stop_reason)
blueprint.add_app_template_global(price_lines)
PAGE_SIZE = 25


@blueprint.get("/sessions")
def overview() -> Response:
    """The sessions of the chosen account, newest first, narrowed by what the reader asks for."""
    actor, station_id = current_actor(), _id("station")
    rows = queries.sessions(
        actor,
        account_id=current_account_id(),
        station_id=StationId(station_id) if station_id else None,
        wanted=_wanted(),
        before=SessionId(before) if (before := _id("before")) else None,
        limit=PAGE_SIZE + 1,
    )
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return page(
        "sessions/list.html",
        fragment="sessions/_list.html",
        sessions=rows,
        charges=billing.charges_of(actor, [row.session.id for row in rows]) if rows else {},
        money=_sees_money(),
        more=more,
        asked={name: value for name, value in request.args.items() if value and name != "before"},
        kinds=list(SessionKind),
        states=list(SessionState),
    )


@blueprint.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> Response:
    """One session."""
    return page("sessions/page.html", **_present(SessionId(session_id)))


@live_page(blueprint, "/sessions/<uuid:session_id>/live", every_s=10)
def live(session_id: UUID) -> LivePage:
    """The session while it runs, and until its price and receipt are there."""
    context = _present(SessionId(session_id))
    topics = {f"session:{session_id}", f"account:{context['shown'].session.account_id}"}
    return LivePage(topics, lambda: render_template("sessions/_live.html", pushed=True, **context))


@blueprint.post("/sessions/<uuid:session_id>/stop")
def stop(session_id: UUID) -> Response:
    """Ask the charger to end the session."""
    try:
        request_stop(current_actor(), SessionId(session_id))
        flash(_("The station was asked to stop."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    return go(url_for("sessions.session", session_id=session_id))


def _present(session_id: SessionId) -> dict[str, Any]:
    actor = current_actor()
    shown = queries.session_page(actor, session_id)
    row = shown.session
    brought = imported_session(actor, session_id) if row.kind is SessionKind.IMPORTED else None
    points = queries.session_curve(actor, session_id)
    return {
        "shown": shown,
        "brought": brought,
        "starter": names_of(actor, [shown.started_by]).get(shown.started_by) if shown.started_by else None,
        "points": [
            [int(point.at.timestamp()), point.power_w, _since_start(point.energy_wh, row.meter_start_wh)]
            for point in points
        ],
        "highest_w": max((point.power_w or 0 for point in points), default=0),
        "paid": billing.charges_of(actor, [session_id]).get(session_id),
        "money": any(node.id == row.account_id and Right.VIEW_INCOME in node.rights for node in current_accounts()),
    }


def _since_start(energy_wh: int | None, meter_start_wh: int) -> int | None:
    return None if energy_wh is None else max(0, energy_wh - meter_start_wh)


def _wanted() -> SessionFilter:
    node = current_account()
    zone = ZoneInfo(node.time_zone if node else "Europe/Zurich")
    last_day = _day("until", zone)
    return SessionFilter(
        state=next((state for state in SessionState if state.value == request.args.get("state")), None),
        kind=next((kind for kind in SessionKind if kind.value == request.args.get("kind")), None),
        doubtful="doubtful" in request.args,
        started_from=_day("since", zone),
        started_until=last_day + timedelta(days=1) if last_day else None,
    )


def _day(name: str, zone: ZoneInfo) -> datetime | None:
    """Midnight of a day that was typed; what is no day does not narrow the list."""
    try:
        return datetime.combine(date.fromisoformat(request.args.get(name, "")), time(), zone)
    except ValueError:
        return None


def _id(name: str) -> UUID | None:
    try:
        return UUID(request.args.get(name, ""))
    except ValueError:
        return None


def _sees_money() -> bool:
    node = current_account()
    return node is not None and Right.VIEW_INCOME in node.rights

"""The dashboard: what stands, what runs, what was earned, what needs a look."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template

from accounts.rights import Right
from accounts.values import AccountId
from billing import queries as billing
from charging import queries as charging
from portal.actor import accounts_here, current_account, current_account_id, current_actor
from portal.live import LivePage, live_page
from portal.render import page
from stations import queries as stations

blueprint = Blueprint("dashboard", __name__)
LAST_SESSIONS = 20
DAYS = 30


@dataclass(frozen=True)
class Bars:
    """Bars by day for `static/bars.js`: midnights in Unix seconds, values, and what to divide these by to show them."""

    days: list[date]
    starts: list[int]
    values: list[int]
    total: int


@blueprint.get("/dashboard")
def overview() -> Response:
    """Everything of the chosen account and those below it."""
    here = current_account_id()
    node = current_account()
    zone = node.time_zone if node else "Europe/Zurich"
    energy = charging.daily_energy(current_actor(), here, zone=zone, days=DAYS)
    days = [day.day for day in energy]
    context = _present(here) | {
        "energy": _bars(days, {day.day: day.energy_wh for day in energy}, zone),
        "session_count": sum(day.sessions for day in energy),
        "incomes": _incomes(here, days, zone) if _sees_money() else {},
        "zone": zone,
    }
    return page("dashboard/page.html", **context)


@live_page(blueprint, "/dashboard/live", every_s=30)
def live() -> LivePage:
    """The part of the dashboard that changes by itself."""
    here = current_account_id()
    topics = {f"account:{node.id}" for node in accounts_here()}
    return LivePage(topics, lambda: render_template("dashboard/_live.html", pushed=True, **_present(here)))


def _sees_money() -> bool:
    """Whether the person may see the income of the chosen account."""
    node = current_account()
    return node is not None and Right.VIEW_INCOME in node.rights


def _present(here: AccountId) -> dict[str, Any]:
    actor, money = current_actor(), _sees_money()
    rows = charging.sessions(actor, account_id=here, limit=LAST_SESSIONS)
    states = stations.connector_states(actor, here)
    return {
        "states": states,
        "stations_here": any(states.values()),
        "troubled": stations.troubled_stations(actor, here),
        "sessions": rows,
        "charges": billing.charges_of(actor, [row.session.id for row in rows]) if money and rows else {},
        "balances": billing.balances(actor, here) if money else [],
        "unpayable": billing.unpayable_accounts(actor, here) if money else [],
        "money": money,
        "several": len(accounts_here()) > 1,
    }


def _incomes(here: AccountId, days: list[date], zone: str) -> dict[str, Bars]:
    by_currency: dict[str, dict[date, int]] = {}
    for income in billing.daily_income(current_actor(), here, zone=zone, days=DAYS):
        by_currency.setdefault(income.currency, {})[income.day] = income.gross_minor
    return {currency: _bars(days, sums, zone) for currency, sums in by_currency.items()}


def _bars(days: list[date], sums: dict[date, int], zone: str) -> Bars:
    starts = [int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) for day in days]
    values = [sums.get(day, 0) for day in days]
    return Bars(days, starts, values, sum(values))

"""Sums by calendar day: the database adds up by hour in UTC, and the hours fall into days of a time zone here."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func

from kit import clock, db


def utc_hour(instant: Any) -> ColumnElement[str]:
    """The hour of an instant as text, `2026-11-23 17`, the same in both databases; group by its label."""
    if db.is_sqlite():
        return func.strftime("%Y-%m-%d %H", instant)
    return func.to_char(func.timezone("UTC", instant), "YYYY-MM-DD HH24")


def day_of(hour: str, zone: str) -> date:
    """The calendar day in this zone that an hour from `utc_hour` belongs to."""
    return datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def last_days(count: int, zone: str) -> tuple[datetime, list[date]]:
    """Midnight of the first of the last `count` days in this zone, today included, and the days in order."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    days = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return datetime(days[0].year, days[0].month, days[0].day, tzinfo=ZoneInfo(zone)), days

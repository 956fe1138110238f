"""Paid periods and parts of them: pure sums, whole days, rounded once with ties away from zero."""

from calendar import monthrange
from datetime import datetime, timedelta
from fractions import Fraction

from licensing.values import Interval

DAY = timedelta(days=1)


def period_end(begins_at: datetime, interval: Interval, anchor_day: int) -> datetime:
    """When a period that begins now ends: on the same day of the next month or year, or on that month's last day."""
    months = begins_at.month + (1 if interval is Interval.MONTH else 12)
    year, month = begins_at.year + (months - 1) // 12, (months - 1) % 12 + 1
    return begins_at.replace(year=year, month=month, day=min(anchor_day, monthrange(year, month)[1]))


def days(begins_at: datetime, ends_at: datetime) -> int:
    """Days of a span; a day that has begun counts."""
    return max(0, -(-(ends_at - begins_at) // DAY))


def part_minor(price_minor: int, begins_at: datetime, ends_at: datetime, at: datetime) -> int:
    """What the rest of a period from `at` on costs, for one station."""
    whole = days(begins_at, ends_at)
    rest = min(days(at, ends_at), whole)
    exact = Fraction(price_minor * rest, whole) if whole else Fraction(0)
    return int((exact * 2 + 1) // 2)

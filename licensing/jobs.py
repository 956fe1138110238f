"""What licensing does by the clock; all of it is harmless twice."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from accounts.access import SYSTEM
from kit import clock
from kit.errors import AppError
from kit.worker import Job
from licensing import checkout, queries, stored_cards, use_cases

ZONE = ZoneInfo("Europe/Zurich")
log = structlog.get_logger()


def keep_entitlements() -> None:
    """What the gate compares follows the plans, gifts and stations; also after a new file of plans."""
    _each("entitlements", [None, *queries.holders(SYSTEM)], partial(use_cases.keep_entitlements, SYSTEM))


def close_periods() -> None:
    """Renew what is over, end trials and what was cancelled; tell of trials that end soon."""
    for _ in range(12):  # periods that passed while nothing ran, one after another
        over = queries.periods_over(SYSTEM)
        _each("period", over, partial(use_cases.close_period, SYSTEM))
        if not over:
            break
    _each("trial", queries.trials_ending(SYSTEM), partial(use_cases.warn_of_trial_end, SYSTEM))


def remind_debtors() -> None:
    """Reminders, and the end of the grace."""
    _each("reminder", queries.late_invoices(SYSTEM), partial(use_cases.remind, SYSTEM))


def look_at_cards() -> None:
    """Payments by card whose notice did not come; cards that are being stored, and those that are to be forgotten."""
    _each("card_page", queries.open_card_pages(SYSTEM), stored_cards.look)
    _each("forget_card", queries.cards_to_forget(SYSTEM), stored_cards.forget)
    _each("card", queries.open_card_payments(SYSTEM), checkout.look)


def state_fees() -> None:
    """On the first days of a month: what was kept from the payments of the month before."""
    begins_at, ends_at = month_before(clock.now())
    month = f"{begins_at.astimezone(ZONE):%Y-%m}"
    for row in queries.fee_sums(SYSTEM, begins_at, ends_at):
        use_cases.issue_fee_statement(
            SYSTEM,
            row.account_id,
            row.currency,
            month=month,
            span=(begins_at, ends_at),
            payments=row.payments,
            fees_minor=row.fees_minor,
            refunds=row.refunds,
            returned_minor=row.returned_minor,
        )


def month_before(now: datetime) -> tuple[datetime, datetime]:
    """First instant of the last month, and of this one, where the platform lives."""
    this = now.astimezone(ZONE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = this.replace(year=this.year - 1, month=12) if this.month == 1 else this.replace(month=this.month - 1)
    return before, this


def _each(step: str, found: Iterable[UUID | None], deed: Callable[[UUID], object]) -> None:
    """One that can't be helped now does not keep the others waiting."""
    for one in found:
        try:
            deed(one)  # type: ignore[arg-type]  # only `keep_entitlements` takes None
        except AppError as error:
            log.warning("licensing.job_step", step=step, about=str(one), code=error.code)
        except Exception:
            log.exception("licensing.job_step_failed", step=step, about=str(one))


JOBS = [
    Job("licensing.keep_entitlements", timedelta(hours=1), keep_entitlements),
    Job("licensing.close_periods", timedelta(minutes=5), close_periods),
    Job("licensing.remind_debtors", timedelta(hours=1), remind_debtors),
    Job("licensing.look_at_cards", timedelta(minutes=1), look_at_cards),
    Job("licensing.state_fees", timedelta(hours=6), state_fees),
]

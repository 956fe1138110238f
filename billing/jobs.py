"""What billing does by the clock. Most of it matters only after a crash or a lost notice; all is harmless twice."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from accounts.access import SYSTEM
from billing import checkout, onboarding, operator_letters, payout_brake, queries, settling, use_cases
from billing.payments import sandbox
from billing.payments.port import ProviderDown
from billing.values import PaymentState
from kit.errors import AppError
from kit.worker import Job

T = TypeVar("T")
log = structlog.get_logger()


def stop_at_hold() -> None:
    """Stop sessions whose cost comes up to what was reserved; close those whose charger lets the hold lapse."""
    running = queries.running_payments(SYSTEM)
    lapsing = [each.payment_id for each in running if each.lapsing]
    used_up = [each.payment_id for each in running if each.used_up and not each.lapsing]
    _each("close_at_lapse", lapsing, partial(use_cases.close_at_lapse, SYSTEM))
    _each("stop_at_hold", used_up, partial(use_cases.stop_at_hold, SYSTEM))


def stop_at_closing() -> None:
    """It has closed where the operator wants sessions to end then."""
    _each("stop_at_closing", queries.sessions_past_closing(SYSTEM), partial(use_cases.stop_at_closing, SYSTEM))


def settle_leftovers() -> None:
    """Go on where a reaction or a process was lost: price, capture, release, refund, close."""
    _each("settle", queries.unsettled_sessions(SYSTEM), partial(use_cases.settle_session, SYSTEM))
    _each("failed_start", queries.failed_starts(SYSTEM), lambda found: use_cases.release_failed_start(SYSTEM, *found))
    if not _each("capture", queries.payments_in(SYSTEM, PaymentState.CAPTURING), settling.capture):
        return
    if _each("release", queries.payments_in(SYSTEM, PaymentState.RELEASING), settling.release):
        _each("refund", queries.open_refunds(SYSTEM), settling.refund)


def look_at_checkouts() -> None:
    """Read checkouts whose notice did not come, and end those that nobody came back from."""
    waiting, unfinished = queries.payments_in(SYSTEM, PaymentState.WAITING), queries.unfinished_checkouts(SYSTEM)
    if _each("look", waiting, checkout.look):
        _each("expire", unfinished, checkout.expire)


def look_at_holds() -> None:
    """Read long holds again: a hold that the bank took back ends the session."""
    held = queries.payments_in(SYSTEM, PaymentState.HELD, for_longer_than=timedelta(hours=1))
    _each("look", held, checkout.look)


def look_at_accounts() -> None:
    """Operators whom the provider was still checking."""
    _each("account", queries.unchecked_accounts(SYSTEM), lambda account: onboarding.look(*account))


def follow_verifications() -> None:
    """What the provider pays out follows the verification, also where it did not answer when that changed."""
    _each("payouts", queries.payouts_to_change(SYSTEM), payout_brake.obey)


def watch_verifications() -> None:
    """Remind operators whose time to be verified runs out, and restrict those whose time is over."""
    due = queries.verifications_due(SYSTEM)
    _each("remind", due, lambda found: operator_letters.remind(*found))
    _each("restrict", due, lambda found: use_cases.restrict_overdue(SYSTEM, found[0]))


def move_available_income() -> None:
    """What the provider may pay out by now is shown as available."""
    while use_cases.move_available_income(SYSTEM):
        pass


def deliver_sandbox_notices() -> None:
    """The sandbox provider's webhooks, through the same door as everybody's."""
    sandbox.deliver_due(partial(checkout.receive, sandbox.NAME))


def _each(step: str, found: Iterable[T], deed: Callable[[T], object]) -> bool:
    """One that can't be helped now does not keep the others waiting; the next round tries it last.

    False: the provider does not answer. The rest would only wait for it, too, one after another.
    """
    for one in found:
        try:
            deed(one)
        except AppError as error:
            log.warning("billing.job_step", step=step, about=str(one), code=error.code)
            _note_try(one)
            if isinstance(error, ProviderDown):
                return False
        except Exception:
            log.exception("billing.job_step_failed", step=step, about=str(one))
            _note_try(one)
    return True


def _note_try(one: object) -> None:
    row_id = one[0] if isinstance(one, tuple) else one
    if isinstance(row_id, UUID):
        use_cases.note_try(SYSTEM, row_id)


JOBS = [
    Job("billing.stop_at_hold", timedelta(seconds=5), stop_at_hold, quick=True),
    Job("billing.stop_at_closing", timedelta(seconds=30), stop_at_closing, quick=True),
    Job("billing.deliver_sandbox_notices", timedelta(seconds=1), deliver_sandbox_notices),
    Job("billing.settle_leftovers", timedelta(seconds=30), settle_leftovers),
    Job("billing.look_at_checkouts", timedelta(seconds=30), look_at_checkouts),
    Job("billing.look_at_holds", timedelta(minutes=15), look_at_holds),
    Job("billing.look_at_accounts", timedelta(minutes=15), look_at_accounts),
    Job("billing.follow_verifications", timedelta(minutes=15), follow_verifications),
    Job("billing.watch_verifications", timedelta(minutes=15), watch_verifications),
    Job("billing.move_available_income", timedelta(minutes=5), move_available_income, quick=True),
]

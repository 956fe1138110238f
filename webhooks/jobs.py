"""What webhooks does by the clock."""

from datetime import timedelta

from accounts.access import SYSTEM
from kit.worker import Job
from webhooks.queries import due_deliveries
from webhooks.sending import try_delivery
from webhooks.use_cases import prune_deliveries


def try_again() -> None:
    """Send what did not arrive, when its pause is over."""
    for delivery_id in due_deliveries(SYSTEM):
        try_delivery(delivery_id)


def forget_old() -> None:
    """Keep the log for 30 days."""
    prune_deliveries(SYSTEM)


JOBS = [
    Job("webhooks.try_again", timedelta(seconds=5), try_again),
    Job("webhooks.forget_old", timedelta(hours=6), forget_old),
]

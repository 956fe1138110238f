"""What an operator earned before he left his account at the provider is let go by staff."""

from accounts.access import Actor, staff
from billing.events import PayoutsReleased
from billing.models import FormerPayee
from billing.values import FormerPayeeId
from kit import clock, db, settings
from kit.errors import NotFound
from kit.events import record
from kit.use_case import use_case


@use_case
def release_payouts(actor: Actor, former_payee_id: FormerPayeeId) -> FormerPayee:
    """Have the provider pay out what it kept of an operator who left, though it has not checked him. Staff only.

    The log of his account tells it. Twice is once. A provider that the platform left is told nothing: with it, this
    says that it pays out. Raises NotFound.
    """
    staff(actor)
    row = db.session().get(FormerPayee, former_payee_id, with_for_update=True)
    if row is None:
        raise NotFound()
    staff(actor, row.account_id)
    if row.released_at is None:
        row.released_at, row.released_by = clock.now(), actor.reference
        if row.provider != settings.current().payment_provider:
            row.payouts_held_at = None
        record(PayoutsReleased(account_id=row.account_id))
    return row

"""What the provider pays out follows the verification: it is told between two doors, whenever that changed."""

import structlog

from accounts.access import SYSTEM
from accounts.values import AccountId
from billing import queries, use_cases
from billing.payments import provider
from billing.payments.port import ProviderRefused
from billing.queries import PayoutOrder

log = structlog.get_logger()


def follow(below: AccountId) -> None:
    """Hold or release the payouts of an account and of those below it, where that changed."""
    for order in queries.payouts_to_change(SYSTEM, below):
        try:
            obey(order)
        except ProviderRefused as refusal:  # a job tries again; the others must not wait for it
            log.error("payouts.not_changed", account_id=str(order.account_id), hold=order.hold, code=refusal.code)


def obey(order: PayoutOrder) -> None:
    """Tell the provider, and write down what it answered."""
    chosen = provider(order.provider)
    if order.hold:
        told = chosen.hold_payouts(order.account_ref)
        use_cases.payouts_held(SYSTEM, order)
    else:
        told = chosen.release_payouts(order.account_ref, order.schedule)
    use_cases.provider_account_changed(SYSTEM, order.provider, told)

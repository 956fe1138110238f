"""Money of an account that is still on its way. For rooms, within their doors."""

from uuid import UUID

from sqlalchemy import func, select

from billing.ledger import balances
from billing.models import Payment, Refund
from billing.values import LedgerAccount, PaymentState, RefundState
from kit import db

_OVER = (PaymentState.CAPTURED, PaymentState.RELEASED, PaymentState.DECLINED, PaymentState.ABANDONED)


def open_payments(account_id: UUID) -> int:
    """Payments that are reserved, being taken or given back, or that somebody has to look at."""
    going = Payment.account_id == account_id, Payment.state.not_in(_OVER)
    return db.session().scalar(select(func.count()).where(*going)) or 0


def open_refunds(account_id: UUID) -> int:
    """Refunds that the provider has not made yet."""
    asked = Refund.account_id == account_id, Refund.state == RefundState.REQUESTED
    return db.session().scalar(select(func.count()).where(*asked)) or 0


def soon_minor(account_id: UUID) -> dict[str, int]:
    """By currency what was taken from drivers and is not available at the provider yet."""
    return {
        currency: minor
        for (currency, side), minor in balances([account_id]).items()
        if side is LedgerAccount.PROVIDER_SOON
    }

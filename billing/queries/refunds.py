"""A captured payment as its operator sees it: what was taken, given back, and what is left."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from billing.models import Document, Payment, Refund
from billing.values import DocumentKind, PaymentId, RefundState
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class CapturedPayment:
    """A payment with its refunds, oldest first. Amounts in minor units of `payment.currency`."""

    payment: Payment
    receipt: Document | None
    refunds: tuple[Refund, ...]
    time_zone: str

    @property
    def left_minor(self) -> int:
        """What can still be given back."""
        promised = sum(refund.amount_minor for refund in self.refunds if refund.state is not RefundState.REFUSED)
        return (self.payment.captured_minor or 0) - promised


@query
def captured_payment(actor: Actor, payment_id: PaymentId) -> CapturedPayment:
    """One payment of an account whose income the actor may see. Raises NotFound, Forbidden."""
    payment = allowed(actor, Right.VIEW_INCOME, Payment, payment_id)
    session = db.session()
    of_it = select(Document).where(Document.payment_id == payment_id, Document.kind == DocumentKind.RECEIPT)
    refunds = session.scalars(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.requested_at))
    zone = session.get_one(Account, payment.account_id).time_zone
    return CapturedPayment(payment, session.scalars(of_it.limit(1)).first(), tuple(refunds), zone)

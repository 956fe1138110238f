"""Payments that failed at the provider, for the people who run the platform."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from accounts.access import Actor, staff, system
from accounts.models import Account
from billing.models import Charge, Payment
from billing.values import PaymentState
from kit import clock, db
from kit.paging import Page
from kit.use_case import query

PAGE = 25


@dataclass(frozen=True)
class FailedPayment:
    """A payment that somebody has to look at. `priced`: trying again takes the money; else it releases the hold."""

    payment: Payment
    account_name: str
    priced: bool

    @property
    def age(self) -> timedelta:
        """How long it has been failed."""
        return clock.now() - self.payment.state_at

    @property
    def can_try(self) -> bool:
        """Whether the provider ever held anything for it."""
        return self.payment.provider_ref is not None


@query
def failed_payments(actor: Actor, *, number: int = 1, size: int = PAGE) -> Page[FailedPayment]:
    """All failed payments of the platform, the oldest failure first, for its staff."""
    staff(actor)
    number = max(1, number)
    rows = db.session().execute(
        select(Payment, Account.name, Charge.id)
        .join(Account, Account.id == Payment.account_id)
        .outerjoin(Charge, Charge.payment_id == Payment.id)
        .where(Payment.state == PaymentState.FAILED)
        .order_by(Payment.state_at, Payment.id)
        .limit(size)
        .offset((number - 1) * size)
    )
    found = tuple(FailedPayment(payment, name, charge is not None) for payment, name, charge in rows)
    return Page(found, number, size, _count())


@query
def failed_count(actor: Actor) -> int:
    """How many payments have failed and wait for somebody."""
    system(actor)
    return _count()


def _count() -> int:
    failed = select(func.count()).select_from(Payment).where(Payment.state == PaymentState.FAILED)
    return db.session().scalar(failed) or 0

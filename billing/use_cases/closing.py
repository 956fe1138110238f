"""Selling ends with the account; what was sold is kept as long as the law wants, and goes then."""

from typing import Any

from sqlalchemy import delete, update

from accounts.access import Actor, system
from accounts.values import AccountId
from billing.models import (
    Charge,
    Document,
    FormerPayee,
    LedgerEntry,
    LedgerPosting,
    LegalChange,
    NumberSeries,
    Payment,
    PayoutProfile,
    Refund,
    SessionTerms,
)
from billing.use_cases.person_prices import forget_person_prices
from billing.use_cases.verification import end_verification
from kit import db
from kit.use_case import use_case

# what names another row goes before it
_BOOKS: tuple[type[Any], ...] = (
    LedgerPosting,
    LedgerEntry,
    Refund,
    Document,
    Charge,
    Payment,
    NumberSeries,
    SessionTerms,
    FormerPayee,
)


@use_case
def end_selling(actor: Actor, account_id: AccountId) -> None:
    """Nobody is paid for the account any more. What the provider holds for the operator is paid out to him all the
    same, as soon as it has checked him or staff let it go. Addresses to which receipts went are forgotten; receipts
    are not.
    """
    system(actor)
    session = db.session()
    if session.get(PayoutProfile, account_id, with_for_update=True) is not None:
        end_verification(actor, account_id)
        session.flush()
    forget_person_prices(actor, account_id)
    session.flush()
    session.execute(delete(LegalChange).where(LegalChange.account_id == account_id))
    session.execute(update(Payment).where(Payment.account_id == account_id).values(email="", card=""))
    session.expire_all()


@use_case
def erase_books(actor: Actor, account_id: AccountId) -> None:
    """The time is over for which documents and books have to be kept: all of them go."""
    system(actor)
    session = db.session()
    session.execute(update(Document).where(Document.account_id == account_id).values(corrects_id=None))
    for model in _BOOKS:
        session.execute(delete(model).where(model.account_id == account_id))
    session.expire_all()

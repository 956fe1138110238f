"""Another seller in an account: what was sold until now stays with whoever sold it."""

from sqlalchemy import inspect, update

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
from billing.use_cases.verification import end_verification
from kit import db
from kit.notes import tell
from kit.use_case import use_case

_BOOKS = (Payment, Refund, Charge, Document, LedgerEntry, LedgerPosting, NumberSeries, SessionTerms)


@use_case
def part_books(actor: Actor, account_id: AccountId, archive_id: AccountId) -> None:
    """Everything sold so far belongs to the archive of the old seller: documents, their numbers, books and payments,
    also those that are only reserved or whose session runs. They are taken, booked and receipted there.

    The account begins with empty books and the number 1, and nobody can be paid for it before the new owner is known
    to the provider. What is reserved before a session stays as it was chosen.
    """
    system(actor)
    session = db.session()
    session.flush()
    for model in _BOOKS:
        session.execute(update(model).where(model.account_id == account_id).values(account_id=archive_id))
    counted = Document.series_account_id == account_id
    session.execute(update(Document).where(counted).values(series_account_id=archive_id))
    session.expire_all()
    profile = session.get(PayoutProfile, account_id, with_for_update=True)
    if profile is not None:
        told = {column.key: getattr(profile, column.key) for column in inspect(PayoutProfile).column_attrs}
        session.add(PayoutProfile(**told | {"account_id": archive_id}))
        session.flush()
        end_verification(actor, account_id)
        session.flush()
    for his in (LegalChange, FormerPayee):  # names and reasons of the old owner, and what is kept of his income
        session.execute(update(his).where(his.account_id == account_id).values(account_id=archive_id))
    tell("account", account_id)
    tell("account", archive_id)

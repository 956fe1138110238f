"""Another owner of an account: its licences stay, the invoices for the time before do not."""

from sqlalchemy import update

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import db
from kit.use_case import use_case
from licensing.models import CardPayment, Invoice


@use_case
def part_invoices(actor: Actor, account_id: AccountId, archive_id: AccountId) -> None:
    """The platform's invoices so far, and cards with which they are being paid, belong to the old owner's archive."""
    system(actor)
    for model in (Invoice, CardPayment):
        db.session().execute(update(model).where(model.account_id == account_id).values(account_id=archive_id))

"""The platform's invoices to an account."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts.access import SYSTEM, Actor, allowed, allowed_in, staff, system
from accounts.models import Account
from accounts.queries import Person, people
from accounts.rights import Right, Role
from accounts.values import AccountId
from kit import db
from kit.errors import NotFound
from kit.use_case import query
from licensing.models import Invoice
from licensing.values import InvoiceId

LONGEST_PAGE = 100


@query
def invoices(
    actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = LONGEST_PAGE
) -> list[Invoice]:
    """What the platform sent to an account, newest first; `before`: the last one of the page before.

    Raises NotFound, Forbidden.
    """
    allowed_in(actor, Right.VIEW_LICENCES, account_id)
    wanted = select(Invoice).where(Invoice.account_id == account_id)
    if before is not None:
        wanted = wanted.where(Invoice.id < before)
    return list(db.session().scalars(wanted.order_by(Invoice.id.desc()).limit(min(limit, LONGEST_PAGE))))


@query
def invoice(actor: Actor, invoice_id: InvoiceId) -> Invoice:
    """One invoice. Raises NotFound, Forbidden."""
    return allowed(actor, Right.VIEW_LICENCES, Invoice, invoice_id)


@dataclass(frozen=True)
class Recipient:
    """Who gets the letters of an account about its plan."""

    email: str
    language: str
    time_zone: str
    account_name: str


@query
def recipient(actor: Actor, account_id: UUID) -> Recipient | None:
    """The nearest owner of an account, else its contact; None where there is no address."""
    system(actor)
    account = db.session().get_one(Account, account_id)
    owners = [each.email for each in people(SYSTEM, AccountId(account_id)) if _decides(each)]
    email = next(iter(owners), account.contact_email)
    return Recipient(email, account.language, account.time_zone, account.name) if email else None


def _decides(person: Person) -> bool:
    """Whether they own the account, or one that may decide about the plan here."""
    return person.role is Role.OWNER and Right.MANAGE_LICENCES in person.rights


@query
def invoice_document(actor: Actor, invoice_id: InvoiceId) -> Invoice:
    """One invoice to be drawn as PDF: for its account, and for the platform's staff. Raises NotFound, Forbidden."""
    if not actor.staff:
        return allowed(actor, Right.VIEW_LICENCES, Invoice, invoice_id)
    staff(actor)
    found = db.session().get(Invoice, invoice_id)
    if found is None:
        raise NotFound()
    return found

"""What sessions cost and how they were paid, many at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts.access import Actor, visible
from accounts.rights import Right
from billing.models import Charge, Document, Payment
from billing.values import DocumentKind
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class SessionCharge:
    """The price of a session, with its payment and receipt where there are any."""

    charge: Charge
    payment: Payment | None
    receipt_id: UUID | None


@query
def charges_of(actor: Actor, session_ids: Collection[UUID]) -> dict[UUID, SessionCharge]:
    """The charges of these sessions, as far as the actor may see income; sessions without a price are left out."""
    receipt = (Document.payment_id == Charge.payment_id) & (Document.kind == DocumentKind.RECEIPT)
    priced = (
        select(Charge, Payment, Document.id)
        .outerjoin(Payment, Payment.id == Charge.payment_id)
        .outerjoin(Document, receipt)
        .where(Charge.session_id.in_(session_ids))
    )
    found = db.session().execute(visible(actor, Right.VIEW_INCOME, priced, Charge))
    return {charge.session_id: SessionCharge(charge, payment, receipt_id) for charge, payment, receipt_id in found}

"""Issued receipts and credit notes."""

from uuid import UUID

from sqlalchemy import and_, or_, select

from accounts.access import Actor, ActorKind, allowed, allowed_in, oneself, visible
from accounts.models import AccountLineage
from accounts.rights import Right
from billing.models import Document
from kit import db
from kit.errors import NotFound
from kit.use_case import query

PAGE = 20
LONGEST_PAGE = 100


@query
def receipts(
    actor: Actor, account_id: UUID | None = None, *, before: UUID | None = None, limit: int = PAGE
) -> list[Document]:
    """Receipts and credit notes, newest first: of an account with all below it, or of every account the actor sees.

    `before` is the id of the last document of the page before. Raises NotFound, Forbidden.
    """
    statement = visible(actor, Right.VIEW_INCOME, select(Document), Document)
    if account_id is not None:
        allowed_in(actor, Right.VIEW_INCOME, account_id)
        below = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
        statement = statement.where(Document.account_id.in_(below))
    # a cursor, too, is somebody's document: one of another tenant is none
    last = None if before is None else db.session().scalar(statement.where(Document.id == before))
    if last is not None:
        older = and_(Document.issued_at == last.issued_at, Document.id < last.id)
        statement = statement.where(or_(Document.issued_at < last.issued_at, older))
    newest_first = statement.order_by(Document.issued_at.desc(), Document.id.desc())
    return list(db.session().scalars(newest_first.limit(min(limit, LONGEST_PAGE))))


@query
def receipt_document(actor: Actor, document_id: UUID) -> Document:
    """One document, for its operator or its payer. Raises NotFound, Forbidden."""
    if actor.kind is not ActorKind.PAYER:
        return allowed(actor, Right.VIEW_INCOME, Document, document_id)
    document = db.session().get(Document, document_id)
    if document is None or document.payment_id is None:
        raise NotFound()
    oneself(actor, ActorKind.PAYER, document.payment_id, document.account_id)
    return document


@query
def documents_of_payment(actor: Actor, payment_id: UUID) -> list[Document]:
    """The receipt of a payment and its credit notes, oldest first, for the payer. Raises NotFound."""
    oneself(actor, ActorKind.PAYER, payment_id)
    statement = select(Document).where(Document.payment_id == payment_id)
    return list(db.session().scalars(statement.order_by(Document.issued_at, Document.id)))

"""Issuing receipts and credit notes. What is issued never changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from accounts.access import Actor, system
from accounts.models import Account
from accounts.sellers import seller_of
from billing import numbering, snapshots
from billing.events import DocumentIssued
from billing.models import Charge, Document, Payment
from billing.values import DocumentKind
from charging.models import ChargingSession
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.use_case import use_case
from stations.models import Connector, Station

RECEIPT_KEY = "receipt"


@use_case
def issue_receipt(actor: Actor, payment_id: UUID) -> Document:
    """Issue the receipt of a captured payment, once; later calls return the same document.

    Belongs into the transaction that stores the capture. Raises NotFound, Conflict("not_priced" | "not_captured").
    """
    system(actor)
    payment = _locked(payment_id)
    issued = _issued(payment_id, DocumentKind.RECEIPT, RECEIPT_KEY)
    if issued is not None:
        return issued
    charge = db.session().scalars(select(Charge).where(Charge.payment_id == payment_id)).one_or_none()
    if charge is None:
        raise Conflict("not_priced")
    if payment.captured_minor is None:
        raise Conflict("not_captured")
    session = db.session().get_one(ChargingSession, charge.session_id)
    seller = seller_of(charge.account_id)
    number = numbering.next_of_seller(seller.series_account_id, seller.name, DocumentKind.RECEIPT)
    issued_at = clock.now()
    snapshot = snapshots.receipt(
        number=number,
        issued_at=issued_at,
        seller=seller,
        account=db.session().get_one(Account, charge.account_id),
        station=db.session().get_one(Station, session.station_id),
        connector=db.session().get_one(Connector, session.connector_id),
        session=session,
        charge=charge,
        payment=payment,
    )
    receipt = Document(kind=DocumentKind.RECEIPT, number=number, business_key=RECEIPT_KEY)
    return _issue(receipt, payment, charge.session_id, snapshot, series=seller.series_account_id)


@use_case
def issue_credit_note(actor: Actor, payment_id: UUID, amount_minor: int, *, business_key: str) -> Document:
    """Credit a receipt in whole or in part; the same business key again returns the same note.

    Belongs into the transaction that stores the refund. Raises NotFound, Conflict("no_receipt"),
    Invalid(amount="not_positive" | "too_high").
    """
    system(actor)
    payment = _locked(payment_id)
    issued = _issued(payment_id, DocumentKind.CREDIT_NOTE, business_key)
    if issued is not None:
        return issued
    original = _issued(payment_id, DocumentKind.RECEIPT, RECEIPT_KEY)
    if original is None:
        raise Conflict("no_receipt")
    before_minor = _credited_minor(payment_id)
    if amount_minor <= 0:
        raise Invalid(amount="not_positive")
    if amount_minor > original.gross_minor - before_minor:
        raise Invalid(amount="too_high")
    series = original.series_account_id  # whoever sold gives back, whatever the operator is called by now
    number = numbering.next_of_seller(series, original.seller_name, DocumentKind.CREDIT_NOTE)
    snapshot = snapshots.credit_note(
        original, number=number, issued_at=clock.now(), amount_minor=amount_minor, before_minor=before_minor
    )
    note = Document(kind=DocumentKind.CREDIT_NOTE, number=number, business_key=business_key, corrects_id=original.id)
    return _issue(note, payment, original.session_id, snapshot, series=series)


@use_case
def record_rendering(actor: Actor, document_id: UUID, sha256: str, versions: dict[str, Any]) -> bool:
    """Keep the digest of a document's first rendering and what it was made with; False when that is known already."""
    system(actor)
    first = update(Document).where(Document.id == document_id, Document.sha256.is_(None))
    written = db.session().execute(first.values(sha256=sha256, versions=versions).returning(Document.id))
    return written.first() is not None


def _locked(payment_id: UUID) -> Payment:
    db.current().flush()  # what the surrounding deed has just stored must not be read over
    payment = db.session().get(Payment, payment_id, with_for_update=True)
    if payment is None:
        raise NotFound()
    return payment


def _issued(payment_id: UUID, kind: DocumentKind, business_key: str) -> Document | None:
    statement = select(Document).where(
        Document.payment_id == payment_id, Document.kind == kind, Document.business_key == business_key
    )
    return db.session().scalars(statement).one_or_none()


def _credited_minor(payment_id: UUID) -> int:
    statement = select(func.coalesce(func.sum(Document.gross_minor), 0)).where(
        Document.payment_id == payment_id, Document.kind == DocumentKind.CREDIT_NOTE
    )
    return -int(db.session().scalar(statement) or 0)


def _issue(
    document: Document, payment: Payment, session_id: UUID | None, snapshot: snapshots.Snapshot, *, series: UUID
) -> Document:
    document.account_id = payment.account_id
    document.series_account_id = series
    document.seller_name = snapshot["seller"]["name"]
    document.payment_id = payment.id
    document.session_id = session_id
    document.language = snapshot["language"]
    document.currency = snapshot["currency"]
    document.gross_minor = snapshot["gross_minor"]
    document.snapshot = snapshot
    document.issued_at = datetime.fromisoformat(snapshot["issued_at"])
    db.session().add(document)
    db.session().flush()
    record(DocumentIssued(document_id=document.id, payment_id=payment.id))
    return document

"""Reading what is kept of closed accounts, for the platform's staff, who hand it out where somebody has a claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select

from accounts import access
from accounts.access import Actor
from billing.models import Document
from closures import links
from closures.models import Closure, HandOut
from closures.values import ClosureId, ClosureState
from kit import clock, db
from kit.errors import NotFound
from kit.signing import LinkExpired
from kit.use_case import query
from licensing.models import Invoice

SHOWN = 20
DIGITS = 10  # no number is longer


@dataclass(frozen=True)
class KeptDocument:
    """A receipt, a credit note, or an invoice of the platform."""

    id: UUID
    kind: Enum
    number: str
    issued_at: datetime
    currency: str
    gross_minor: int


@query
def closed_accounts(
    actor: Actor, *, search: str = "", before: UUID | None = None, limit: int = SHOWN
) -> Sequence[Closure]:
    """Accounts of which something is kept, by what they were called; the last one closed first. For staff."""
    access.staff(actor)
    wanted = select(Closure).where(Closure.state == ClosureState.CLOSED)
    if search.strip():
        wanted = wanted.where(Closure.name.icontains(search.strip(), autoescape=True))
    return _newest(wanted, Closure, before, limit)


@query
def closed_account(actor: Actor, closure_id: ClosureId) -> Closure:
    """One of them. For staff. Raises NotFound."""
    access.staff(actor)
    return _closed(closure_id)


@query
def kept_documents(
    actor: Actor, closure_id: ClosureId, *, search: str = "", before: UUID | None = None, limit: int = SHOWN
) -> Sequence[KeptDocument]:
    """What can be handed out of a closed account, the newest first; of `search` only what bears this number.

    For staff. Raises NotFound.
    """
    access.staff(actor)
    account_id = _closed(closure_id).account_id
    found = [
        _kept(row)
        for model in (Document, Invoice)
        for row in _newest(_of(model, account_id).where(*_numbered(model, search)), model, before, limit)
    ]
    return sorted(found, key=lambda one: one.id, reverse=True)[:limit]


@query
def hand_outs(actor: Actor, closure_id: ClosureId) -> Sequence[HandOut]:
    """What was handed out of a closed account, the newest twenty. For staff. Raises NotFound."""
    access.staff(actor)
    _closed(closure_id)
    newest = select(HandOut).where(HandOut.closure_id == closure_id).order_by(HandOut.id.desc()).limit(SHOWN)
    return db.session().scalars(newest).all()


@query
def hand_out_of_link(actor: Actor, link_token: str) -> Sequence[KeptDocument]:
    """The documents that a link opens. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    row = db.session().get(HandOut, links.read_hand_out(link_token))
    if row is None or row.withdrawn_at is not None or row.expires_at <= clock.now():
        raise LinkExpired()
    return named(row.account_id, [UUID(one) for one in row.documents])


def named(account_id: UUID, ids: Sequence[UUID]) -> list[KeptDocument]:
    """The documents of an account with these ids, the oldest first. For the room, within its doors."""
    rows = (db.session().scalars(_of(model, account_id).where(model.id.in_(ids))) for model in (Document, Invoice))
    return sorted((_kept(row) for some in rows for row in some), key=lambda one: one.id)


def _closed(closure_id: UUID) -> Closure:
    row = db.session().get(Closure, closure_id)
    if row is None or row.state is not ClosureState.CLOSED:
        raise NotFound()
    return row


def _of(model: Any, account_id: UUID) -> Select[Any]:
    return select(model).where(model.account_id == account_id)


def _newest(wanted: Select[Any], model: Any, before: UUID | None, limit: int) -> Sequence[Any]:
    if before is not None:
        wanted = wanted.where(model.id < before)
    return db.session().scalars(wanted.order_by(model.id.desc()).limit(limit)).all()


def _numbered(model: Any, search: str) -> list[ColumnElement[bool]]:
    """`R-000123`, `000123` and `123` are the same number."""
    if not search.strip():
        return []
    digits = search.rpartition("-")[2].strip()
    return [model.number == int(digits) if digits.isdecimal() and len(digits) < DIGITS else false()]


def _kept(row: Document | Invoice) -> KeptDocument:
    return KeptDocument(row.id, row.kind, row.snapshot["number"], row.issued_at, row.currency, row.gross_minor)

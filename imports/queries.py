"""Every read of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Uuid, func, literal, select, tuple_

from accounts.access import Actor, allowed
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import ChargingSession
from charging.values import SessionId
from imports.access import may_import
from imports.models import Import, ImportedSession, ImportRow
from imports.values import ImportId, Outcome
from kit import db
from kit.errors import NotFound
from kit.paging import Page
from kit.use_case import query

MOST = 50


@dataclass(frozen=True)
class Imports:
    """The imports of an account, the newest first."""

    account_name: str
    rows: tuple[Import, ...]


@query
def imports(actor: Actor, account_id: AccountId, *, before: UUID | None = None, limit: int = MOST) -> Imports:
    """What was brought along. `before`: the last one of the page before. Raises NotFound, Forbidden, NotSwitchedOn."""
    account = may_import(actor, account_id)
    found = select(Import).where(Import.account_id == account_id)
    if before is not None:
        found = found.where(Import.id < before)
    return Imports(account.name, tuple(db.session().scalars(found.order_by(Import.id.desc()).limit(limit))))


@dataclass(frozen=True)
class ImportView:
    """An import with some of its rows, and how many there are of each outcome."""

    row: Import
    account_name: str
    counts: Mapping[Outcome, int]
    rows: Page[ImportRow]

    @property
    def over(self) -> int:
        """How many rows are settled."""
        return sum(self.counts.values()) - self.counts.get(Outcome.MAKE, 0)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.counts.values())


@query
def import_view(
    actor: Actor, import_id: ImportId, *, outcome: Outcome | None = None, number: int = 1, size: int = 50
) -> ImportView:
    """One import. Raises NotFound, Forbidden."""
    found = db.session().get(Import, import_id)
    if found is None:
        raise NotFound()
    account = may_import(actor, AccountId(found.account_id))
    counted = select(ImportRow.outcome, func.count()).where(ImportRow.import_id == import_id)
    counts = {one: count for one, count in db.session().execute(counted.group_by(ImportRow.outcome))}  # noqa: C416  # rows
    wanted = [ImportRow.import_id == import_id] + ([ImportRow.outcome == outcome] if outcome is not None else [])
    number = max(1, number)
    rows = select(ImportRow).where(*wanted).order_by(ImportRow.number).limit(size).offset((number - 1) * size)
    total = sum(counts.values()) if outcome is None else counts.get(outcome, 0)
    return ImportView(found, account.name, counts, Page(tuple(db.session().scalars(rows)), number, size, total))


@query
def import_rows(
    actor: Actor,
    import_id: ImportId,
    *,
    outcome: Outcome | None = None,
    after: tuple[int, UUID] | None = None,
    limit: int = MOST,
) -> Sequence[ImportRow]:
    """Rows of a file by their numbers in it; `after`: number and id of the one with which the page before ended.

    Raises NotFound, Forbidden.
    """
    found = db.session().get(Import, import_id)
    if found is None:
        raise NotFound()
    may_import(actor, AccountId(found.account_id))
    rows, key = select(ImportRow).where(ImportRow.import_id == import_id), (ImportRow.number, ImportRow.id)
    if after is not None:
        rows = rows.where(tuple_(*key) > tuple_(literal(after[0]), literal(after[1], Uuid())))
    if outcome is not None:
        rows = rows.where(ImportRow.outcome == outcome)
    return db.session().scalars(rows.order_by(*key).limit(limit)).all()


@query
def imported_session(actor: Actor, session_id: SessionId) -> ImportedSession | None:
    """What another platform knew of a session: driver and costs; None for those of our own."""
    allowed(actor, Right.VIEW_SESSIONS, ChargingSession, session_id)
    return db.session().scalar(select(ImportedSession).where(ImportedSession.session_id == session_id))

"""Every deed of this room: look at a file, carry it out, undo it."""

from collections import deque
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update

from accounts.access import SYSTEM, Actor, system
from accounts.values import AccountId
from charging.use_cases import hand_transaction_ids, reserve_transaction_ids
from imports.access import may_import
from imports.errors import ImportOver
from imports.events import ImportStarted
from imports.judging import judge, place_of
from imports.making import make
from imports.models import Import, ImportedSession, ImportRow
from imports.queries import import_view
from imports.reading import read
from imports.undoing import undo
from imports.values import ImportId, ImportState, Judged, Outcome, What
from kit import clock, db, notes
from kit.errors import NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case

AT_ONCE, PREVIEWS_KEPT = 200, timedelta(days=7)


@use_case
def preview_import(actor: Actor, account_id: AccountId, *, what: What, content: bytes, file_name: str) -> Import:
    """Look at a file: what would be made of each row, left out, or is wrong. Nothing is made yet.

    Raises Invalid(file=), NotSwitchedOn.
    """
    may_import(actor, account_id)
    source, rows = read(content, what)
    brought = Import(
        id=new_id(),
        account_id=account_id,
        what=rows[0].what,
        source=source,
        file_name=" ".join(file_name.split())[:120],
        brought_by=actor.reference,
        brought_at=clock.now(),
    )
    db.session().add(brought)
    db.session().flush()
    judged = judge(rows, place_of(account_id))
    db.session().execute(insert(ImportRow), [_stored(brought, one) for one in judged])
    return brought


@use_case
def start_import(actor: Actor, import_id: ImportId) -> Import:
    """Make what the preview shows; it goes on by itself. Raises ImportOver."""
    found = _mine(actor, import_id)
    if found.state is not ImportState.PREVIEW:
        raise ImportOver()
    found.state, found.started_at = ImportState.RUNNING, clock.now()
    record(ImportStarted(found.id))
    notes.tell("import", found.id)
    return found


@use_case
def discard_import(actor: Actor, import_id: ImportId) -> None:
    """Forget a preview. Raises ImportOver."""
    found = _mine(actor, import_id)
    if found.state is not ImportState.PREVIEW:
        raise ImportOver()
    db.session().execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    db.session().delete(found)


@use_case
def undo_import(actor: Actor, import_id: ImportId) -> Import:
    """Take everything back that it made, as long as nothing of it is used. Raises ImportOver, ImportUsed."""
    found = _mine(actor, import_id)
    if found.state is not ImportState.DONE:
        raise ImportOver()
    made = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.outcome == Outcome.MADE)
    undo(AccountId(found.account_id), list(db.session().scalars(made.order_by(ImportRow.number))))
    found.state, found.undone_at = ImportState.UNDONE, clock.now()
    return found


def carry_out(import_id: ImportId) -> None:
    """Make all rows of a running import, some at once. What was made stays made when this ends in between.

    Numbers of transactions are taken beforehand: chargers that start meanwhile need the next ones.
    """
    past = import_view(SYSTEM, import_id, size=1).row.what is What.HISTORY
    going_on = True
    while going_on:
        ids = deque(reserve_transaction_ids(SYSTEM, AT_ONCE) if past else ())
        going_on = carry_on_import(SYSTEM, import_id, transaction_ids=ids)


@use_case
def carry_on_import(actor: Actor, import_id: ImportId, *, transaction_ids: deque[int] | None = None) -> bool:
    """Make the next rows of a running import; False when there are none any more. Twice is once."""
    system(actor)
    hand_transaction_ids(actor, transaction_ids or deque())
    found = db.session().get(Import, import_id, with_for_update=True)
    if found is None or found.state is not ImportState.RUNNING:
        return False
    waiting = ImportRow.import_id == import_id, ImportRow.outcome == Outcome.MAKE
    next_keys = select(ImportRow.key).where(*waiting).group_by(ImportRow.key).order_by(func.min(ImportRow.number))
    keys = list(db.session().scalars(next_keys.limit(AT_ONCE)))
    notes.tell("import", found.id)
    if not keys:
        found.state, found.ended_at = ImportState.DONE, clock.now()
        return False
    rows = select(ImportRow).where(*waiting, ImportRow.key.in_(keys)).order_by(ImportRow.number)
    make(AccountId(found.account_id), list(db.session().scalars(rows)))
    return True


@use_case
def forget_previews(actor: Actor) -> None:
    """Previews that nobody carried out."""
    system(actor)
    old = select(Import.id).where(Import.state == ImportState.PREVIEW, Import.brought_at < clock.now() - PREVIEWS_KEPT)
    ids = list(db.session().scalars(old))
    db.session().execute(delete(ImportRow).where(ImportRow.import_id.in_(ids)))
    db.session().execute(delete(Import).where(Import.id.in_(ids)))


@use_case
def forget_brought(actor: Actor, account_id: AccountId) -> None:
    """The account ends: the files that it brought name people, so they go, and who charged elsewhere is forgotten."""
    system(actor)
    session, mine = db.session(), select(Import.id).where(Import.account_id == account_id)
    session.execute(delete(ImportRow).where(ImportRow.import_id.in_(mine)))
    session.execute(delete(Import).where(Import.account_id == account_id))
    session.execute(update(ImportedSession).where(ImportedSession.account_id == account_id).values(driver=""))
    session.expire_all()


@use_case
def erase_brought(actor: Actor, account_id: AccountId) -> None:
    """The books go, and with them what past sessions cost on another platform."""
    system(actor)
    db.session().execute(delete(ImportedSession).where(ImportedSession.account_id == account_id))


def _mine(actor: Actor, import_id: ImportId) -> Import:
    found = db.session().get(Import, import_id, with_for_update=True)
    if found is None:
        raise NotFound()
    may_import(actor, AccountId(found.account_id))
    return found


def _stored(brought: Import, one: Judged) -> dict[str, object]:
    return {
        "id": new_id(),
        "import_id": brought.id,
        "number": one.row.number,
        "what": one.row.what,
        "facts": one.row.facts,
        "outcome": one.outcome,
        "key": one.key,
        "field": one.field,
        "code": one.code,
        "external_id": one.row.facts.get("external_id", ""),
    }

"""Copies of an account: asked for, written by a job part by part, fetched, and forgotten."""

from sqlalchemy import or_, select

from accounts.access import Actor, allowed, system
from accounts.models import Account
from accounts.presence import fresh
from accounts.rights import Right
from accounts.values import AccountId
from closures.errors import ExportUnderWay
from closures.events import ExportReady
from closures.models import Export
from closures.values import EXPORT_KEPT, EXPORT_LEASE, ExportId, ExportState
from kit import clock, db, files
from kit.events import record
from kit.files import StoredFile
from kit.ids import new_id
from kit.notes import tell
from kit.use_case import hot_use_case, use_case


@use_case
def request_export(actor: Actor, account_id: AccountId) -> Export:
    """Have a copy of everything in the account written; a letter tells when it is ready.

    Raises CheckNeeded, ExportUnderWay.
    """
    allowed(actor, Right.CLOSE_ACCOUNT, Account, account_id, lock=True)
    fresh(actor)
    assert actor.id is not None, "a person just proved who they are"
    open_one = Export.account_id == account_id, Export.state.in_((ExportState.WAITING, ExportState.RUNNING))
    if db.session().scalar(select(Export.id).where(*open_one)) is not None:
        raise ExportUnderWay()
    now = clock.now()
    row = Export(id=new_id(), account_id=account_id, requested_by=actor.id, requested_at=now, touched_at=now)
    db.session().add(row)
    return row


@use_case
def begin_export(actor: Actor) -> ExportId | None:
    """Take the oldest that waits, or that somebody left half done; None where there is none."""
    system(actor)
    silent = (Export.state == ExportState.RUNNING) & (Export.touched_at < clock.now() - EXPORT_LEASE)
    wanted = select(Export).where(or_(Export.state == ExportState.WAITING, silent)).order_by(Export.id).limit(1)
    row = db.session().scalars(wanted.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    row.state, row.touched_at, row.done, row.parts = ExportState.RUNNING, clock.now(), 0, 0
    return ExportId(row.id)


@hot_use_case
def note_export_part(actor: Actor, export_id: ExportId, *, done: int, parts: int) -> None:
    """Say how far it is."""
    system(actor)
    row = db.session().get_one(Export, export_id, with_for_update=True)
    row.done, row.parts, row.touched_at = done, parts, clock.now()
    tell("account", row.account_id)


@use_case
def export_written(actor: Actor, export_id: ExportId, file: StoredFile) -> None:
    """The file is there, and is kept for a week. Raises FileGone."""
    system(actor)
    row = db.session().get_one(Export, export_id, with_for_update=True)
    files.take(file.key)
    now = clock.now()
    row.state, row.ready_at, row.touched_at, row.expires_at = ExportState.READY, now, now, now + EXPORT_KEPT
    row.file_key, row.size_bytes, row.sha256, row.done = file.key, file.size, file.sha256, row.parts
    record(ExportReady(row.id))
    tell("account", row.account_id)


@use_case
def export_failed(actor: Actor, export_id: ExportId) -> None:
    """It came to nothing; the owner can ask again."""
    system(actor)
    row = db.session().get_one(Export, export_id, with_for_update=True)
    row.state, row.touched_at = ExportState.FAILED, clock.now()
    tell("account", row.account_id)


@use_case
def forget_export(actor: Actor, export_id: ExportId) -> None:
    """Let the file of an export go whose time is over."""
    system(actor)
    row = db.session().get_one(Export, export_id, with_for_update=True)
    if row.state is ExportState.READY and row.file_key is not None:
        files.let_go(row.file_key)
        row.state, row.file_key = ExportState.GONE, None

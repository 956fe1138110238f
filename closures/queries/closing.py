"""Reading what closing would do, how far it is, and the copies of an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, allowed, allowed_in, system
from accounts.models import Account, User
from accounts.rights import Right
from accounts.values import AccountId
from closures import inspection, links
from closures.models import Closure, Export
from closures.values import ClosureId, ClosureState, ExportId, ExportState, Preview
from kit import clock, db
from kit.errors import NotFound
from kit.signing import LinkExpired
from kit.use_case import query

SHOWN = 10


@dataclass(frozen=True)
class Letter:
    """For letters: a closure, and those who are told. `account` may go by its pseudonym by now."""

    row: Closure
    account: Account
    people: Sequence[User]


@dataclass(frozen=True)
class ExportLetter:
    """For letters: a copy, its account and whoever asked for it."""

    row: Export
    account: Account
    user: User


@query
def preview(actor: Actor, account_id: AccountId) -> Preview:
    """What would end now, what has to be kept, and what stands against closing."""
    return inspection.preview(allowed(actor, Right.CLOSE_ACCOUNT, Account, account_id))


@query
def closure(actor: Actor, account_id: AccountId) -> Closure | None:
    """The closure that waits for its day, for everybody who sees the account."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    wanted = select(Closure).where(Closure.account_id == account_id, Closure.state == ClosureState.WAITING)
    return db.session().scalars(wanted).one_or_none()


@query
def exports(actor: Actor, account_id: AccountId) -> Sequence[Export]:
    """The newest copies of an account."""
    allowed_in(actor, Right.CLOSE_ACCOUNT, account_id)
    newest = select(Export).where(Export.account_id == account_id).order_by(Export.id.desc()).limit(SHOWN)
    return db.session().scalars(newest).all()


@query
def export_of_link(actor: Actor, link_token: str) -> Export:
    """The copy that a mailed link opens. Raises LinkExpired, LinkBroken."""
    access.public("the signed link is the right")
    row = db.session().get(Export, links.read(link_token))
    if row is None or row.state is not ExportState.READY:
        raise LinkExpired()
    return row


@query
def closure_letter(actor: Actor, closure_id: UUID) -> Letter:
    """For letters. Raises NotFound."""
    system(actor)
    row = db.session().get(Closure, closure_id)
    if row is None:
        raise NotFound()
    told = {row.requested_by, *map(UUID, row.people)}
    people = db.session().scalars(select(User).where(User.id.in_(told)).order_by(User.id)).all()
    return Letter(row, db.session().get_one(Account, row.account_id), people)


@query
def export_letter(actor: Actor, export_id: UUID) -> ExportLetter:
    """For letters. Raises NotFound."""
    system(actor)
    row = db.session().get(Export, export_id)
    if row is None:
        raise NotFound()
    account, user = db.session().get_one(Account, row.account_id), db.session().get_one(User, row.requested_by)
    return ExportLetter(row, account, user)


@query
def due_closures(actor: Actor) -> Sequence[ClosureId]:
    """Those whose day has come."""
    system(actor)
    due = Closure.state == ClosureState.WAITING, Closure.due_at <= clock.now()
    return [ClosureId(one) for one in db.session().scalars(select(Closure.id).where(*due).order_by(Closure.due_at))]


@query
def due_erasures(actor: Actor) -> Sequence[ClosureId]:
    """Those of which the law wants nothing any more."""
    system(actor)
    due = Closure.state == ClosureState.CLOSED, Closure.kept_until <= clock.now()
    return [ClosureId(one) for one in db.session().scalars(select(Closure.id).where(*due))]


@query
def due_exports(actor: Actor) -> Sequence[ExportId]:
    """Copies whose time is over."""
    system(actor)
    due = Export.state == ExportState.READY, Export.expires_at <= clock.now()
    return [ExportId(one) for one in db.session().scalars(select(Export.id).where(*due))]

"""Visits of support: what is asked for, what holds, what was."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from accounts import access
from accounts.access import Actor, ActorKind, allowed_in
from accounts.models import Account, SupportVisit, User
from accounts.queries.actors import grants_of
from accounts.queries.people import names_of, people
from accounts.rights import Right
from accounts.values import VISIT_WAITS, AccountId, SupportState
from kit import db
from kit.errors import NotFound
from kit.use_case import query

MOST = 50


@dataclass(frozen=True)
class Visit:
    """A visit as people read it: `who` asked, `by` answered. `waits_until`: when the question lapses."""

    id: UUID
    account_id: UUID
    asked_by: UUID
    who: str
    reason: str
    hours: int
    with_import: bool
    state: SupportState
    asked_at: datetime
    waits_until: datetime
    by: str | None
    answered_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None


@query
def visits(actor: Actor, account_id: AccountId) -> list[Visit]:
    """The visits of support in an account, those asked for first, then the newest."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    return _read(SupportVisit.account_id == account_id)


@query
def present_visits(actor: Actor, account_id: AccountId) -> list[Visit]:
    """The visits that wait for an answer or hold now. Mostly none."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    return _read(SupportVisit.account_id == account_id, present())


def present() -> ColumnElement[bool]:
    """For a WHERE: the visit waits for an answer, or holds."""
    asked = SupportVisit.asked_at > db.present(VISIT_WAITS)
    waiting = and_(SupportVisit.answered_at.is_(None), SupportVisit.ended_at.is_(None), asked)
    return or_(waiting, holds())


def holds() -> ColumnElement[bool]:
    """For a WHERE: somebody agreed to the visit, and nobody has ended it."""
    return and_(SupportVisit.ended_at.is_(None), SupportVisit.ends_at > db.present())


@query
def visits_for_staff(actor: Actor, account_id: AccountId) -> list[Visit]:
    """What the staff of the platform asked to see of an account, and was answered."""
    access.staff(actor)
    return _read(SupportVisit.account_id == account_id)


@dataclass(frozen=True)
class VisitLetter:
    """What letters about a visit tell: whose account, who asked, and who decides there."""

    visit: SupportVisit
    account: Account
    asker: User
    deciders: list[User]


@query
def visit_letter(actor: Actor, visit_id: UUID) -> VisitLetter:
    """For letters about a visit. Raises NotFound."""
    access.system(actor)
    visit = db.session().get(SupportVisit, visit_id)
    if visit is None:
        raise NotFound()
    return VisitLetter(
        visit,
        db.session().get_one(Account, visit.account_id),
        db.session().get_one(User, visit.asked_by),
        _deciders(AccountId(visit.account_id)),
    )


def _deciders(account_id: AccountId) -> list[User]:
    """Everybody who gives roles in the account, be it through another one."""
    found = {one.user_id for one in people(access.SYSTEM, account_id) if one.confirmed}
    able = [
        user_id
        for user_id in found
        if access.can(Actor(ActorKind.USER, user_id, grants_of(user_id)), Right.MANAGE_PEOPLE, account_id)
    ]
    return list(db.session().scalars(select(User).where(User.id.in_(able)).order_by(User.email)))


def _read(*conditions: ColumnElement[bool]) -> list[Visit]:
    newest = select(SupportVisit, User).join(User, User.id == SupportVisit.asked_by).where(*conditions)
    found = db.session().execute(newest.order_by(SupportVisit.asked_at.desc(), SupportVisit.id.desc()).limit(MOST))
    rows = [(visit, user) for visit, user in found]
    names = names_of(access.SYSTEM, {visit.answered_by for visit, _ in rows if visit.answered_by}) if rows else {}
    copied = ("id", "account_id", "asked_by", "reason", "hours", "with_import", "state", "asked_at")
    times = ("answered_at", "ends_at", "ended_at")
    read = [
        Visit(
            **{name: getattr(visit, name) for name in (*copied, *times)},
            who=user.name or user.email,
            waits_until=visit.asked_at + VISIT_WAITS,
            by=names.get(visit.answered_by or ""),
        )
        for visit, user in rows
    ]
    return sorted(read, key=lambda one: one.state is not SupportState.WAITING)

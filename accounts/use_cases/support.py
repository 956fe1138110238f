"""Support looks at an account with the consent of whoever decides there: asked for, agreed to, ended, and gone through.

Nothing is seen without consent, nothing can be changed during a visit, and it ends by itself.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, allowed
from accounts.events import SupportVisitAnswered, SupportVisitAsked
from accounts.models import Account, Login, SupportVisit
from accounts.presence import login_of
from accounts.rights import Right
from accounts.values import LONGEST_VISIT_H, AccountId, SupportState, SupportVisitId
from kit import clock, db, notes
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case

LONGEST_REASON = 500
LONGEST_PATH = 300


@use_case
def ask_for_visit(
    actor: Actor, account_id: AccountId, *, reason: str, hours: int, with_import: bool = False
) -> SupportVisit:
    """Ask to see an account for some hours, at most a day, and maybe to import for it.

    Raises Invalid(reason=, hours=), Conflict(visit_asked).
    """
    access.staff(actor, account_id)
    account = db.session().get(Account, account_id, with_for_update=True)
    if account is None or actor.id is None:
        raise NotFound()
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(reason="too_long" if reason else "required")
    if not 1 <= hours <= LONGEST_VISIT_H:
        raise Invalid(hours="out_of_range")
    mine = SupportVisit.account_id == account_id, SupportVisit.asked_by == actor.id
    if any(one.state in (SupportState.WAITING, SupportState.OPEN) for one in _visits(*mine)):
        raise Conflict("visit_asked")
    visit = SupportVisit(
        id=new_id(),
        account_id=account_id,
        asked_by=actor.id,
        reason=reason,
        hours=hours,
        with_import=with_import,
        asked_at=clock.now(),
    )
    db.session().add(visit)
    record(SupportVisitAsked(visit.id))
    return visit


@use_case
def agree_to_visit(actor: Actor, visit_id: SupportVisitId) -> SupportVisit:
    """Let support see the account from now on, for as long as it asked. Raises Conflict(answered_already)."""
    visit = _answered(actor, visit_id)
    visit.ends_at = clock.now() + timedelta(hours=visit.hours)
    return visit


@use_case
def decline_visit(actor: Actor, visit_id: SupportVisitId) -> SupportVisit:
    """Say no. Raises Conflict(answered_already)."""
    return _answered(actor, visit_id)


@use_case
def end_visit(actor: Actor, visit_id: SupportVisitId) -> SupportVisit:
    """End a visit at once, or take the wish for one back: whoever decides in the account, or whoever asked."""
    visit = db.session().get(SupportVisit, visit_id, with_for_update=True)
    if visit is None:
        raise NotFound()
    if visit.asked_by == actor.id and actor.staff:
        access.staff(actor, visit.account_id)
    else:
        access.allowed_in(actor, Right.MANAGE_PEOPLE, visit.account_id)
    if visit.state in (SupportState.WAITING, SupportState.OPEN):
        visit.ended_at, visit.ended_by = clock.now(), actor.reference
        notes.tell("user", visit.asked_by)  # what they look at closes
    return visit


@use_case
def enter_account(actor: Actor, visit_id: SupportVisitId) -> SupportVisit:
    """Begin to look around: from now on this login reaches that account and nothing else. Raises NotFound."""
    access.staff(actor)
    visit, login = db.session().get(SupportVisit, visit_id), _login(actor)
    if visit is None or visit.asked_by != actor.id or visit.state is not SupportState.OPEN:
        raise NotFound()
    access.staff(actor, visit.account_id)
    login.visit_id = visit.id
    return visit


@use_case
def leave_account(actor: Actor) -> None:
    """Look around no longer; until its end one can enter again."""
    access.visiting(actor)
    _login(actor).visit_id = None


@use_case
def note_look(actor: Actor, *, page: str) -> None:
    """Leave a line in the log of the account: this page was looked at."""
    access.visiting(actor)
    assert len(page) <= LONGEST_PATH, "the log is no place for more"


def _login(actor: Actor) -> Login:
    login = db.session().get(Login, login_of(actor) or UUID(int=0))
    if login is None:
        raise NotFound()
    return login


def _answered(actor: Actor, visit_id: SupportVisitId) -> SupportVisit:
    visit = allowed(actor, Right.MANAGE_PEOPLE, SupportVisit, visit_id, lock=True)
    if visit.state is not SupportState.WAITING:
        raise Conflict("answered_already")
    visit.answered_at, visit.answered_by = clock.now(), actor.reference
    record(SupportVisitAnswered(visit.id))
    return visit


def _visits(*conditions: object) -> list[SupportVisit]:
    return list(db.session().scalars(select(SupportVisit).where(*conditions)))  # type: ignore[arg-type]

"""A private person becomes a company, or the other way round: a wish, and what the staff of the platform say to it."""

from typing import Unpack

from sqlalchemy import select

from accounts import access
from accounts.access import SYSTEM, Actor, allowed
from accounts.models import Account
from accounts.presence import fresh_if_here
from accounts.rights import Right
from accounts.use_cases import update_account
from accounts.use_cases.accounts import judged
from accounts.values import AccountId
from billing.events import LegalChangeDecided
from billing.models import LegalChange, PayoutProfile
from billing.profiles import profile_of
from billing.use_cases.verification import LegalData, begin_anew, judge_legal_data
from billing.values import LegalChangeId, LegalChangeState, LegalKind
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case

LONGEST_REASON = 2000
_FIELDS = ("legal_name", "street", "postcode", "city", "country", "uid", "vat_registered")


@use_case
def request_legal_change(actor: Actor, account_id: AccountId, *, reason: str, **data: Unpack[LegalData]) -> LegalChange:
    """Wish to be of the other kind, with the legal data from then on; nothing changes before staff agree.

    Raises CheckNeeded; Invalid by field; Conflict("legal_data_missing", "change_waiting").
    """
    account = allowed(actor, Right.MANAGE_PAYOUT, Account, account_id, lock=True)
    fresh_if_here(actor)
    profile = db.session().get(PayoutProfile, account_id)
    if profile is None or profile.legal_kind is None:
        raise Conflict("legal_data_missing")
    if _waiting(account_id) is not None:
        raise Conflict("change_waiting")
    wanted = LegalKind.PERSON if profile.legal_kind is LegalKind.COMPANY else LegalKind.COMPANY
    judge_legal_data(data)
    if not reason.strip():
        raise Invalid(reason="required")
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason="too_long")
    facts = judged(account, data)
    change = LegalChange(
        account_id=account_id,
        state=LegalChangeState.WAITING,
        legal_kind=wanted,
        before={name: getattr(account, name) for name in _FIELDS},
        wanted={name: facts[name] for name in _FIELDS},
        reason=reason.strip(),
        asked_by=actor.reference,
        asked_at=clock.now(),
    )
    db.session().add(change)
    db.session().flush()
    return change


@use_case
def withdraw_legal_change(actor: Actor, account_id: AccountId) -> LegalChange:
    """Take the wish back. Raises Conflict("no_change_waiting")."""
    allowed(actor, Right.MANAGE_PAYOUT, Account, account_id, lock=True)
    change = _waiting(account_id)
    if change is None:
        raise Conflict("no_change_waiting")
    _decide(change, actor, LegalChangeState.WITHDRAWN)
    return change


@use_case
def approve_legal_change(actor: Actor, change_id: LegalChangeId, *, answer: str = "") -> LegalChange:
    """The wish is granted: the legal data change, and the operator is verified anew. Staff only.

    Raises NotFound, Invalid(answer="too_long"), Conflict("change_decided").
    """
    change = _to_decide(actor, change_id, answer)
    _decide(change, actor, LegalChangeState.APPROVED, answer)
    profile = profile_of(change.account_id)
    profile.legal_kind = change.legal_kind
    update_account(SYSTEM, AccountId(change.account_id), **change.wanted)
    begin_anew(profile)
    record(LegalChangeDecided(change_id=change.id))
    return change


@use_case
def decline_legal_change(actor: Actor, change_id: LegalChangeId, *, answer: str) -> LegalChange:
    """The wish is not granted, and the operator reads why. Staff only.

    Raises NotFound, Invalid(answer="required", "too_long"), Conflict("change_decided").
    """
    change = _to_decide(actor, change_id, answer)
    if not answer.strip():
        raise Invalid(answer="required")
    _decide(change, actor, LegalChangeState.DECLINED, answer)
    record(LegalChangeDecided(change_id=change.id))
    return change


def _to_decide(actor: Actor, change_id: LegalChangeId, answer: str) -> LegalChange:
    access.staff(actor)
    change = db.session().get(LegalChange, change_id, with_for_update=True)
    if change is None:
        raise NotFound()
    if change.state is not LegalChangeState.WAITING:
        raise Conflict("change_decided")
    if len(answer) > LONGEST_REASON:
        raise Invalid(answer="too_long")
    return change


def _decide(change: LegalChange, actor: Actor, state: LegalChangeState, answer: str = "") -> None:
    change.state, change.answer = state, answer.strip()
    change.decided_by, change.decided_at = actor.reference, clock.now()
    tell("account", change.account_id)


def _waiting(account_id: AccountId) -> LegalChange | None:
    wanted = select(LegalChange).where(
        LegalChange.account_id == account_id, LegalChange.state == LegalChangeState.WAITING
    )
    return db.session().scalars(wanted.with_for_update()).one_or_none()

"""How far an operator is verified, what is missing, and what staff have to decide."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from accounts.access import Actor, allowed_in, staff, system
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from billing import payees
from billing.models import LegalChange, PayoutProfile
from billing.values import (
    BLOCKED,
    REMIND_BEFORE,
    Earning,
    LegalChangeId,
    LegalChangeState,
    LegalKind,
    VerificationState,
)
from kit import clock, db
from kit.errors import NotFound
from kit.paging import Page
from kit.use_case import query


@dataclass(frozen=True)
class Verification:
    """How far the operator of an account is verified, by the account whose verification counts.

    `holder_name` is set where that is an account above. `begun`: somebody wants to earn, or began with it.
    `requirements` are the provider's codes of what it still wants. `iban` shows its ends only. `payouts_held_at`: since
    when the provider keeps the income; `stopped`: because the platform stopped the account, or one above it.
    """

    account_id: AccountId
    holder_id: AccountId
    holder_name: str | None
    begun: bool
    state: VerificationState
    legal_kind: LegalKind | None
    connected: bool
    due_at: datetime | None
    restricted_at: datetime | None
    requirements: tuple[str, ...]
    iban: str
    payouts_held_at: datetime | None
    stopped: bool

    @property
    def blocked(self) -> frozenset[Earning]:
        """What is not possible now."""
        return BLOCKED[self.state]

    @property
    def keeps_income(self) -> bool:
        """Whether the provider keeps the income; not while it only has to be told that all is well by now."""
        return self.payouts_held_at is not None and (self.stopped or Earning.PAYOUTS in self.blocked)

    @property
    def asks_for_something(self) -> bool:
        """Whether there is something that the operator should know on every page."""
        return self.begun and (self.state is not VerificationState.VERIFIED or bool(self.requirements))


@query
def verification(actor: Actor, account_id: AccountId) -> Verification:
    """How far the operator of an account is verified. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_INCOME, account_id)
    return _verification(account_id)


def _verification(account_id: AccountId) -> Verification:
    found = payees.in_charge_of(account_id)
    holder, profile = found or (None, None)
    above = holder is not None and holder.id != account_id
    held_at = profile.payouts_held_at if profile else None
    return Verification(
        account_id=account_id,
        holder_id=AccountId(holder.id) if holder else account_id,
        holder_name=holder.name if holder is not None and above else None,
        begun=profile is not None,
        state=payees.state_of(profile),
        legal_kind=profile.legal_kind if profile else None,
        connected=profile is not None and profile.provider_account is not None,
        due_at=profile.due_at if profile else None,
        restricted_at=profile.restricted_at if profile else None,
        requirements=tuple(profile.requirements) if profile else (),
        iban=_shown_iban(profile),
        payouts_held_at=held_at,
        stopped=held_at is not None and payees.suspended(account_id),
    )


def _shown_iban(profile: PayoutProfile | None) -> str:
    if profile is None or not profile.bank_end:
        return ""
    begin = profile.bank_account["iban"][:4] if profile.bank_account else ""
    return f"{begin} •••• {profile.bank_end}".strip()


@query
def own_legal_kind(actor: Actor, account_id: AccountId) -> LegalKind | None:
    """What the account itself said to be, whoever counts for it. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_INCOME, account_id)
    profile = db.session().get(PayoutProfile, account_id)
    return profile.legal_kind if profile else None


@query
def legal_changes_of(actor: Actor, account_id: AccountId) -> list[LegalChange]:
    """The wishes of an account to be of another kind, newest first. Raises NotFound, Forbidden."""
    allowed_in(actor, Right.VIEW_INCOME, account_id)
    wanted = select(LegalChange).where(LegalChange.account_id == account_id).order_by(LegalChange.id.desc())
    return list(db.session().scalars(wanted))


@dataclass(frozen=True)
class LegalChangeRow:
    """A wish with the account's name, for the people who run the platform."""

    change: LegalChange
    account_name: str

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """Field, before and after, of what would change."""
        before, after = self.change.before, self.change.wanted
        return [(name, before[name], after[name]) for name in after if before[name] != after[name]]


@query
def legal_changes(
    actor: Actor, *, state: LegalChangeState = LegalChangeState.WAITING, number: int = 1, size: int = 25
) -> Page[LegalChangeRow]:
    """Wishes to be of another kind, for staff: those that wait oldest first, others newest first."""
    staff(actor)
    chosen = select(LegalChange, Account.name).join(Account, Account.id == LegalChange.account_id)
    chosen = chosen.where(LegalChange.state == state)
    total = db.session().scalar(select(func.count()).select_from(chosen.subquery())) or 0
    order = LegalChange.id if state is LegalChangeState.WAITING else LegalChange.id.desc()
    number = max(1, number)
    rows = db.session().execute(chosen.order_by(order).limit(size).offset((number - 1) * size))
    return Page(tuple(LegalChangeRow(*row) for row in rows), number, size, total)


@query
def legal_change(actor: Actor, change_id: LegalChangeId) -> LegalChangeRow:
    """One wish, for staff. Raises NotFound."""
    staff(actor)
    return _legal_change(change_id)


def _legal_change(change_id: UUID) -> LegalChangeRow:
    change = db.session().get(LegalChange, change_id)
    if change is None:
        raise NotFound()
    return LegalChangeRow(change, db.session().get_one(Account, change.account_id).name)


@dataclass(frozen=True)
class LetterFacts:
    """What a letter about a verification tells."""

    account_id: AccountId
    account_name: str
    time_zone: str
    verification: Verification


@query
def verification_letter(actor: Actor, account_id: AccountId) -> LetterFacts:
    """What the owners of an account are told about its verification. Raises NotFound."""
    system(actor)
    account = db.session().get(Account, account_id)
    if account is None:
        raise NotFound()
    return LetterFacts(account_id, account.name, account.time_zone, _verification(account_id))


@query
def decided_change(actor: Actor, change_id: LegalChangeId) -> LegalChangeRow:
    """A wish that staff decided, for the letter about it. Raises NotFound."""
    system(actor)
    return _legal_change(change_id)


@query
def verifications_due(actor: Actor) -> list[tuple[AccountId, datetime]]:
    """Accounts whose time to be verified ends within the longest REMIND_BEFORE, or is over; with its end."""
    system(actor)
    soon = clock.now() + max(REMIND_BEFORE)
    wanted = select(PayoutProfile.account_id, PayoutProfile.due_at).where(PayoutProfile.due_at <= soon)
    return [(AccountId(row_id), due_at) for row_id, due_at in db.session().execute(wanted) if due_at is not None]

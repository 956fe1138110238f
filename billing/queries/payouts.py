"""Where an operator is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from accounts.access import Actor, allowed, system
from accounts.models import Account, AccountLineage
from accounts.rights import Right
from accounts.sellers import seller_of
from accounts.values import AccountId
from billing import payees
from billing.models import FormerPayee, PayoutProfile
from billing.payments.port import AccountOrder
from billing.values import BLOCKED, Earning
from kit import db, settings
from kit.use_case import query


@dataclass(frozen=True)
class PayoutFacts:
    """How an account is paid. `hold_minor` and `can_be_paid` may come from an account above it."""

    provider: str | None
    provider_account: str | None
    charges_enabled: bool
    can_be_paid: bool
    hold_minor: int


@query
def payout_facts(actor: Actor, account_id: AccountId) -> PayoutFacts:
    """Whether paid sessions are possible in this account, and what is reserved before one."""
    allowed(actor, Right.VIEW_INCOME, Account, account_id)
    profile = db.session().get(PayoutProfile, account_id)
    return PayoutFacts(
        provider=profile.provider if profile else None,
        provider_account=profile.provider_account if profile else None,
        charges_enabled=profile is not None and profile.charges_enabled,
        can_be_paid=payees.payee_of(account_id) is not None,
        hold_minor=payees.hold_of(account_id),
    )


@query
def account_order(actor: Actor, account_id: AccountId) -> AccountOrder:
    """What the provider is told of an operator who wants to be paid."""
    system(actor)
    seller, profile = seller_of(account_id), db.session().get(PayoutProfile, account_id)
    assert profile is not None, "the provider is asked after the legal data"
    assert profile.legal_kind is not None, "the provider is asked after the legal data"
    return AccountOrder(
        account_id=account_id,
        name=seller.name,
        email=seller.contact_email,
        country=seller.country,
        legal_kind=profile.legal_kind,
    )


@query
def unchecked_accounts(actor: Actor) -> list[tuple[str, str]]:
    """Provider and reference of accounts that can't be paid, or not be paid out, yet; also of those left behind."""
    system(actor)
    wanted = select(PayoutProfile.provider, PayoutProfile.provider_account).where(
        PayoutProfile.provider == settings.current().payment_provider,
        PayoutProfile.charges_enabled.is_(False) | PayoutProfile.payouts_enabled.is_(False),
    )
    left = select(FormerPayee.provider, FormerPayee.provider_account).where(
        *_left_behind(), FormerPayee.ready.is_(False)
    )
    return [(provider, ref) for provider, ref in db.session().execute(wanted.union(left)) if ref is not None]


@dataclass(frozen=True)
class PayoutOrder:
    """What the provider is to do with the income of an account: `hold` it, or pay it out by its schedule of before."""

    account_id: AccountId
    provider: str
    account_ref: str
    hold: bool
    schedule: Mapping[str, Any]


@query
def payouts_to_change(actor: Actor, below: AccountId | None = None) -> list[PayoutOrder]:
    """Where the provider pays out what it may not, or keeps what it need not; `below`: of this account and those below.

    An account that the platform stopped is not paid out; one that was closed gets what is left. What an operator left
    behind is only ever let go: once the provider would pay him, or by staff.
    """
    system(actor)
    left = exists().where(FormerPayee.provider_account == PayoutProfile.provider_account)  # the archive of a hand-over
    wanted = select(PayoutProfile, _stopped(PayoutProfile)).where(
        PayoutProfile.provider == settings.current().payment_provider,
        PayoutProfile.provider_account.is_not(None),
        ~left,
    )
    go = FormerPayee.released_at.is_not(None) | (FormerPayee.ready & ~_stopped(FormerPayee))
    behind = select(FormerPayee).where(*_left_behind(), go)
    if below is not None:
        under = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == below)
        wanted = wanted.where(PayoutProfile.account_id.in_(under))
        behind = behind.where(FormerPayee.account_id.in_(under))
    orders = [_payout_order(profile, stops) for profile, stops in db.session().execute(wanted)]
    released = [
        PayoutOrder(AccountId(one.account_id), one.provider, one.provider_account, False, one.payout_schedule)
        for one in db.session().scalars(behind)
    ]
    return [order for order in orders if order is not None] + released


def _stopped(model: type[PayoutProfile | FormerPayee]) -> ColumnElement[bool]:
    above = AccountLineage.account_id == model.account_id, AccountLineage.ancestor_id == Account.id
    return exists().where(*above, Account.suspended_at.is_not(None), Account.closed_at.is_(None))


def _left_behind() -> tuple[ColumnElement[bool], ...]:
    return FormerPayee.provider == settings.current().payment_provider, FormerPayee.payouts_held_at.is_not(None)


def _payout_order(profile: PayoutProfile, stopped: bool) -> PayoutOrder | None:
    hold = stopped or Earning.PAYOUTS in BLOCKED[payees.state_of(profile)]
    if hold is (profile.payouts_held_at is not None):
        return None
    assert profile.provider_account is not None, "asked for in the statement"
    account_id = AccountId(profile.account_id)
    return PayoutOrder(account_id, profile.provider, profile.provider_account, hold, profile.payout_schedule)


@query
def account_ref(actor: Actor, account_id: AccountId) -> str | None:
    """The account's own reference at the provider."""
    system(actor)
    profile = db.session().get(PayoutProfile, account_id)
    return None if profile is None else profile.provider_account

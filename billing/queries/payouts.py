"""Where an operator is paid."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts.access import Actor, allowed, system
from accounts.models import Account
from accounts.rights import Right
from accounts.sellers import seller_of
from accounts.values import AccountId
from billing import payees
from billing.models import PayoutProfile
from billing.payments.port import AccountOrder
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
    """Provider and reference of accounts that can't be paid, or not be paid out, yet."""
    system(actor)
    wanted = select(PayoutProfile.provider, PayoutProfile.provider_account).where(
        PayoutProfile.provider == settings.current().payment_provider,
        PayoutProfile.charges_enabled.is_(False) | PayoutProfile.payouts_enabled.is_(False),
    )
    return [(provider, ref) for provider, ref in db.session().execute(wanted) if ref is not None]


@query
def account_ref(actor: Actor, account_id: AccountId) -> str | None:
    """The account's own reference at the provider."""
    system(actor)
    profile = db.session().get(PayoutProfile, account_id)
    return None if profile is None else profile.provider_account

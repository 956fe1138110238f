"""Where an operator is paid, and what is reserved on a driver's card."""

from sqlalchemy import select

from accounts.access import Actor, allowed, allowed_in, system
from accounts.models import Account
from accounts.presence import fresh_if_here
from accounts.rights import Right
from accounts.values import AccountId
from billing.models import PayoutProfile
from billing.payments.port import ProviderAccount
from billing.values import LARGEST_HOLD_MINOR, SMALLEST_HOLD_MINOR
from kit import db, settings
from kit.errors import Invalid
from kit.notes import tell
from kit.use_case import use_case


@use_case
def connect_provider_account(actor: Actor, account_id: AccountId) -> PayoutProfile:
    """The operator wants to be paid: prepare his profile at the provider in force (`onboarding.start` goes on).

    Raises CheckNeeded when the person proved too long ago who they are.
    """
    account = allowed(actor, Right.MANAGE_PAYOUT, Account, account_id, lock=True)
    fresh_if_here(actor)
    profile = _profile(AccountId(account.id))
    if profile.provider != settings.current().payment_provider:
        profile.provider = settings.current().payment_provider
        profile.provider_account, profile.charges_enabled = None, False
    return profile


@use_case
def provider_account_made(actor: Actor, account_id: AccountId, ref: str) -> PayoutProfile:
    """The provider made an account for the operator; it takes no payments yet. The first one stays."""
    system(actor)
    profile = _profile(account_id)
    profile.provider_account = profile.provider_account or ref
    return profile


@use_case
def provider_account_changed(actor: Actor, provider: str, account: ProviderAccount) -> int:
    """The provider allows payments to an account, or not any more; how many profiles use it."""
    system(actor)
    wanted = select(PayoutProfile).where(
        PayoutProfile.provider == provider, PayoutProfile.provider_account == account.ref
    )
    profiles = db.session().scalars(wanted).all()
    for profile in profiles:
        profile.charges_enabled = account.charges_enabled
        tell("account", profile.account_id)
    return len(profiles)


@use_case
def set_hold(actor: Actor, account_id: AccountId, hold_minor: int) -> PayoutProfile:
    """Choose what is reserved before a session, minor units. Raises Invalid(hold_minor="out_of_range")."""
    allowed_in(actor, Right.MANAGE_PAYOUT, account_id)
    if not SMALLEST_HOLD_MINOR <= hold_minor <= LARGEST_HOLD_MINOR:
        raise Invalid(hold_minor="out_of_range")
    profile = _profile(account_id)
    profile.hold_minor = hold_minor
    return profile


def _profile(account_id: AccountId) -> PayoutProfile:
    profile = db.session().get(PayoutProfile, account_id, with_for_update=True)
    if profile is None:
        chosen = settings.current()
        profile = PayoutProfile(
            account_id=account_id,
            provider=chosen.payment_provider,
            charges_enabled=False,
            hold_minor=chosen.hold_default_minor,
        )
        db.session().add(profile)
        db.session().flush()
    return profile

"""Where an operator is paid, what the provider says of him, and what is reserved on a driver's card."""

from sqlalchemy import select

from accounts.access import Actor, allowed, allowed_in, system
from accounts.models import Account
from accounts.presence import fresh_if_here
from accounts.rights import Right
from accounts.values import AccountId
from billing import payees
from billing.events import VerificationChanged
from billing.models import FormerPayee, PayoutProfile
from billing.payments.port import ProviderAccount
from billing.profiles import begin_again, profile_of
from billing.queries.payouts import PayoutOrder
from billing.values import LARGEST_HOLD_MINOR, SMALLEST_HOLD_MINOR
from kit import clock, db, settings
from kit.errors import Conflict, Invalid
from kit.events import record
from kit.notes import tell
from kit.use_case import use_case


@use_case
def connect_provider_account(actor: Actor, account_id: AccountId) -> PayoutProfile:
    """The operator wants to be paid: prepare his profile at the provider in force (`onboarding.start` goes on).

    Raises CheckNeeded when the person proved too long ago who they are, Conflict("legal_data_missing").
    """
    account = allowed(actor, Right.MANAGE_PAYOUT, Account, account_id, lock=True)
    fresh_if_here(actor)
    profile = profile_of(account.id)
    if profile.legal_kind is None:
        raise Conflict("legal_data_missing")
    if profile.provider != settings.current().payment_provider:
        begin_again(profile)
        profile.connected_at = None
    return profile


@use_case
def provider_account_made(actor: Actor, account_id: AccountId, ref: str, *, attempt: int) -> PayoutProfile:
    """The provider made an account for the operator; it takes no payments yet. The first one stays.

    Raises Conflict("not_connected") where everything began anew meanwhile, as with another owner.
    """
    system(actor)
    profile = profile_of(account_id)
    if profile.attempt != attempt:
        raise Conflict("not_connected")
    if profile.provider_account is None:  # a new one pays nothing out
        profile.provider_account, profile.payouts_held_at = ref, clock.now()
    profile.connected_at = profile.connected_at or clock.now()
    return profile


@use_case
def provider_account_changed(actor: Actor, provider: str, account: ProviderAccount) -> int:
    """The provider was read again: what it allows an operator, and what it wants of him; how many profiles use it."""
    system(actor)
    wanted = select(PayoutProfile).where(
        PayoutProfile.provider == provider, PayoutProfile.provider_account == account.ref
    )
    profiles = db.session().scalars(wanted.with_for_update()).all()
    for profile in profiles:
        before = payees.state_of(profile)
        _apply(profile, account)
        after = payees.state_of(profile)
        if after is not before:
            record(VerificationChanged(account_id=profile.account_id, state=after.value))
        tell("account", profile.account_id)
    left = select(FormerPayee).where(FormerPayee.provider == provider, FormerPayee.provider_account == account.ref)
    for payee in db.session().scalars(left.with_for_update()):
        payee.ready = account.charges_enabled and account.payouts_enabled and bool(account.bank_end)
        if not account.payouts_held:
            payee.payouts_held_at = None
    return len(profiles)


def _apply(profile: PayoutProfile, account: ProviderAccount) -> None:
    """A provider that takes back what it allowed, or refuses, restricts; one that allows lifts every restriction."""
    if account.charges_enabled:
        profile.restricted_at, profile.due_at = None, account.due_at
    elif account.refused or profile.charges_enabled:
        profile.restricted_at, profile.due_at = profile.restricted_at or clock.now(), None
    profile.charges_enabled, profile.payouts_enabled = account.charges_enabled, account.payouts_enabled
    profile.submitted, profile.requirements = account.submitted, list(account.requirements)
    if not account.payouts_held:  # whoever let it go
        profile.payouts_held_at, profile.payout_schedule = None, dict(account.payout_schedule)
    if account.bank_end != profile.bank_end:
        profile.bank_end = account.bank_end
        if profile.bank_account is not None and not profile.bank_account["iban"].endswith(account.bank_end or "-"):
            profile.bank_account = None  # another one was given on the provider's own page


@use_case
def payouts_held(actor: Actor, order: PayoutOrder) -> PayoutProfile | None:
    """The provider keeps the income of an account on our word. None: the account has another one there by now."""
    system(actor)
    profile = db.session().get(PayoutProfile, order.account_id, with_for_update=True)
    if profile is None or profile.provider_account != order.account_ref:
        return None
    profile.payouts_held_at = profile.payouts_held_at or clock.now()
    tell("account", order.account_id)
    return profile


@use_case
def set_hold(actor: Actor, account_id: AccountId, hold_minor: int) -> PayoutProfile:
    """Choose what is reserved before a session, minor units. Raises Invalid(hold_minor="out_of_range")."""
    allowed_in(actor, Right.MANAGE_PAYOUT, account_id)
    if not SMALLEST_HOLD_MINOR <= hold_minor <= LARGEST_HOLD_MINOR:
        raise Invalid(hold_minor="out_of_range")
    profile = profile_of(account_id)
    profile.hold_minor = hold_minor
    return profile

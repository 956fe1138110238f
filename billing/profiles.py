"""The profile of an account: made when it is first needed, and when its time to be verified begins."""

from uuid import UUID

from accounts.models import Account
from accounts.sellers import seller_of
from billing import payees
from billing.models import FormerPayee, PayoutProfile
from billing.values import BLOCKED, VERIFY_WITHIN, Earning
from kit import clock, db, settings


def profile_of(account_id: UUID) -> PayoutProfile:
    """The account's own profile, locked; made with the hold that counted for it until now."""
    profile = db.session().get(PayoutProfile, account_id, with_for_update=True)
    if profile is None:
        profile = PayoutProfile(
            account_id=account_id,
            provider=settings.current().payment_provider,
            charges_enabled=False,
            payouts_enabled=False,
            submitted=False,
            requirements=[],
            bank_end="",
            attempt=1,
            hold_minor=payees.hold_of(account_id),
        )
        db.session().add(profile)
        db.session().flush()
        payees.look_again()
    return profile


def begin_again(profile: PayoutProfile) -> None:
    """The next account at the provider is a new one. What is held on the last one, as far as we heard, or ought to be,
    is not forgotten with it.
    """
    held = profile.payouts_held_at is not None or Earning.PAYOUTS in BLOCKED[payees.state_of(profile)]
    if profile.provider_account is not None and held:
        left = FormerPayee(
            account_id=profile.account_id,
            provider=profile.provider,
            provider_account=profile.provider_account,
            ready=profile.charges_enabled and profile.payouts_enabled and bool(profile.bank_end),
            payouts_held_at=profile.payouts_held_at or clock.now(),
            payout_schedule=profile.payout_schedule,
            left_at=clock.now(),
        )
        db.session().add(left)
    profile.begin_again(settings.current().payment_provider)


def wants_to_earn(account_id: UUID) -> None:
    """The account set a price: whoever is to be verified for it has VERIFY_WITHIN from the first time on."""
    found = payees.in_charge_of(account_id)
    if found is None:
        legal_id = seller_of(account_id).series_account_id
        db.session().get_one(Account, legal_id, with_for_update=True)  # two first prices at once make one profile
        profile = profile_of(legal_id)
    else:
        profile = found[1]
    if not (profile.charges_enabled or profile.due_at or profile.restricted_at):
        profile.due_at = clock.now() + VERIFY_WITHIN

"""Who is paid for an account, what is reserved before a session, and what the platform takes."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from accounts.models import Account
from billing.models import PayoutProfile
from kit import db, settings


def payee_of(account_id: UUID) -> PayoutProfile | None:
    """The profile whose provider account may take payments now; None: nobody can be paid for this account."""
    wanted = settings.current().payment_provider
    for account in _upwards(account_id):
        profile = db.session().get(PayoutProfile, account.id)
        if profile is not None and profile.provider_account and profile.provider == wanted:
            return profile if profile.charges_enabled else None
    return None


def hold_of(account_id: UUID) -> int:
    """What is reserved before a session, minor units: as the account or one above it chose, else the default."""
    for account in _upwards(account_id):
        profile = db.session().get(PayoutProfile, account.id)
        if profile is not None:
            return profile.hold_minor
    return settings.current().hold_default_minor


def fee_percent_of(account_id: UUID) -> Decimal:
    """The platform's part of the gross: agreed with the account or one above it, else the platform's default."""
    agreed = (account.platform_fee_percent for account in _upwards(account_id))
    return next((percent for percent in agreed if percent is not None), settings.current().platform_fee_percent)


def suspended(account_id: UUID) -> bool:
    """Whether the platform stopped this account or one above it."""
    return any(account.suspended_at is not None for account in _upwards(account_id))


def _upwards(account_id: UUID) -> Iterator[Account]:
    above: UUID | None = account_id
    while above is not None:
        account = db.session().get_one(Account, above)
        yield account
        above = account.parent_id

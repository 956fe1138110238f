"""Who is paid for an account, what is reserved before a session, and what the platform takes."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from accounts.models import Account, AccountLineage
from accounts.sellers import one_person
from billing.models import PayoutProfile
from billing.values import BLOCKED, Earning, VerificationState
from kit import db, settings
from kit.errors import Conflict

Place = tuple[Account, PayoutProfile | None]  # an account and its profile
_AHEAD = "payees_ahead"


def payee_of(account_id: UUID) -> PayoutProfile | None:
    """The profile whose provider account may take payments now; None: nobody can be paid for this account."""
    return _paid(_of_one_seller(upwards(account_id)))


def payee_above(account_id: UUID) -> PayoutProfile | None:
    """The same for one that stands beside this account, sells as it does, and has no provider account of its own."""
    return _paid(islice(_of_one_seller(upwards(account_id)), 1, None))


def in_charge_of(account_id: UUID) -> tuple[Account, PayoutProfile] | None:
    """The account whose verification counts for this one: the nearest that is paid for itself, else the nearest that
    began to be verified, as far up as the same legal person sells; None: nobody began.
    """
    return in_charge(upwards(account_id))


def in_charge(upwards: Iterable[Place]) -> tuple[Account, PayoutProfile] | None:
    """The same of an account and those above it, nearest first."""
    line = [(account, profile) for account, profile in _of_one_seller(upwards) if profile is not None]
    apart = next((pair for pair in line if _apart(pair[1])), None)
    return apart or next((pair for pair in line if _begun(pair[1])), None)


def state_of(profile: PayoutProfile | None) -> VerificationState:
    """How far the operator of a profile is verified, at the provider in force."""
    if profile is None:
        return VerificationState.UNVERIFIED
    if profile.restricted_at is not None:
        return VerificationState.RESTRICTED
    if profile.provider != settings.current().payment_provider or not profile.provider_account:
        return VerificationState.UNVERIFIED
    if profile.charges_enabled:
        ready = profile.payouts_enabled and profile.bank_end
        return VerificationState.VERIFIED if ready else VerificationState.VERIFIED_WITHOUT_BANK
    return VerificationState.PENDING if profile.submitted else VerificationState.UNVERIFIED


def need_earning(account_id: UUID, step: Earning) -> None:
    """Refuse a step that the verification of the account, or of the one above that counts, does not allow.

    Raises Conflict("not_verified", "verification_restricted").
    """
    found = in_charge_of(account_id)
    state = state_of(found[1] if found else None)
    if step in BLOCKED[state]:
        raise Conflict("verification_restricted" if state is VerificationState.RESTRICTED else "not_verified")


def hold_of(account_id: UUID) -> int:
    """What is reserved before a session, minor units: as the account or one above it chose, else the default."""
    chosen = (profile.hold_minor for _, profile in upwards(account_id) if profile is not None)
    return next(chosen, settings.current().hold_default_minor)


def fee_percent_of(account_id: UUID) -> Decimal:
    """The platform's part of the gross: agreed with the account or one above it, else the platform's default."""
    agreed = (account.platform_fee_percent for account, _ in upwards(account_id))
    return next((percent for percent in agreed if percent is not None), settings.current().platform_fee_percent)


def suspended(account_id: UUID) -> bool:
    """Whether the platform stopped this account or one above it."""
    return any(account.suspended_at is not None for account, _ in upwards(account_id))


def upwards(account_id: UUID) -> Iterator[Place]:
    """The account and those above it with their profiles, nearest first. One statement, unless it was read ahead."""
    ahead: dict[UUID, list[Place]] = db.session().info.get(_AHEAD, {})
    return iter(ahead.get(account_id) or lines_of([account_id])[account_id])


def read_ahead(account_ids: Collection[UUID]) -> None:
    """Read once for this transaction what `upwards` will be asked of these accounts; none of them is read again."""
    db.session().info[_AHEAD] = lines_of(account_ids)


def look_again() -> None:
    """A profile was made in this transaction: what was read ahead is read anew."""
    if ahead := db.session().info.get(_AHEAD):
        read_ahead(ahead.keys())


def lines_of(account_ids: Collection[UUID]) -> dict[UUID, list[Place]]:
    """The same of many accounts. One statement."""
    found = db.session().execute(
        select(AccountLineage.account_id, Account, PayoutProfile)
        .join(Account, Account.id == AccountLineage.ancestor_id)
        .outerjoin(PayoutProfile, PayoutProfile.account_id == Account.id)
        .where(AccountLineage.account_id.in_(account_ids))
    )
    by_id: dict[UUID, dict[UUID, Place]] = {account_id: {} for account_id in account_ids}
    for account_id, account, profile in found:
        by_id[account_id][account.id] = account, profile
    return {account_id: list(_line(account_id, places)) for account_id, places in by_id.items()}


def _line(account_id: UUID, places: Mapping[UUID, Place]) -> Iterator[Place]:
    above: UUID | None = account_id
    while above is not None and above in places:
        account, profile = places[above]
        yield account, profile
        above = account.parent_id


def _of_one_seller(line: Iterable[Place]) -> Iterator[Place]:
    """The line as far up as one legal person sells: what one earns must not fall to another."""
    seller: Account | None = None
    for account, profile in line:
        if seller and account.legal_name and not one_person(seller, account):
            return
        seller = account if account.legal_name else seller
        yield account, profile


def _paid(line: Iterable[Place]) -> PayoutProfile | None:
    profile = next((one for _, one in line if one is not None and _apart(one)), None)
    return None if Earning.PAID_CHARGING in BLOCKED[state_of(profile)] else profile


def _apart(profile: PayoutProfile) -> bool:
    return profile.connected_at is not None and profile.provider == settings.current().payment_provider


def _begun(profile: PayoutProfile) -> bool:
    return bool(profile.legal_kind or profile.due_at or profile.restricted_at)

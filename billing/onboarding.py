"""An operator opens his account at the payment provider: on the provider's own pages, in no transaction of ours."""

import hashlib

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from billing import queries, use_cases
from billing.payments import provider
from billing.payments.port import ProviderRefused
from billing.use_cases import BankOrder
from kit import clock
from kit.errors import Conflict


def start(actor: Actor, account_id: AccountId, return_url: str) -> str:
    """The address of the provider's page where the operator tells who he is. It brings him back to `return_url`.

    Raises NotFound, Forbidden, Conflict("not_connected"); Unavailable when the provider does not answer.
    """
    profile = use_cases.connect_provider_account(actor, account_id)
    chosen = provider(profile.provider)
    ref = profile.provider_account
    if ref is None:
        order = queries.account_order(SYSTEM, account_id)
        made = chosen.create_account(order, f"account:{account_id}:create:v{profile.attempt}")
        kept = use_cases.provider_account_made(SYSTEM, account_id, made, attempt=profile.attempt)
        ref = kept.provider_account
    assert ref is not None, "the provider made an account"
    return chosen.onboarding_url(ref, return_url)


def set_bank_account(actor: Actor, account_id: AccountId, iban: str) -> None:
    """Have the account paid out there from now on.

    Raises NotFound, Forbidden, CheckNeeded, Invalid(iban=...), Conflict("not_connected", "bank_refused"); Unavailable
    when the provider does not answer.
    """
    order = use_cases.order_bank_account(actor, account_id, iban)
    chosen = provider(order.provider)
    try:
        chosen.set_bank_account(order.account_ref, order.bank, _bank_key(account_id, order))
    except ProviderRefused as refusal:
        raise Conflict("bank_refused") from refusal
    use_cases.bank_account_taken(SYSTEM, account_id, order)
    look(order.provider, order.account_ref)


def _bank_key(account_id: AccountId, order: BankOrder) -> str:
    """The same for a wish that is repeated at once, another for going back to an earlier bank account later."""
    number = hashlib.sha256(order.bank.iban.encode()).hexdigest()[:16]
    return f"account:{account_id}:bank:{order.attempt}:{number}:{clock.now():%Y%m%d%H%M}"


def returned(account_id: AccountId) -> None:
    """The operator came back, or may have: read whether he can be paid now."""
    ref = queries.account_ref(SYSTEM, account_id)
    if ref is not None:
        look(provider().name, ref)


def look(provider_name: str, account_ref: str) -> None:
    """Read an account at the provider again and write down whether it may take payments."""
    account = provider(provider_name).read_account(account_ref)
    use_cases.provider_account_changed(SYSTEM, provider_name, account)

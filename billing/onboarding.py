"""An operator opens his account at the payment provider: on the provider's own pages, in no transaction of ours."""

from accounts.access import SYSTEM, Actor
from accounts.values import AccountId
from billing import queries, use_cases
from billing.payments import provider


def start(actor: Actor, account_id: AccountId, return_url: str) -> str:
    """The address of the provider's page where the operator tells who he is. It brings him back to `return_url`.

    Raises NotFound, Forbidden; Unavailable when the provider does not answer.
    """
    profile = use_cases.connect_provider_account(actor, account_id)
    chosen = provider(profile.provider)
    ref = profile.provider_account
    if ref is None:
        made = chosen.create_account(queries.account_order(SYSTEM, account_id), f"account:{account_id}:create:v1")
        ref = use_cases.provider_account_made(SYSTEM, account_id, made).provider_account
    assert ref is not None, "the provider made an account"
    return chosen.onboarding_url(ref, return_url)


def returned(account_id: AccountId) -> None:
    """The operator came back, or may have: read whether he can be paid now."""
    ref = queries.account_ref(SYSTEM, account_id)
    if ref is not None:
        look(provider().name, ref)


def look(provider_name: str, account_ref: str) -> None:
    """Read an account at the provider again and write down whether it may take payments."""
    account = provider(provider_name).read_account(account_ref)
    use_cases.provider_account_changed(SYSTEM, provider_name, account)

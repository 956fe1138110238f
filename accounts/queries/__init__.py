"""Every read of this room."""

from accounts.queries.accounts import AccountNode, Seller, account, account_code, account_tree, seller, tenant, tenants
from accounts.queries.actors import SignedIn, actor_of_token, actor_of_user, signed_in
from accounts.queries.logins import knows_device, my_logins
from accounts.queries.people import Person, confirmation_link_holder, names_of, people, reset_link_holder, tokens

__all__ = [
    "AccountNode",
    "Person",
    "Seller",
    "SignedIn",
    "account",
    "account_code",
    "account_tree",
    "actor_of_token",
    "actor_of_user",
    "confirmation_link_holder",
    "knows_device",
    "my_logins",
    "names_of",
    "people",
    "reset_link_holder",
    "seller",
    "signed_in",
    "tenant",
    "tenants",
    "tokens",
]

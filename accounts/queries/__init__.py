"""Every read of this room."""

from accounts.queries.accounts import AccountNode, Seller, account, account_code, account_tree, seller, tenant, tenants
from accounts.queries.actors import actor_of_token, actor_of_user
from accounts.queries.company_logins import CompanyLogin, company_login, company_logins_for, provider_client
from accounts.queries.email_changes import EmailWish, email_wish_of_link, my_email_wish
from accounts.queries.logins import knows_device, my_logins
from accounts.queries.people import Person, confirmation_link_holder, names_of, people, reset_link_holder, tokens
from accounts.queries.second_factors import (
    SecondFactors,
    my_second_factors,
    new_passkey_question,
    passkey_question,
    second_factors_of,
)
from accounts.queries.sign_in_rules import SignInRules, sign_in_rules
from accounts.queries.signed_in import SignedIn, signed_in

__all__ = [
    "AccountNode",
    "CompanyLogin",
    "EmailWish",
    "Person",
    "SecondFactors",
    "Seller",
    "SignInRules",
    "SignedIn",
    "account",
    "account_code",
    "account_tree",
    "actor_of_token",
    "actor_of_user",
    "company_login",
    "company_logins_for",
    "confirmation_link_holder",
    "email_wish_of_link",
    "knows_device",
    "my_email_wish",
    "my_logins",
    "my_second_factors",
    "names_of",
    "new_passkey_question",
    "passkey_question",
    "people",
    "provider_client",
    "reset_link_holder",
    "second_factors_of",
    "seller",
    "sign_in_rules",
    "signed_in",
    "tenant",
    "tenants",
    "tokens",
]

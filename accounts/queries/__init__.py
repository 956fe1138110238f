"""Every read of this room."""

from accounts.queries.accounts import (
    AccountNode,
    Seller,
    account,
    account_code,
    account_tree,
    seller,
    tenant,
    tenants,
    tenants_named,
)
from accounts.queries.actors import actor_of_token, actor_of_user
from accounts.queries.api_clients import ClientRow, api_clients, client_secrets
from accounts.queries.audit import (
    AuditChoices,
    AuditFilter,
    AuditPage,
    AuditRow,
    audit_anchor,
    audit_anchors,
    audit_choices,
    audit_lines,
    checked_chain,
)
from accounts.queries.company_logins import CompanyLogin, company_login, company_logins_for, provider_client
from accounts.queries.email_changes import EmailWish, email_wish_of_link, my_email_wish
from accounts.queries.entitlements import has_function
from accounts.queries.flags import FlagRow, flags, functions_on
from accounts.queries.grants import GivenRole, GrantState, Way, my_roles, role_log, roles_given, roles_held, ways
from accounts.queries.invitations import OfferedRole, invitation_of_link, invitations
from accounts.queries.logins import knows_device, my_logins
from accounts.queries.own_roles import (
    ComposedRole,
    GroupOfStations,
    own_role,
    own_roles,
    station_group,
    station_groups,
)
from accounts.queries.people import (
    Person,
    confirmation_link_holder,
    names_of,
    people,
    reset_link_holder,
    tokens,
    user_of,
)
from accounts.queries.second_factors import (
    SecondFactors,
    my_second_factors,
    new_passkey_question,
    passkey_question,
    second_factors_of,
)
from accounts.queries.sign_in_rules import SignInRules, sign_in_rules
from accounts.queries.signed_in import SignedIn, signed_in
from accounts.queries.support import Visit, present_visits, visits, visits_for_staff

__all__ = [
    "AccountNode",
    "AuditChoices",
    "AuditFilter",
    "AuditPage",
    "AuditRow",
    "ClientRow",
    "CompanyLogin",
    "ComposedRole",
    "EmailWish",
    "FlagRow",
    "GivenRole",
    "GrantState",
    "GroupOfStations",
    "OfferedRole",
    "Person",
    "SecondFactors",
    "Seller",
    "SignInRules",
    "SignedIn",
    "Visit",
    "Way",
    "account",
    "account_code",
    "account_tree",
    "actor_of_token",
    "actor_of_user",
    "api_clients",
    "audit_anchor",
    "audit_anchors",
    "audit_choices",
    "audit_lines",
    "checked_chain",
    "client_secrets",
    "company_login",
    "company_logins_for",
    "confirmation_link_holder",
    "email_wish_of_link",
    "flags",
    "functions_on",
    "has_function",
    "invitation_of_link",
    "invitations",
    "knows_device",
    "my_email_wish",
    "my_logins",
    "my_roles",
    "my_second_factors",
    "names_of",
    "new_passkey_question",
    "own_role",
    "own_roles",
    "passkey_question",
    "people",
    "present_visits",
    "provider_client",
    "reset_link_holder",
    "role_log",
    "roles_given",
    "roles_held",
    "second_factors_of",
    "seller",
    "sign_in_rules",
    "signed_in",
    "station_group",
    "station_groups",
    "tenant",
    "tenants",
    "tenants_named",
    "tokens",
    "user_of",
    "visits",
    "visits_for_staff",
    "ways",
]

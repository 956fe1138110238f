"""Tables of this room."""

from accounts.models.accounts import (
    Account,
    AccountLineage,
    CodeSecret,
    EmailChange,
    Entitlement,
    Grant,
    Identity,
    IdentityProvider,
    Invitation,
    Login,
    OwnRole,
    OwnRoleRight,
    Passkey,
    RecoveryCode,
    SignInRule,
    StationGroup,
    StationGroupMember,
    User,
)
from accounts.models.audit import AuditPeriod
from accounts.models.flags import FlagAccount, FlagShare
from accounts.models.programs import ApiClient, ApiClientSecret, ApiToken, ClientQuery, KeptAnswer
from accounts.models.support import SupportVisit

__all__ = [
    "Account",
    "AccountLineage",
    "ApiClient",
    "ApiClientSecret",
    "ApiToken",
    "AuditPeriod",
    "ClientQuery",
    "CodeSecret",
    "EmailChange",
    "Entitlement",
    "FlagAccount",
    "FlagShare",
    "Grant",
    "Identity",
    "IdentityProvider",
    "Invitation",
    "KeptAnswer",
    "Login",
    "OwnRole",
    "OwnRoleRight",
    "Passkey",
    "RecoveryCode",
    "SignInRule",
    "StationGroup",
    "StationGroupMember",
    "SupportVisit",
    "User",
]

"""Every deed of this room."""

from accounts.use_cases.accounts import create_account, create_property, update_account
from accounts.use_cases.browsers import (
    SEEN_NOTED_EVERY,
    NewLogin,
    begin_login,
    end_login,
    end_other_logins,
    note_login_seen,
    prune_logins,
)
from accounts.use_cases.codes import renew_account_code
from accounts.use_cases.grants import grant_role, revoke_grant
from accounts.use_cases.logins import change_password, confirm, register, reset_password, sign_in
from accounts.use_cases.people import confirm_email, request_password_reset, update_user
from accounts.use_cases.platform import (
    make_staff,
    open_account,
    resume_account,
    review_account,
    set_platform_fee,
    suspend_account,
)
from accounts.use_cases.tokens import TOKEN_ROLES, NewToken, create_api_token, note_token_use, revoke_api_token

__all__ = [
    "SEEN_NOTED_EVERY",
    "TOKEN_ROLES",
    "NewLogin",
    "NewToken",
    "begin_login",
    "change_password",
    "confirm",
    "confirm_email",
    "create_account",
    "create_api_token",
    "create_property",
    "end_login",
    "end_other_logins",
    "grant_role",
    "make_staff",
    "note_login_seen",
    "note_token_use",
    "open_account",
    "prune_logins",
    "register",
    "renew_account_code",
    "request_password_reset",
    "reset_password",
    "resume_account",
    "review_account",
    "revoke_api_token",
    "revoke_grant",
    "set_platform_fee",
    "sign_in",
    "suspend_account",
    "update_account",
    "update_user",
]

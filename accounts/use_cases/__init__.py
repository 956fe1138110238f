"""Every deed of this room."""

from accounts.use_cases.accounts import (
    create_account,
    create_beside,
    create_branch,
    create_property,
    move_account,
    update_account,
)
from accounts.use_cases.answers import NotKept, answer_once, forget_answers
from accounts.use_cases.api_clients import (
    KEY_LASTS,
    NewClientSecret,
    create_api_client,
    end_old_client_secrets,
    forget_access_tokens,
    issue_access_token,
    renew_client_secret,
    revoke_access_token,
    revoke_api_client,
)
from accounts.use_cases.audit import forget_audit_lines, forget_origins, part_audit, seal_audit_lines
from accounts.use_cases.browsers import (
    SEEN_NOTED_EVERY,
    NewLogin,
    begin_login,
    end_login,
    end_other_logins,
    note_login_seen,
    prune_logins,
)
from accounts.use_cases.client_queries import register_query, remove_query, restrict_client
from accounts.use_cases.closing import end_account
from accounts.use_cases.codes import renew_account_code
from accounts.use_cases.company_logins import (
    link_identity,
    recognise,
    recognise_for_platform,
    remove_company_login,
    set_company_login,
)
from accounts.use_cases.email_changes import (
    agree_to_email_change,
    cancel_email_change,
    request_email_change,
    stop_email_change,
)
from accounts.use_cases.entitlements import entitle
from accounts.use_cases.flags import set_flag
from accounts.use_cases.goodbye import delete_login
from accounts.use_cases.grants import grant_role, note_grant_uses, revoke_grant
from accounts.use_cases.groups import (
    create_station_group,
    remove_station_group,
    rename_station_group,
    store_group_stations,
)
from accounts.use_cases.invitations import accept_invitation, decline_invitation, invite, withdraw_invitation
from accounts.use_cases.logins import (
    accept_as_new_person,
    change_password,
    check_password,
    confirm,
    register,
    reset_password,
    sign_in,
)
from accounts.use_cases.own_roles import change_own_role, create_own_role, remove_own_role
from accounts.use_cases.owners import change_owner
from accounts.use_cases.passkeys import AddedPasskey, add_passkey, remove_passkey, rename_passkey, use_passkey
from accounts.use_cases.people import confirm_email, request_password_reset, update_user
from accounts.use_cases.platform import (
    make_staff,
    open_account,
    open_account_for,
    resume_account,
    review_account,
    set_platform_fee,
    suspend_account,
)
from accounts.use_cases.second_factors import (
    begin_codes,
    confirm_codes,
    forget_second_factors,
    note_check,
    remove_codes,
    renew_recovery_codes,
    use_code,
)
from accounts.use_cases.sign_in_rules import demand_second_factor
from accounts.use_cases.support import (
    LONGEST_PATH,
    agree_to_visit,
    ask_for_visit,
    decline_visit,
    end_visit,
    enter_account,
    leave_account,
    note_look,
)
from accounts.use_cases.tokens import TOKEN_ROLES, NewToken, create_api_token, note_token_use, revoke_api_token

__all__ = [
    "KEY_LASTS",
    "LONGEST_PATH",
    "SEEN_NOTED_EVERY",
    "TOKEN_ROLES",
    "AddedPasskey",
    "NewClientSecret",
    "NewLogin",
    "NewToken",
    "NotKept",
    "accept_as_new_person",
    "accept_invitation",
    "add_passkey",
    "agree_to_email_change",
    "agree_to_visit",
    "answer_once",
    "ask_for_visit",
    "begin_codes",
    "begin_login",
    "cancel_email_change",
    "change_own_role",
    "change_owner",
    "change_password",
    "check_password",
    "confirm",
    "confirm_codes",
    "confirm_email",
    "create_account",
    "create_api_client",
    "create_api_token",
    "create_beside",
    "create_branch",
    "create_own_role",
    "create_property",
    "create_station_group",
    "decline_invitation",
    "decline_visit",
    "delete_login",
    "demand_second_factor",
    "end_account",
    "end_login",
    "end_old_client_secrets",
    "end_other_logins",
    "end_visit",
    "enter_account",
    "entitle",
    "forget_access_tokens",
    "forget_answers",
    "forget_audit_lines",
    "forget_origins",
    "forget_second_factors",
    "grant_role",
    "invite",
    "issue_access_token",
    "leave_account",
    "link_identity",
    "make_staff",
    "move_account",
    "note_check",
    "note_grant_uses",
    "note_login_seen",
    "note_look",
    "note_token_use",
    "open_account",
    "open_account_for",
    "part_audit",
    "prune_logins",
    "recognise",
    "recognise_for_platform",
    "register",
    "register_query",
    "remove_codes",
    "remove_company_login",
    "remove_own_role",
    "remove_passkey",
    "remove_query",
    "remove_station_group",
    "rename_passkey",
    "rename_station_group",
    "renew_account_code",
    "renew_client_secret",
    "renew_recovery_codes",
    "request_email_change",
    "request_password_reset",
    "reset_password",
    "restrict_client",
    "resume_account",
    "review_account",
    "revoke_access_token",
    "revoke_api_client",
    "revoke_api_token",
    "revoke_grant",
    "seal_audit_lines",
    "set_company_login",
    "set_flag",
    "set_platform_fee",
    "sign_in",
    "stop_email_change",
    "store_group_stations",
    "suspend_account",
    "update_account",
    "update_user",
    "use_code",
    "use_passkey",
    "withdraw_invitation",
]

"""Words for how people sign in, and for visits of support."""

from enum import Enum

from accounts.values import SignInMethod, SupportState
from kit.i18n import lazy_ as word

LOGINS: dict[Enum, str] = {
    SignInMethod.PASSWORD: word("Password"),
    SignInMethod.PASSWORD_AND_CODE: word("Password and code"),
    SignInMethod.PASSWORD_AND_RECOVERY_CODE: word("Password and recovery code"),
    SignInMethod.PASSWORD_AND_PASSKEY: word("Password and passkey"),
    SignInMethod.PASSKEY: word("Passkey"),
    SignInMethod.COMPANY: word("Company sign-in"),
    SignInMethod.OTHER_PLATFORM: word("Sign-in of another platform"),
    SupportState.WAITING: word("Waits for an answer"),
    SupportState.OPEN: word("Agreed to"),
    SupportState.DECLINED: word("Declined"),
    SupportState.OVER: word("Over"),
}

"""The whole policy on one screen: which right exists, which role holds it."""

from enum import Enum


class Right(Enum):
    """One thing that may be done, `noun:verb`."""

    VIEW_ACCOUNT = "account:view"
    MANAGE_ACCOUNT = "account:manage"
    HAND_OVER = "account:hand-over"
    CLOSE_ACCOUNT = "account:close"
    MANAGE_PEOPLE = "people:manage"
    MANAGE_TOKENS = "token:manage"
    VIEW_STATIONS = "station:view"
    MANAGE_STATIONS = "station:manage"
    COMMAND_STATIONS = "station:command"
    VIEW_MESSAGES = "message:view"
    VIEW_SESSIONS = "session:view"
    CONTROL_SESSIONS = "session:control"
    VIEW_TARIFFS = "tariff:view"
    MANAGE_TARIFFS = "tariff:manage"
    VIEW_INCOME = "income:view"
    REFUND = "payment:refund"
    MANAGE_PAYOUT = "payout:manage"
    VIEW_LICENCES = "licence:view"
    MANAGE_LICENCES = "licence:manage"
    VIEW_AUDIT = "audit:view"


class Role(Enum):
    """A set of rights with a name that people understand."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    TECHNICIAN = "technician"
    ACCOUNTANT = "accountant"
    SUPPORT = "support"
    VIEWER = "viewer"
    INSTALLER = "installer"
    API_CLIENT = "api_client"


_LOOK = {Right.VIEW_ACCOUNT, Right.VIEW_STATIONS, Right.VIEW_SESSIONS, Right.VIEW_TARIFFS}
_HELP = _LOOK | {Right.COMMAND_STATIONS, Right.VIEW_MESSAGES, Right.CONTROL_SESSIONS}
_RUN = _HELP | {Right.MANAGE_STATIONS}
_TRADE = _RUN | {Right.MANAGE_TARIFFS, Right.VIEW_INCOME, Right.REFUND, Right.VIEW_LICENCES}
_INSTALL = {Right.VIEW_STATIONS, Right.MANAGE_STATIONS, Right.COMMAND_STATIONS, Right.VIEW_MESSAGES}

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMINISTRATOR: frozenset(set(Right) - {Right.MANAGE_PAYOUT, Right.HAND_OVER, Right.CLOSE_ACCOUNT}),
    Role.MANAGER: frozenset(_TRADE),
    Role.TECHNICIAN: frozenset(_RUN),
    Role.ACCOUNTANT: frozenset(_LOOK | {Right.VIEW_INCOME, Right.REFUND, Right.VIEW_LICENCES}),
    Role.SUPPORT: frozenset(_HELP),
    Role.VIEWER: frozenset(_LOOK),
    Role.INSTALLER: frozenset({Right.VIEW_ACCOUNT} | _INSTALL),
    Role.API_CLIENT: frozenset(_TRADE),
}

# what the platform's own support sees of an account that agreed to its visit: the role, without its deeds
SEEN_BY_SUPPORT = frozenset(right for right in ROLE_RIGHTS[Role.SUPPORT] if right.value.endswith(":view"))

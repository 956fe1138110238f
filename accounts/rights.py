"""The whole policy on one screen: which right exists, which role holds it."""

from enum import Enum


class Right(Enum):
    """One thing that may be done, `noun:verb`."""

    VIEW_ACCOUNT = "account:view"
    MANAGE_ACCOUNT = "account:manage"
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


class Role(Enum):
    """A set of rights with a name that people understand."""

    OWNER = "owner"
    MANAGER = "manager"
    TECHNICIAN = "technician"
    ACCOUNTANT = "accountant"
    VIEWER = "viewer"
    API_CLIENT = "api_client"


_LOOK = {Right.VIEW_ACCOUNT, Right.VIEW_STATIONS, Right.VIEW_SESSIONS, Right.VIEW_TARIFFS}
_RUN = _LOOK | {Right.MANAGE_STATIONS, Right.COMMAND_STATIONS, Right.VIEW_MESSAGES, Right.CONTROL_SESSIONS}

ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(_RUN | {Right.MANAGE_TARIFFS, Right.VIEW_INCOME, Right.REFUND}),
    Role.TECHNICIAN: frozenset(_RUN),
    Role.ACCOUNTANT: frozenset(_LOOK | {Right.VIEW_INCOME, Right.REFUND}),
    Role.VIEWER: frozenset(_LOOK),
    Role.API_CLIENT: frozenset(_RUN | {Right.MANAGE_TARIFFS, Right.VIEW_INCOME, Right.REFUND}),
}

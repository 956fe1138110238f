"""Words for accounts, roles and rights."""

from enum import Enum

from accounts.queries import GrantState
from accounts.rights import Right, Role
from accounts.values import AccountKind, InvitationKind, InvitationState
from kit.i18n import lazy_ as word

RIGHTS: dict[Enum, str] = {
    AccountKind.MASTER: word("Master account"),
    AccountKind.PROPERTY: word("Property"),
    Role.OWNER: word("Owner"),
    Role.ADMINISTRATOR: word("Administrator"),
    Role.MANAGER: word("Manager"),
    Role.TECHNICIAN: word("Technician"),
    Role.ACCOUNTANT: word("Accountant"),
    Role.SUPPORT: word("Support"),
    Role.VIEWER: word("Viewer"),
    Role.INSTALLER: word("Installer"),
    Role.API_CLIENT: word("Program with write access"),
    Right.VIEW_ACCOUNT: word("see the account"),
    Right.MANAGE_ACCOUNT: word("change the account"),
    Right.HAND_OVER: word("hand the account over to somebody else"),
    Right.CLOSE_ACCOUNT: word("close the account and take a copy of everything"),
    Right.MANAGE_PEOPLE: word("give and take back roles"),
    Right.MANAGE_TOKENS: word("make API keys"),
    Right.VIEW_STATIONS: word("see stations"),
    Right.MANAGE_STATIONS: word("set up stations"),
    Right.COMMAND_STATIONS: word("send commands to stations"),
    Right.VIEW_MESSAGES: word("read the message log"),
    Right.VIEW_SESSIONS: word("see sessions"),
    Right.CONTROL_SESSIONS: word("start, stop and correct sessions"),
    Right.VIEW_TARIFFS: word("see prices"),
    Right.MANAGE_TARIFFS: word("set prices"),
    Right.VIEW_INCOME: word("see the income"),
    Right.REFUND: word("give money back"),
    Right.VIEW_AUDIT: word("see who did what"),
    Right.MANAGE_PAYOUT: word("decide where the money goes"),
    InvitationKind.PERSON: word("A person"),
    InvitationKind.COMPANY: word("A company, for its people"),
    InvitationKind.REQUEST: word("Ask another account for this role"),
    InvitationState.OPEN: word("open"),
    InvitationState.ACCEPTED: word("accepted"),
    InvitationState.DECLINED: word("declined"),
    InvitationState.WITHDRAWN: word("withdrawn"),
    GrantState.LIVE: word("counts"),
    GrantState.ENDED: word("ended"),
    GrantState.REVOKED: word("taken back"),
    Right.VIEW_LICENCES: word("see the plan and its invoices"),
    Right.MANAGE_LICENCES: word("buy and cancel licences"),
}

"""The rights in words, as the page of a refusal names them."""

from enum import Enum

from accounts.rights import Right
from kit.i18n import lazy_ as word

RIGHTS: dict[Enum, str] = {
    Right.VIEW_ACCOUNT: word("see the account"),
    Right.MANAGE_ACCOUNT: word("change the account"),
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
    Right.MANAGE_PAYOUT: word("decide where the money goes"),
}

"""Functions that are switched on step by step: for everybody, for chosen accounts, for a share of them.

What there is stands here, with what it does; `switched_on` is the one place that decides. It is asked on every page, so
the switches are known to the process (`kit.known`) and mostly cost no statement.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select

from accounts.errors import NotSwitchedOn
from accounts.models import AccountLineage, FlagAccount, FlagShare
from kit import db
from kit.i18n import lazy_ as word
from kit.known import Known


class Flag(Enum):
    """A function with a switch. Whoever makes one takes it out again when everybody has it."""

    OWN_IMPORT = "own_import"


@dataclass(frozen=True)
class Declared:
    """What people read of a flag."""

    name: str
    does: str


FLAGS: Mapping[Flag, Declared] = {
    Flag.OWN_IMPORT: Declared(
        word("Import by operators"),
        word(
            "Administrators bring stations, people, tags and past sessions of another platform along by themselves. "
            "Without it, the people who run the platform do it for them."
        ),
    )
}


@dataclass(frozen=True)
class Switch:
    """How far a flag is on: for so many of a hundred accounts, and for these with all below them."""

    percent: int = 0
    accounts: frozenset[UUID] = frozenset()

    def is_on(self, flag: Flag, account_id: UUID) -> bool:
        """Whether the account has the function. A larger share contains the smaller one."""
        return account_id in self.accounts or _place(flag, account_id) < self.percent


def switched_on(flag: Flag, account_id: UUID) -> bool:
    """Whether an account has a function."""
    return _switches().get(flag, Switch()).is_on(flag, account_id)


def must_be_on(flag: Flag, account_id: UUID) -> None:
    """Refuse what the account does not have yet; asked behind the right. Raises NotSwitchedOn."""
    if not switched_on(flag, account_id):
        raise NotSwitchedOn(flag.value)


def _place(flag: Flag, account_id: UUID) -> int:
    """Where an account stands among a hundred, another place for each flag."""
    return int.from_bytes(hashlib.sha256(f"{flag.value}:{account_id}".encode()).digest()[:8]) % 100


def read_switches(*, below: bool = True) -> dict[Flag, Switch]:
    """All switches as they are stored; flags that the code does not know any more are left out.

    `below`: with all accounts below the chosen ones.
    """
    known = {flag.value: flag for flag in Flag}
    session = db.session()
    shares: dict[str, int] = {row.flag: row.percent for row in session.scalars(select(FlagShare))}
    chosen: dict[str, set[UUID]] = {}
    reached: Any = select(FlagAccount.flag, FlagAccount.account_id)
    if below:
        reached = select(FlagAccount.flag, AccountLineage.account_id).join(
            AccountLineage, AccountLineage.ancestor_id == FlagAccount.account_id
        )
    for name, account_id in session.execute(reached):
        chosen.setdefault(name, set()).add(account_id)
    return {
        flag: Switch(shares.get(name, 0), frozenset(chosen.get(name, ())))
        for name, flag in known.items()
        if name in shares or name in chosen
    }


_switches = Known("flags", read_switches)

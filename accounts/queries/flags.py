"""Which functions are switched on, and for whom."""

from dataclasses import dataclass

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, allowed_in
from accounts.flags import Flag, Switch, read_switches, switched_on
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.use_case import query


@dataclass(frozen=True)
class FlagRow:
    """A flag as the staff reads it; `accounts` are the chosen ones."""

    flag: Flag
    percent: int
    accounts: tuple[Account, ...]


@query
def flags(actor: Actor) -> list[FlagRow]:
    """Every flag that the code knows, and how far it is on."""
    access.staff(actor)
    switches = read_switches(below=False)
    ids = {account_id for switch in switches.values() for account_id in switch.accounts}
    chosen = list(db.session().scalars(select(Account).where(Account.id.in_(ids)).order_by(Account.name)))
    rows = [(flag, switches.get(flag, Switch())) for flag in Flag]
    return [
        FlagRow(flag, switch.percent, tuple(one for one in chosen if one.id in switch.accounts))
        for flag, switch in rows
    ]


@query
def functions_on(actor: Actor, account_id: AccountId) -> list[Flag]:
    """Which of the functions with a switch an account has."""
    allowed_in(actor, Right.VIEW_ACCOUNT, account_id)
    return [flag for flag in Flag if switched_on(flag, account_id)]

"""Functions switched on and off by the staff of the platform."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select

from accounts import access
from accounts.access import Actor
from accounts.flags import Flag
from accounts.models import Account, FlagAccount, FlagShare
from kit import db, notes
from kit.errors import Invalid
from kit.use_case import use_case

MOST_ACCOUNTS = 500


@use_case
def set_flag(actor: Actor, name: str, *, percent: int, account_ids: Collection[UUID] = ()) -> None:
    """Switch a function on for so many of a hundred accounts, and for these with all below them; 100: for everybody.

    Raises Invalid(flag=, percent=, accounts=).
    """
    access.staff(actor)
    if name not in {flag.value for flag in Flag}:
        raise Invalid(flag="unknown")
    if not 0 <= percent <= 100:
        raise Invalid(percent="out_of_range")
    wanted = set(account_ids)
    if len(wanted) > MOST_ACCOUNTS:
        raise Invalid(accounts="too_many")
    if len(db.session().scalars(select(Account.id).where(Account.id.in_(wanted))).all()) != len(wanted):
        raise Invalid(accounts="unknown")
    for table in (FlagShare, FlagAccount):
        db.session().execute(delete(table).where(table.flag == name))
    db.session().add(FlagShare(flag=name, percent=percent))
    db.session().add_all(FlagAccount(flag=name, account_id=account_id) for account_id in wanted)
    notes.tell("flags")

"""RFID tags."""

from collections.abc import Sequence

from sqlalchemy import func, select

from accounts.access import Actor, visible, within
from accounts.rights import Right
from accounts.values import AccountId
from charging.models import Tag
from kit import db
from kit.use_case import query


@query
def tags(actor: Actor, account_id: AccountId | None = None) -> Sequence[Tag]:
    """The tags of the accounts where the actor sees sessions, by name."""
    found = visible(actor, Right.VIEW_SESSIONS, select(Tag), Tag)
    if account_id is not None:
        found = found.where(within(Tag, account_id))
    return db.session().scalars(found.order_by(func.lower(Tag.name), Tag.id_tag)).all()

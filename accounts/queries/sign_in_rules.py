"""What an account demands of its people when they sign in, and who does not meet it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from accounts.access import Actor, allowed_in
from accounts.models import AccountLineage, CodeSecret, Grant, Passkey, SignInRule, User
from accounts.rights import Right
from accounts.shares import live
from accounts.values import AccountId
from kit import db
from kit.use_case import query

_theirs = aliased(Grant)


@dataclass(frozen=True)
class SignInRules:
    """The rules of one account. `without`: names or addresses of those who have no second factor, of its people and of
    those who act through another account.
    """

    second_factor_at: datetime | None
    without: Sequence[str]


@query
def sign_in_rules(actor: Actor, account_id: AccountId) -> SignInRules:
    """What is demanded of the people of an account."""
    allowed_in(actor, Right.MANAGE_PEOPLE, account_id)
    row = db.session().get(SignInRule, account_id)
    codes = exists().where(CodeSecret.user_id == User.id, CodeSecret.confirmed_at.is_not(None))
    here = select(AccountLineage.account_id).where(AccountLineage.ancestor_id == account_id)
    bare = select(User.name, User.email).where(~codes, ~exists().where(Passkey.user_id == User.id))
    holders = select(Grant.holder_id).where(Grant.account_id.in_(here), Grant.holder_id.is_not(None), live())
    there = or_(_theirs.account_id.in_(here), _theirs.account_id.in_(holders))
    bare = bare.where(exists().where(_theirs.user_id == User.id, there, live(_theirs))).order_by(User.email)
    without = [name or email for name, email in db.session().execute(bare)]
    return SignInRules(row.second_factor_at if row else None, without)

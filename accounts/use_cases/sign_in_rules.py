"""What an account demands of its people when they sign in."""

from datetime import datetime

from accounts.access import Actor, allowed
from accounts.models import Account, SignInRule
from accounts.presence import fresh
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Invalid
from kit.use_case import use_case


@use_case
def demand_second_factor(actor: Actor, account_id: AccountId, *, second_factor_at: datetime | None) -> None:
    """From then on, roles on this account and below count only for people who signed in with a second factor; None:
    nothing is demanded any more. Raises CheckNeeded, Invalid(day="in_the_past").
    """
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    fresh(actor)
    row = db.session().get(SignInRule, account_id)
    if row is None:
        row = SignInRule(account_id=account_id)
        db.session().add(row)
    same = row.second_factor_at == second_factor_at
    if second_factor_at is not None and not same and (clock.now() - second_factor_at).days >= 1:
        raise Invalid(day="in_the_past")
    row.second_factor_at = second_factor_at

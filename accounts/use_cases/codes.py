"""The account's part of its chargers' addresses."""

from sqlalchemy import exists, select

from accounts.access import Actor, allowed
from accounts.codes import clean_account_code, new_account_code
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import db
from kit.errors import Invalid
from kit.use_case import use_case


@use_case
def renew_account_code(actor: Actor, account_id: AccountId, *, account_code: str = "") -> str:
    """Give the account another code; chargers that dial the old one are not let in any more.

    `account_code`: one that stands in the chargers already, from the platform that they dialled before.
    Raises Invalid(account_code=).
    """
    account = allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    wanted = clean_account_code(account_code) if account_code.strip() else new_account_code()
    if wanted is None:
        raise Invalid(account_code="not_a_code")
    if wanted != account.code and db.session().scalar(select(exists().where(Account.code == wanted))):
        raise Invalid(account_code="taken")
    account.code = wanted
    return wanted

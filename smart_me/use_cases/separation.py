"""OCPP stations leave an account of smart-me: one of their own beside it takes them, while they charge."""

from sqlalchemy import select

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.use_cases import create_beside
from accounts.values import AccountId
from billing.use_cases import Split, split_account
from kit import db
from kit.use_case import use_case
from stations.kinds import StationKind
from stations.models import Station


@use_case
def separate(actor: Actor, account_id: AccountId, *, name: str = "") -> Split:
    """Give the OCPP stations of an account an account of their own beside it, all or none (`split_account`).

    Raises NoPlaceBeside, Invalid(name=), Conflict(nothing_to_move).
    """
    account = allowed(actor, Right.MANAGE_STATIONS, Account, account_id, lock=True)
    leaving = db.session().scalars(
        select(Station.id).where(Station.account_id == account_id, Station.kind == StationKind.OCPP)
    )
    return split_account(actor, account_id, station_ids=leaving.all(), name=name.strip() or _called(account))


@use_case
def account_beside(actor: Actor, account_id: AccountId) -> Account:
    """The account for OCPP stations beside one of smart-me; made when it is first asked for. Raises NoPlaceBeside."""
    account = allowed(actor, Right.MANAGE_STATIONS, Account, account_id, lock=True)
    return create_beside(actor, account_id, name=_called(account))


def _called(account: Account) -> str:
    return f"{account.name} OCPP"

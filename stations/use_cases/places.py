"""Saying that stations belong together, although they stand apart."""

from accounts.access import Actor, allowed
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.use_case import use_case
from stations.models import AcceptedMixture
from stations.queries.places import account_places


@use_case
def accept_mixture(actor: Actor, account_id: AccountId) -> None:
    """Warn nobody any more that the account mixes properties, until a station stands at yet another place."""
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    keys = [place.key for place in account_places(actor, account_id).places]
    row = db.session().get(AcceptedMixture, account_id)
    if row is None:
        row = AcceptedMixture(account_id=account_id)
        db.session().add(row)
    row.keys, row.accepted_by, row.accepted_at = keys, actor.reference, clock.now()


@use_case
def warn_of_mixture(actor: Actor, account_id: AccountId) -> None:
    """Warn again; twice is harmless."""
    allowed(actor, Right.MANAGE_ACCOUNT, Account, account_id, lock=True)
    row = db.session().get(AcceptedMixture, account_id)
    if row is not None:
        db.session().delete(row)

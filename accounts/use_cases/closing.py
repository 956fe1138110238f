"""An account ends, with whatever opens it and whoever is named in it. The row stays for what refers to it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, update

from accounts import shares, tree
from accounts.access import Actor, system
from accounts.codes import new_account_code
from accounts.models import Account, Invitation, StationGroup, StationGroupMember
from accounts.rights import Role
from accounts.use_cases.owners import end_everything
from accounts.values import AccountId
from kit import clock, db, notes
from kit.use_case import use_case

_NAMED = ("legal_name", "street", "postcode", "city", "contact_email", "contact_phone", "uid")


@use_case
def end_account(actor: Actor, account_id: AccountId, *, pseudonym: str, station_ids: Collection[UUID]) -> None:
    """End roles, offers, keys, clients and the company's own sign-in, and forget who the owner was. Nobody reaches the
    account any more, and chargers that dial its code find nobody.
    """
    system(actor)
    session, now = db.session(), clock.now()
    account = session.get_one(Account, account_id, with_for_update=True)
    end_everything(actor, account_id)
    named = update(Invitation).where(Invitation.account_id == account_id)
    session.execute(named.values(email="", name=""))
    groups = update(StationGroup).where(StationGroup.account_id == account_id, StationGroup.removed_at.is_(None))
    session.execute(groups.values(removed_at=now))
    session.execute(delete(StationGroupMember).where(StationGroupMember.station_id.in_(station_ids)))
    tree.move(account, None, by=actor.reference, role=Role.OWNER)
    for field in _NAMED:
        setattr(account, field, "")
    account.name, account.code, account.vat_registered, account.reviewed_at = pseudonym, new_account_code(), False, None
    account.closed_at, account.suspended_at = now, account.suspended_at or now
    session.flush()
    shares.forget()
    notes.tell("account", account_id)

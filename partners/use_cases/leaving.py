"""A partner company whose account ends."""

from sqlalchemy import delete, select

from accounts.access import Actor, system
from accounts.values import AccountId
from kit import db
from kit.use_case import use_case
from partners.models import InstallerProposal, Partner, PartnerLanguage, PartnerRegion

_SAID = ("email", "description", "phone", "website", "street", "postcode", "city", "training_note")


@use_case
def leave_directory(actor: Actor, account_id: AccountId, *, pseudonym: str) -> None:
    """Nobody finds the partner any more; what it signed stays signed. Companies that the account proposed go."""
    system(actor)
    session = db.session()
    session.execute(delete(InstallerProposal).where(InstallerProposal.account_id == account_id))
    row = session.scalar(select(Partner).where(Partner.account_id == account_id).with_for_update())
    if row is None:
        return
    row.name, row.listed, row.trained_until = pseudonym, False, None
    for field in _SAID:
        setattr(row, field, "")
    for model in (PartnerRegion, PartnerLanguage):
        session.execute(delete(model).where(model.partner_id == row.id))

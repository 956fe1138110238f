"""Companies that operators would like to see as partners, and what letters say."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from accounts import access
from accounts.access import Actor
from accounts.models import Account
from kit import db
from kit.errors import NotFound
from kit.use_case import query
from partners.models import InstallerProposal, Partner

MOST = 200


@dataclass(frozen=True)
class Proposal:
    """A proposed company and who would like to work with it."""

    proposal: InstallerProposal
    account: str


@query
def open_proposals(actor: Actor) -> list[Proposal]:
    """Companies that nobody has talked to yet, for staff; the oldest first."""
    access.staff(actor)
    joined = (
        select(InstallerProposal, Account.name)
        .join(Account, Account.id == InstallerProposal.account_id)
        .where(InstallerProposal.settled_at.is_(None))
        .order_by(InstallerProposal.proposed_at, InstallerProposal.id)
        .limit(MOST)
    )
    return [Proposal(proposal, name) for proposal, name in db.session().execute(joined)]


@query
def proposal_letter(actor: Actor, proposal_id: UUID) -> tuple[InstallerProposal, Account]:
    """For the letter: the proposed company, and the account that would like to work with it."""
    access.system(actor)
    proposal = db.session().get(InstallerProposal, proposal_id)
    if proposal is None:
        raise NotFound()
    return proposal, db.session().get_one(Account, proposal.account_id)


@query
def training_letter(actor: Actor, partner_id: UUID) -> tuple[Partner, Account]:
    """For the letter: the trained partner and its account, whose language it reads."""
    access.system(actor)
    partner = db.session().get(Partner, partner_id)
    if partner is None:
        raise NotFound()
    return partner, db.session().get_one(Account, partner.account_id)

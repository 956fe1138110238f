"""Operators know installers who could become partners."""

from sqlalchemy import select

from accounts import access
from accounts.access import Actor, allowed
from accounts.addresses import clean_email
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, Invalid, NotFound
from kit.events import record
from kit.ids import new_id
from kit.use_case import use_case
from partners.events import InstallerProposed
from partners.models import InstallerProposal
from partners.values import ProposalId

LONGEST = {"name": 120, "note": 500}


@use_case
def propose_installer(
    actor: Actor, account_id: AccountId, *, name: str, email: str, note: str = ""
) -> InstallerProposal:
    """Name a company that should become a partner; it is asked by mail, and the platform is told.

    Raises Invalid, Conflict("proposed_already").
    """
    allowed(actor, Right.MANAGE_PEOPLE, Account, account_id, lock=True)
    texts = {"name": " ".join(name.split()), "note": note.strip()}
    problems = {field: "too_long" for field, text in texts.items() if len(text) > LONGEST[field]}
    if problems or not texts["name"]:
        raise Invalid(**(problems or {"name": "required"}))
    address = clean_email(email)
    same = (
        InstallerProposal.account_id == account_id,
        InstallerProposal.email == address,
        InstallerProposal.settled_at.is_(None),
    )
    if db.session().scalar(select(InstallerProposal.id).where(*same)) is not None:
        raise Conflict("proposed_already")
    proposal = InstallerProposal(
        id=new_id(),
        account_id=account_id,
        email=address,
        proposed_by=actor.reference,
        proposed_at=clock.now(),
        **texts,
    )
    db.session().add(proposal)
    record(InstallerProposed(proposal.id))
    return proposal


@use_case
def settle_proposal(actor: Actor, proposal_id: ProposalId) -> None:
    """The platform has talked to the company; twice is harmless."""
    access.staff(actor)
    proposal = db.session().get(InstallerProposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    proposal.settled_at = proposal.settled_at or clock.now()

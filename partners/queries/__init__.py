"""Everything that is read of this room."""

from partners.queries.directory import (
    Listed,
    directory,
    listed_partner,
    partner_of_account,
    partners_for_staff,
    region_counts,
)
from partners.queries.proposals import Proposal, open_proposals, proposal_letter, training_letter

__all__ = [
    "Listed",
    "Proposal",
    "directory",
    "listed_partner",
    "open_proposals",
    "partner_of_account",
    "partners_for_staff",
    "proposal_letter",
    "region_counts",
    "training_letter",
]

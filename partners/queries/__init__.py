"""Everything that is read of this room."""

from partners.queries.assignments import (
    AssignmentRow,
    Installation,
    assignments,
    assignments_to_dissolve,
    installations,
    installations_after,
    own_assignments,
)
from partners.queries.commissioning import Commissioning, commissioning, own_reports, report, report_letter
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
    "AssignmentRow",
    "Commissioning",
    "Installation",
    "Listed",
    "Proposal",
    "assignments",
    "assignments_to_dissolve",
    "commissioning",
    "directory",
    "installations",
    "installations_after",
    "listed_partner",
    "open_proposals",
    "own_assignments",
    "own_reports",
    "partner_of_account",
    "partners_for_staff",
    "proposal_letter",
    "region_counts",
    "report",
    "report_letter",
    "training_letter",
]

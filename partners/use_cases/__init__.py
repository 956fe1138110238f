"""Every deed of this room."""

from partners.use_cases.assignments import (
    accept_assignment,
    decline_assignment,
    dissolve_assignment,
    end_assignment,
    invite_partner,
)
from partners.use_cases.leaving import leave_directory
from partners.use_cases.profiles import register_partner, update_partner
from partners.use_cases.proposals import propose_installer, settle_proposal
from partners.use_cases.reports import sign_report
from partners.use_cases.training import confirm_training, end_training

__all__ = [
    "accept_assignment",
    "confirm_training",
    "decline_assignment",
    "dissolve_assignment",
    "end_assignment",
    "end_training",
    "invite_partner",
    "leave_directory",
    "propose_installer",
    "register_partner",
    "settle_proposal",
    "sign_report",
    "update_partner",
]

"""Every deed of this room."""

from partners.use_cases.profiles import register_partner, update_partner
from partners.use_cases.proposals import propose_installer, settle_proposal
from partners.use_cases.training import confirm_training, end_training

__all__ = [
    "confirm_training",
    "end_training",
    "propose_installer",
    "register_partner",
    "settle_proposal",
    "update_partner",
]

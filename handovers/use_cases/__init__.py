"""Every deed of this room."""

from handovers.use_cases.agreeing import (
    accept_hand_over,
    cancel_hand_over,
    confirm_hand_over,
    decline_hand_over,
    request_hand_over,
    store_new_owner,
)
from handovers.use_cases.carrying_out import carry_out
from handovers.use_cases.logins import accept_as_new_owner

__all__ = [
    "accept_as_new_owner",
    "accept_hand_over",
    "cancel_hand_over",
    "carry_out",
    "confirm_hand_over",
    "decline_hand_over",
    "request_hand_over",
    "store_new_owner",
]

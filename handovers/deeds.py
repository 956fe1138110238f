"""What the doors of this room do, in words; by the names of the doors."""

from kit.i18n import lazy_ as word

DEEDS: dict[str, str] = {
    "accept_hand_over": word("Hand-over accepted by the new owner"),
    "cancel_hand_over": word("Hand-over undone"),
    "carry_out": word("Account handed over"),
    "confirm_hand_over": word("Hand-over confirmed by the old owner"),
    "decline_hand_over": word("Hand-over declined by the new owner"),
    "request_hand_over": word("Hand-over asked for"),
    "store_new_owner": word("Login of the new owner made, and hand-over accepted"),
}

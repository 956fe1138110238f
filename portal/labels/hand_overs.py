"""Words for hand-overs."""

from enum import Enum

from handovers.part_words import PARTS
from handovers.values import HandOverState
from kit.i18n import lazy_ as word

HAND_OVERS: dict[Enum, str] = {
    **PARTS,
    HandOverState.REQUESTED: word("Waits for the old owner"),
    HandOverState.OFFERED: word("Waits for the new owner"),
    HandOverState.AGREED: word("Waits for its day"),
    HandOverState.DONE: word("Handed over"),
    HandOverState.DECLINED: word("Declined"),
    HandOverState.CANCELLED: word("Undone"),
}

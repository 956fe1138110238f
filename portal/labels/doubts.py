"""Words for what should be looked at: doubts, and ends without a session."""

from enum import Enum

from charging.values import Doubt, OrphanState
from kit.i18n import lazy_ as word

DOUBTS: dict[Enum, str] = {
    Doubt.SCHEMA: word("The message deviates from the standard"),
    Doubt.UNSTORED: word("The message could not be stored"),
    Doubt.CLOCK: word("The station's clock is wrong"),
    Doubt.REGISTER_BACKWARDS: word("The meter ran backwards"),
    Doubt.UNKNOWN_TRANSACTION: word("Unknown transaction"),
    Doubt.UNKNOWN_TAG: word("Unknown tag"),
    Doubt.STOP_DIFFERS: word("Two different reports of the end"),
    Doubt.ESTIMATED: word("Estimated"),
    Doubt.IMPLAUSIBLE: word("Not plausible"),
    Doubt.GAP: word("Energy without a session"),
    OrphanState.OPEN: word("To be settled"),
    OrphanState.MATCHED: word("Its start came later"),
    OrphanState.ATTACHED: word("Belongs to a session"),
    OrphanState.ACCEPTED: word("A session of its own"),
    OrphanState.DISMISSED: word("Dismissed"),
}

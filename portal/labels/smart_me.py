"""Words for the link with smart-me."""

from enum import Enum

from kit.i18n import lazy_ as word
from smart_me.values import LinkState
from stations.kinds import StationKind

SMART_ME: dict[Enum, str] = {
    LinkState.WANTED: word("Asked for at smart-me"),
    LinkState.LINKED: word("Linked"),
    LinkState.TAKEN: word("The name is taken there: sign in at smart-me to prove that it is you"),
    LinkState.UNDECIDED: word("To be decided"),
    LinkState.LOST: word("Linked, but smart-me does not let us in any more: sign in there again"),
    StationKind.OCPP: word("OCPP station"),
    StationKind.PICO: word("smart-me Pico"),
}

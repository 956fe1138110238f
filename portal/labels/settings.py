"""Words and colours for the settings of stations."""

from enum import Enum

from kit.i18n import lazy_ as word
from stations.known_settings import SettingGroup
from stations.values import ReadingProblem, ReadingState, WishState

SETTINGS: dict[Enum, str] = {
    SettingGroup.METER: word("Meter values"),
    SettingGroup.PERMISSION: word("Who may charge"),
    SettingGroup.PLUG: word("Plug and light"),
    SettingGroup.CONNECTION: word("Connection and messages"),
    SettingGroup.LISTS: word("Local list and reservations"),
    SettingGroup.LIMITS: word("Limits"),
    SettingGroup.SECURITY: word("Security"),
    SettingGroup.STATION: word("What it is"),
    SettingGroup.OTHERS: word("Others, of the manufacturer"),
    ReadingState.RUNNING: word("The settings are being read"),
    ReadingState.INTERRUPTED: word("Interrupted; it goes on when the station is back"),
    ReadingState.DONE: word("Last read"),
    ReadingState.FAILED: word("The settings could not be read"),
    ReadingProblem.NO_ANSWER: word("The station does not answer when asked for its settings."),
    ReadingProblem.EMPTY: word("The station answers, but tells no settings."),
    ReadingProblem.MALFORMED: word(
        "The station's answer is not as the standard wants it; what could be read is shown."
    ),
    ReadingProblem.CANCELLED: word("Somebody cancelled the question."),
    WishState.OPEN: word("differs from what is wished"),
    WishState.TAKEN: word("accepted"),
    WishState.AS_WISHED: word("as wished"),
    WishState.NEEDS_RESTART: word("counts after a restart"),
    WishState.NOT_KEPT: word("accepted, but not kept"),
    WishState.REFUSED: word("refused by the station"),
    WishState.UNANSWERED: word("not answered"),
}
SETTING_COLOURS: dict[Enum, str] = {
    WishState.OPEN: "yellow",
    WishState.TAKEN: "azure",
    WishState.AS_WISHED: "green",
    WishState.NEEDS_RESTART: "yellow",
    WishState.NOT_KEPT: "orange",
    WishState.REFUSED: "orange",
    WishState.UNANSWERED: "orange",
}

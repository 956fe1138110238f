"""Commands and their answers in words. Chargers send what they like: unknown answers are shown as they came."""

from dataclasses import dataclass
from typing import Any, Protocol

from kit.i18n import _
from kit.i18n import lazy_ as word
from kit.masking import mask, mask_text
from portal.labels import colour, label
from portal.option_words import EXTENDED_WORDS
from stations.catalogue import CATALOGUE
from stations.dictionary import ANSWERS, ERRORS, TELLING
from stations.use_cases.commands import CONNECTION_LOST
from stations.values import Action


class Command(Protocol):
    """What this needs to know of a command."""

    action: Any
    payload: Any
    answer: Any
    state: Any
    error: Any


@dataclass(frozen=True)
class Setting:
    """One setting of a charger as it was read; `value` is None where the charger keeps it to itself."""

    key: str
    value: str | None
    readonly: bool


KINDS: dict[tuple[Action, str], str] = {
    (Action.RESET, "Soft"): word("Restart"),
    (Action.RESET, "Hard"): word("Restart at once"),
    (Action.CHANGE_AVAILABILITY, "Operative"): word("Put into service"),
    (Action.CHANGE_AVAILABILITY, "Inoperative"): word("Take out of service"),
}
# why a station of an order was not even asked
UNABLE = {
    "can_not_unlock": word("This station can't unlock a plug from afar."),
    "password_under_way": word("A new password is on its way to the station already."),
}
NOT_SUPPORTED = frozenset({"NotSupported", "NotImplemented"})
OUTCOMES: dict[str, tuple[str, str]] = {
    "Scheduled": (word("Scheduled"), "azure"),
    "RebootRequired": (word("Needs a restart"), "yellow"),
    "UnlockFailed": (word("Did not work"), "orange"),
    "Failed": (word("Did not work"), "orange"),
    "UpdateFailed": (word("Did not work"), "orange"),
    **dict.fromkeys(NOT_SUPPORTED, (word("Not supported"), "secondary")),
    **dict.fromkeys(TELLING, (word("Answered"), "secondary")),
}


@dataclass(frozen=True)
class Outcome:
    """Where a command stands, as a badge."""

    words: str
    colour: str


def outcome(command: Command) -> Outcome:
    """Where it stands. A no that is none (not supported, nothing there, later) is not shown as one."""
    status = str((command.answer or {}).get("status", ""))
    code = str(command.error or "").partition(":")[0]
    found = OUTCOMES.get(status) or (OUTCOMES.get(code) if code in NOT_SUPPORTED else None)
    if found is not None and command.state.final:
        return Outcome(_(found[0]), found[1])
    return Outcome(label(command.state), colour(command.state))


def failure_words(error: str) -> str:
    """What the station's error, or the one on the way to it, means; what it said itself stands behind it."""
    if error in UNABLE:
        return _(UNABLE[error])
    error = mask_text(error)
    code, _colon, text = error.partition(":")
    words = ERRORS.get("ConnectionLost" if error == CONNECTION_LOST else code)
    if words is None:
        return error
    return f"{_(words)} ({error})" if text.strip() else _(words)


def wish(command: Command) -> str:
    """What was asked for, in a few words."""
    payload: dict[str, Any] = command.payload or {}
    if command.action is Action.CHANGE_CONFIGURATION:
        return _("Set %(key)s", key=payload.get("key", ""))
    if command.action in (Action.TRIGGER_MESSAGE, Action.EXTENDED_TRIGGER_MESSAGE):
        asked = EXTENDED_WORDS.get(str(payload.get("requestedMessage")))
        return _("Ask for %(what)s", what=_(asked) if asked else "?")
    name = KINDS.get((command.action, str(payload.get("type")))) or CATALOGUE[command.action].words
    connector = payload.get("connectorId")
    return _("%(what)s, connector %(number)s", what=_(name), number=connector) if connector else _(name)


def reply(command: Command) -> str:
    """What the charger answered, in a few words; empty where there is nothing to say."""
    answer: dict[str, Any] = command.answer or {}
    if command.action is Action.GET_LOCAL_LIST_VERSION and isinstance(answer.get("listVersion"), int):
        return _list_version(answer["listVersion"])
    status = answer.get("status")
    return _(ANSWERS.get(str(status), str(status))) if status else ""


def _list_version(version: int) -> str:
    if version < 0:
        return _("The station keeps no local list")
    return _("Version %(number)s", number=version) if version else _("The list is empty")


def settings_read(command: Command) -> list[Setting]:
    """The settings in the answer, by name."""
    rows = mask(command.answer or {}).get("configurationKey") or []
    found = [
        Setting(str(row.get("key", "")), _text(row.get("value")), bool(row.get("readonly")))
        for row in rows
        if isinstance(row, dict)
    ]
    return sorted(found, key=lambda setting: setting.key.casefold())


def settings_unknown(command: Command) -> list[str]:
    """The settings that the charger does not have."""
    return [str(key) for key in (command.answer or {}).get("unknownKey") or []]


def _text(value: object) -> str | None:
    return None if value is None else str(value)

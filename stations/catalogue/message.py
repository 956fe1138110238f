"""What the catalogue says of one message."""

from dataclasses import dataclass
from enum import Enum

from kit.i18n import lazy_ as word
from stations.fields import Field, Whole
from stations.values import Action


class Subject(Enum):
    """What messages are about; the groups of the portal's page."""

    CONTROL = "control"
    CONFIGURATION = "configuration"
    LISTS = "lists"
    CHARGING = "charging"
    FILES = "files"
    SECURITY = "security"


@dataclass(frozen=True)
class MessageKind:
    """One message: what it is about, its name and its purpose in plain words, its fields in the standard's order.

    `repeatable`: sent twice it does what it does once, so it may be sent again when its answer was lost.
    """

    action: Action
    subject: Subject
    words: str
    hint: str
    fields: tuple[Field, ...] = ()
    repeatable: bool = True


def connector(*, least: int, required: bool = True) -> Whole:
    """The field for a connector; chargers are asked for numbers they may not have, so there is no upper limit."""
    hint = word("0 means the whole station.") if least == 0 else word("As printed on the station, counted from 1.")
    return Whole(name="connectorId", words=word("Connector"), hint=hint, least=least, required=required)


RETRIES = (
    Whole(
        name="retries",
        words=word("Further tries"),
        hint=word("How often the station tries again."),
        required=False,
        most=100,
    ),
    Whole(name="retryInterval", words=word("Seconds between tries"), required=False, most=86_400),
)

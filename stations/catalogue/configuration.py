"""Messages about the settings of a charger."""

from kit.i18n import lazy_ as word
from stations.catalogue.message import MessageKind, Subject
from stations.fields import Text, Texts
from stations.values import Action

LONGEST_KEY, LONGEST_VALUE = 50, 500

CONFIGURATION = (
    MessageKind(
        Action.GET_CONFIGURATION,
        Subject.CONFIGURATION,
        word("Read the settings"),
        word("Reads the named settings, or all of them."),
        (
            Texts(
                name="key",
                words=word("Which settings"),
                hint=word("Names with blanks between them; empty for all."),
                longest=LONGEST_KEY,
                required=False,
            ),
        ),
    ),
    MessageKind(
        Action.CHANGE_CONFIGURATION,
        Subject.CONFIGURATION,
        word("Change a setting"),
        word("A wrong value can take the station out of service."),
        (
            Text(name="key", words=word("Name"), longest=LONGEST_KEY),
            Text(name="value", words=word("Value"), longest=LONGEST_VALUE, may_be_empty=True),
        ),
    ),
    MessageKind(
        Action.CLEAR_CACHE,
        Subject.CONFIGURATION,
        word("Clear the cache"),
        word("The station forgets which tags it has seen."),
    ),
)

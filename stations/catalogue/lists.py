"""Messages about who may charge without asking us, and who has reserved."""

from kit.i18n import lazy_ as word
from stations.catalogue.control import LONGEST_TAG
from stations.catalogue.message import MessageKind, Subject, connector
from stations.fields import Choice, Group, Groups, Instant, Text, Whole
from stations.values import Action

_GROUP = Text(
    name="parentIdTag",
    words=word("Group"),
    hint=word("Tags of one group may end each other's sessions."),
    longest=LONGEST_TAG,
    required=False,
)
_ENTRY = (
    Text(name="idTag", words=word("Tag"), longest=LONGEST_TAG),
    Group(
        name="idTagInfo",
        words=word("What holds for it"),
        hint=word("Without it, a difference removes the tag from the list."),
        required=False,
        fields=(
            Choice(
                name="status",
                words=word("State"),
                options=("Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"),
            ),
            Instant(name="expiryDate", words=word("Valid until"), required=False),
            _GROUP,
        ),
    ),
)

LISTS = (
    MessageKind(
        Action.GET_LOCAL_LIST_VERSION,
        Subject.LISTS,
        word("Ask for the version of the local list"),
        word("0 means that the list is empty, -1 that the station keeps none."),
    ),
    MessageKind(
        Action.SEND_LOCAL_LIST,
        Subject.LISTS,
        word("Send the local list"),
        word("Which tags the station accepts by itself, for instance without a connection."),
        (
            Whole(name="listVersion", words=word("Version"), hint=word("Higher than the station's.")),
            Groups(name="localAuthorizationList", words=word("Tags"), fields=_ENTRY, required=False),
            Choice(
                name="updateType",
                words=word("How"),
                hint=word("Full replaces the whole list, Differential changes the named tags."),
                options=("Full", "Differential"),
            ),
        ),
    ),
    MessageKind(
        Action.RESERVE_NOW,
        Subject.LISTS,
        word("Reserve"),
        word("Keeps a connector free for one tag."),
        (
            connector(least=0),
            Instant(name="expiryDate", words=word("Until")),
            Text(name="idTag", words=word("Tag"), longest=LONGEST_TAG),
            _GROUP,
            Whole(name="reservationId", words=word("Number of the reservation")),
        ),
    ),
    MessageKind(
        Action.CANCEL_RESERVATION,
        Subject.LISTS,
        word("Cancel a reservation"),
        word("Lifts the reservation with this number."),
        (Whole(name="reservationId", words=word("Number of the reservation")),),
    ),
)

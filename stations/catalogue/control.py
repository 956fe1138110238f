"""Everyday messages: start, stop, restart, unlock, take out of service, ask for something."""

from kit.i18n import lazy_ as word
from stations.catalogue.charging import PROFILE
from stations.catalogue.message import MessageKind, Subject, connector
from stations.fields import Choice, Group, Text, Whole
from stations.values import Action

LONGEST_TAG = 20
TRIGGERS = (
    "BootNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
)

CONTROL = (
    MessageKind(
        Action.RESET,
        Subject.CONTROL,
        word("Restart"),
        word("Restarts the station. Running sessions end."),
        (
            Choice(
                name="type",
                words=word("How"),
                hint=word("Soft ends sessions orderly; Hard is like a power cut."),
                options=("Soft", "Hard"),
            ),
        ),
        repeatable=False,
    ),
    MessageKind(
        Action.CHANGE_AVAILABILITY,
        Subject.CONTROL,
        word("Put in or out of service"),
        word("Takes a connector or the whole station out of service, or back in."),
        (
            connector(least=0),
            Choice(name="type", words=word("State"), options=("Inoperative", "Operative")),
        ),
    ),
    MessageKind(
        Action.UNLOCK,
        Subject.CONTROL,
        word("Unlock the plug"),
        word("For a cable that is stuck. A running session ends."),
        (connector(least=1),),
    ),
    MessageKind(
        Action.TRIGGER_MESSAGE,
        Subject.CONTROL,
        word("Ask for a message"),
        word("Lets the station send one of its messages now."),
        (
            Choice(name="requestedMessage", words=word("The station should say"), options=TRIGGERS),
            connector(least=0, required=False),
        ),
    ),
    MessageKind(
        Action.REMOTE_START,
        Subject.CONTROL,
        word("Start charging"),
        word("Starts a session with a tag of your choice. The session is yours: no driver pays for it."),
        (
            connector(least=0, required=False),
            Text(
                name="idTag", words=word("Tag"), hint=word("The session will carry this number."), longest=LONGEST_TAG
            ),
            Group(
                name="chargingProfile",
                words=word("Limit"),
                hint=word("Limits this session from its start; without a transaction."),
                fields=PROFILE,
                required=False,
            ),
        ),
        repeatable=False,
    ),
    MessageKind(
        Action.REMOTE_STOP,
        Subject.CONTROL,
        word("Stop charging"),
        word("Ends the session with this transaction number."),
        (Whole(name="transactionId", words=word("Transaction")),),
    ),
    MessageKind(
        Action.DATA_TRANSFER,
        Subject.CONTROL,
        word("Transfer data"),
        word("A private message of the manufacturer; his manual says which there are."),
        (
            Text(name="vendorId", words=word("Manufacturer"), longest=255),
            Text(name="messageId", words=word("Message"), longest=50, required=False),
            Text(name="data", words=word("Data"), longest=10_000, required=False, lines=True),
        ),
        repeatable=False,
    ),
)

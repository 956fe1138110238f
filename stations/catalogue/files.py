"""Messages that move files: diagnostics and logs from the charger, firmware to it."""

from kit.i18n import lazy_ as word
from stations.catalogue.message import RETRIES, MessageKind, Subject
from stations.fields import Address, Choice, Group, Instant, Pem, Text, Whole
from stations.firmware_signature import LONGEST_SIGNATURE
from stations.values import Action

_REQUEST = Whole(
    name="requestId", words=word("Number of the request"), hint=word("The station names it in its reports.")
)
_LONGEST_ADDRESS = 1_000  # the standard names no limit here

FILES = (
    MessageKind(
        Action.GET_DIAGNOSTICS,
        Subject.FILES,
        word("Get diagnostics"),
        word("Lets the station upload a file with its diagnostics."),
        (
            Address(name="location", words=word("Folder to upload to"), longest=_LONGEST_ADDRESS),
            *RETRIES,
            Instant(name="startTime", words=word("From"), required=False),
            Instant(name="stopTime", words=word("Until"), required=False),
        ),
    ),
    MessageKind(
        Action.GET_LOG,
        Subject.FILES,
        word("Get a log"),
        word("Lets the station upload its diagnostics log or its security log."),
        (
            Choice(name="logType", words=word("Which log"), options=("DiagnosticsLog", "SecurityLog")),
            _REQUEST,
            *RETRIES,
            Group(
                name="log",
                words=word("Log"),
                fields=(
                    Address(name="remoteLocation", words=word("Folder to upload to")),
                    Instant(name="oldestTimestamp", words=word("From"), required=False),
                    Instant(name="latestTimestamp", words=word("Until"), required=False),
                ),
            ),
        ),
    ),
    MessageKind(
        Action.UPDATE_FIRMWARE,
        Subject.FILES,
        word("Update the firmware"),
        word("Lets the station fetch a firmware and install it. It restarts."),
        (
            Address(name="location", words=word("Address of the file"), longest=_LONGEST_ADDRESS),
            Instant(name="retrieveDate", words=word("Not before")),
            *RETRIES,
        ),
    ),
    MessageKind(
        Action.SIGNED_UPDATE_FIRMWARE,
        Subject.FILES,
        word("Update the firmware (signed)"),
        word("The same with a signature, which the station checks before it installs."),
        (
            *RETRIES,
            _REQUEST,
            Group(
                name="firmware",
                words=word("Firmware"),
                fields=(
                    Address(name="location", words=word("Address of the file")),
                    Instant(name="retrieveDateTime", words=word("Not before")),
                    Instant(name="installDateTime", words=word("Install not before"), required=False),
                    Pem(name="signingCertificate", words=word("Certificate of the manufacturer")),
                    Text(
                        name="signature",
                        words=word("Signature"),
                        hint=word("In Base64, as the manufacturer gives it."),
                        longest=LONGEST_SIGNATURE,
                        lines=True,
                    ),
                ),
            ),
        ),
    ),
)

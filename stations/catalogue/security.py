"""Messages of the security extension: certificates, and what they trigger."""

from kit.i18n import lazy_ as word
from stations.catalogue.message import MessageKind, Subject, connector
from stations.fields import Choice, Group, Pem, PemChain, Text
from stations.values import Action, HashAlgorithm, InstalledKind

LONGEST_CHAIN = 10_000
EXTENDED_TRIGGERS = (
    "BootNotification",
    "LogStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "SignChargePointCertificate",
    "StatusNotification",
)
_KIND = Choice(name="certificateType", words=word("Kind"), options=tuple(kind.value for kind in InstalledKind))

SECURITY = (
    MessageKind(
        Action.EXTENDED_TRIGGER_MESSAGE,
        Subject.SECURITY,
        word("Ask for a message (security extension)"),
        word("Lets the station send one of its messages now, its request for a certificate among them."),
        (
            Choice(name="requestedMessage", words=word("The station should say"), options=EXTENDED_TRIGGERS),
            connector(least=0, required=False),
        ),
    ),
    MessageKind(
        Action.CERTIFICATE_SIGNED,
        Subject.SECURITY,
        word("Send the signed certificate"),
        word("The answer to a station's request for a certificate."),
        (
            PemChain(
                name="certificateChain",
                words=word("Chain"),
                hint=word("In PEM, the station's own first."),
                longest=LONGEST_CHAIN,
            ),
        ),
    ),
    MessageKind(
        Action.INSTALL_CERTIFICATE,
        Subject.SECURITY,
        word("Install a root certificate"),
        word("Lets the station trust whom this certificate belongs to."),
        (_KIND, Pem(name="certificate", words=word("Certificate"), hint=word("In PEM."))),
    ),
    MessageKind(
        Action.GET_INSTALLED_CERTIFICATE_IDS,
        Subject.SECURITY,
        word("Ask which root certificates it has"),
        word("The answer names them by hashes."),
        (_KIND,),
    ),
    MessageKind(
        Action.DELETE_CERTIFICATE,
        Subject.SECURITY,
        word("Delete a root certificate"),
        word("Named exactly as the station named it."),
        (
            Group(
                name="certificateHashData",
                words=word("Which certificate"),
                fields=(
                    Choice(
                        name="hashAlgorithm",
                        words=word("Algorithm"),
                        options=tuple(algorithm.value for algorithm in HashAlgorithm),
                    ),
                    Text(name="issuerNameHash", words=word("Hash of the issuer's name"), longest=128),
                    Text(name="issuerKeyHash", words=word("Hash of the issuer's key"), longest=128),
                    Text(name="serialNumber", words=word("Serial number"), longest=40),
                ),
            ),
        ),
    ),
)

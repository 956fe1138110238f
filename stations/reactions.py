"""What this room does when something happened."""

from accounts.access import SYSTEM
from kit.events import Event
from kit.worker import Reaction
from stations.events import CertificateRequested, CommandFinished
from stations.use_cases import settle_certificate, sign_certificate
from stations.values import Action, CertificateId, CommandId


def send_certificate(event: CertificateRequested) -> None:
    """Sign what the station asked for, and send it."""
    sign_certificate(SYSTEM, CertificateId(event.certificate_id))


def hear_of_certificate(event: CommandFinished) -> None:
    """The station took the certificate, or refused it."""
    if event.action == Action.CERTIFICATE_SIGNED.value:
        settle_certificate(SYSTEM, CommandId(event.command_id))


REACTIONS: dict[type[Event], list[Reaction]] = {
    CertificateRequested: [send_certificate],
    CommandFinished: [hear_of_certificate],
}

"""Words for how chargers come, wait, and go."""

from enum import Enum

from kit.i18n import lazy_ as word
from stations.troubles import Trouble
from stations.values import Ending, Proof, Transport, WaitingState

CONNECTIONS: dict[Enum, str] = {
    WaitingState.WAITING: word("Waiting"),
    WaitingState.REFUSED: word("Refused"),
    Proof.NONE: word("Nothing"),
    Proof.PASSWORD: word("Password"),
    Proof.PASSWORD_BYTES: word("Password, as bytes"),
    Proof.CERTIFICATE: word("Its own certificate"),
    Transport.NEVER: word("Never connected"),
    Transport.PLAIN: word("Without TLS"),
    Transport.OUTDATED_TLS: word("Outdated TLS"),
    Transport.TLS: word("TLS"),
    Trouble.FLAPPING: word("It connects again and again."),
    Trouble.HALF_DEAD: word("It is connected, but does not answer."),
    Trouble.GONE: word("It was not heard of for a day."),
    Ending.HUNG_UP: word("The station hung up"),
    Ending.LOST: word("The connection broke"),
    Ending.SILENT: word("The station fell silent"),
    Ending.REPLACED: word("The station came anew"),
    Ending.UNANSWERED: word("The station answered nothing"),
    Ending.SHUT_OUT: word("Ended here: password, profile or refusal"),
    Ending.BROKEN: word("The station sent something unreadable"),
    Ending.SLOW: word("The station read too slowly"),
    Ending.RESTART: word("The platform restarted"),
    Ending.CRASH: word("The platform failed"),
    Ending.NO_PASSWORD: word("Refused: wrong password, or none"),
    Ending.OTHER_USER: word("Refused: another user than its identity"),
    Ending.NO_TLS: word("Refused: it has to come by TLS"),
    Ending.NO_CERTIFICATE: word("Refused: no certificate that fits"),
    Ending.NOT_BY_ACCOUNT: word("Refused: without a password only by the account's address"),
    Ending.OTHER_PROTOCOL: word("Refused: it does not offer OCPP 1.6"),
    Ending.TOO_OFTEN: word("Refused: it connects too often"),
}

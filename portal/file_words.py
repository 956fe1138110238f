"""The words of stations about files, for people. What nobody knows is shown as it came."""

from kit.i18n import _
from kit.i18n import lazy_ as word
from stations.dictionary import INSTALLATIONS, UPLOADS

STEPS: dict[str, str] = (
    UPLOADS
    | INSTALLATIONS
    | {
        "FileReceived": word("File received here"),
        "InvalidCertificate": word("The station does not accept the certificate"),
        "RevokedCertificate": word("The certificate was revoked"),
        "Boot": word("Restarted"),
        "Elsewhere": word("To be sent elsewhere"),
    }
)
UNITS = ("B", "kB", "MB", "GB")
REASONS: dict[str, str] = {
    "no_answer": word("The station did not answer"),
    "offline": word("The station was not connected"),
    "cancelled": word("The command was cancelled"),
    "error": word("The station answered with an error"),
    "no_file": word("The station has no such file"),
    "silent": word("The station told nothing more"),
    "unconfirmed": word("The file is here; the station did not confirm it"),
    "Rejected": word("The station refuses"),
}


def step_words(status: str) -> str:
    """What a station told."""
    return _(STEPS[status]) if status in STEPS else status or "–"


def reason_words(reason: str) -> str:
    """Why it did not come to a good end."""
    return _(REASONS[reason]) if reason in REASONS else step_words(reason) if reason else ""


def size_words(size: int | None) -> str:
    """A number of bytes as people read it."""
    if size is None:
        return "–"
    power = min(3, (len(str(size)) - 1) // 3)
    amount = size / 1000**power
    return f"{amount:.1f} {UNITS[power]}" if power and amount < 10 else f"{amount:.0f} {UNITS[power]}"

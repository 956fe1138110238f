"""What the words of OCPP mean that may stand in a message to a charger, and for how long a message waits."""

from kit.i18n import _
from kit.i18n import lazy_ as word
from stations.catalogue import Subject

TRIGGER_WORDS: dict[str, str] = {
    "BootNotification": word("what it is (boot notification)"),
    "Heartbeat": word("a sign of life (heartbeat)"),
    "MeterValues": word("meter values"),
    "StatusNotification": word("its state"),
    "DiagnosticsStatusNotification": word("the state of its diagnostics"),
    "FirmwareStatusNotification": word("the state of its firmware"),
}
EXTENDED_WORDS = TRIGGER_WORDS | {
    "LogStatusNotification": word("the state of its log"),
    "SignChargePointCertificate": word("a new certificate"),
}
OPTIONS: dict[str, str] = EXTENDED_WORDS | {
    "Soft": word("Orderly"),
    "Hard": word("At once, like a power cut"),
    "Inoperative": word("Out of service"),
    "Operative": word("In service"),
    "Full": word("The whole list"),
    "Differential": word("What changed"),
    "Accepted": word("Valid"),
    "Blocked": word("Blocked"),
    "Expired": word("Expired"),
    "Invalid": word("Unknown"),
    "ConcurrentTx": word("Charging elsewhere"),
    "ChargePointMaxProfile": word("The whole station"),
    "TxDefaultProfile": word("Every session"),
    "TxProfile": word("The running session"),
    "Absolute": word("A fixed instant"),
    "Recurring": word("A fixed instant, repeated"),
    "Relative": word("The begin of each session"),
    "Daily": word("Every day"),
    "Weekly": word("Every week"),
    "A": word("Ampere per phase"),
    "W": word("Watt in total"),
    "DiagnosticsLog": word("Diagnostics"),
    "SecurityLog": word("Security events"),
    "CentralSystemRootCertificate": word("Root for this platform"),
    "ManufacturerRootCertificate": word("Root of the manufacturer"),
}
SUBJECTS: dict[Subject, tuple[str, str]] = {
    Subject.CONTROL: (word("Everyday"), "tool"),
    Subject.CONFIGURATION: (word("Settings"), "adjustments"),
    Subject.LISTS: (word("Local list and reservations"), "tag"),
    Subject.CHARGING: (word("Limits"), "chart-line"),
    Subject.FILES: (word("Files and firmware"), "file-text"),
    Subject.SECURITY: (word("Security"), "shield"),
}
# how long a message may wait for a station that is away, in seconds
WAITS: dict[int, str] = {
    120: word("2 minutes"),
    900: word("15 minutes"),
    3_600: word("1 hour"),
    86_400: word("1 day"),
    604_800: word("7 days"),
    2_592_000: word("30 days"),
}


def option_words(option: str) -> str:
    """A word of the standard with what it means; what speaks for itself stays alone."""
    return f"{_(OPTIONS[option])} ({option})" if option in OPTIONS else option


def waits() -> list[tuple[int, str]]:
    """The choices of how long a message waits."""
    return [(seconds, _(words)) for seconds, words in WAITS.items()]

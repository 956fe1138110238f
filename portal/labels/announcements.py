"""Words for announcements."""

from enum import Enum

from announcements.values import Audience, Severity
from kit.i18n import lazy_ as word

ANNOUNCEMENTS: dict[Enum, str] = {
    Severity.INFO: word("For information"),
    Severity.WARNING: word("Warning"),
    Severity.DISRUPTION: word("Disruption"),
    Audience.ALL: word("All accounts"),
    Audience.PLAN: word("Those on a plan"),
    Audience.ACCOUNTS: word("Chosen accounts"),
}
ANNOUNCEMENT_COLOURS: dict[Enum, str] = {
    Severity.INFO: "azure",
    Severity.WARNING: "yellow",
    Severity.DISRUPTION: "red",
}

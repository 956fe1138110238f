"""Words of opening hours."""

from enum import Enum

from kit.i18n import lazy_ as word
from stations.opening_hours import OutsideHours, Weekday

OPENING_HOURS: dict[Enum, str] = {
    Weekday.MONDAY: word("Monday"),
    Weekday.TUESDAY: word("Tuesday"),
    Weekday.WEDNESDAY: word("Wednesday"),
    Weekday.THURSDAY: word("Thursday"),
    Weekday.FRIDAY: word("Friday"),
    Weekday.SATURDAY: word("Saturday"),
    Weekday.SUNDAY: word("Sunday"),
    OutsideHours.NOBODY: word("Nobody"),
    OutsideHours.OWN: word("Own tags and people"),
    OutsideHours.EVERYBODY: word("Everybody"),
}

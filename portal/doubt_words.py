"""Doubts in plain words: a sentence for each code, with its facts as people read them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kit.i18n import _, duration, energy, power, when
from kit.i18n import lazy_ as word

SENTENCES: dict[str, str] = {
    "schema": word("A value of the message is not as the standard has it. It was stored all the same."),
    "unstored": word(
        "A mistake in the platform kept this message from being stored. It is kept here as it came. The platform tries "
        "again every ten minutes; until it succeeds, the message is part of no session."
    ),
    "readings_dropped": word(
        "While the station waited to be accepted, it said more than there was room for. Messages with meter readings "
        "that were not kept: %(number)s. Starts and ends of sessions are complete."
    ),
    "clock_impossible": word("The station stated a time that can't be true. The time of arrival stands for it."),
    "clock_corrected": word("The clock of the station is wrong by %(ahead)s. Its time was put right."),
    "clock_without_zone": word("The station stated a time without a zone, %(said)s. It was taken as UTC."),
    "reading_not_understood": word("A reading says %(said)s, which can't be understood. It is kept as it came."),
    "orphan_without_register": word("The meter reading at this end can't be read. It counts as 0."),
    "tag_refused": word("Charging began with the tag %(tag)s, which may not charge here."),
    "no_start_register": word("The meter reading at the start can't be read. It counts as 0."),
    "started_on_no_plug": word("The station named the connector %(number)s, which does not exist."),
    "started_elsewhere": word("Charging began at another connector than the one it was permitted for."),
    "unknown_transaction": word("An end arrived for the session number %(told)s, which nobody knows."),
    "stopped_as": word("The end named the session number %(told)s. Only one session can be meant, so that one ended."),
    "no_stop_register": word("The meter reading at the end can't be read. The last reading stands for it."),
    "stopped_backwards": word(
        "The meter stood at %(stop)s at the end, at %(start)s at the start and at %(last)s in between. The steps "
        "upwards were counted."
    ),
    "impossible_stop": word(
        "The meter should stand at %(stop)s at the end, after %(last)s. So much can't have flowed. The last reading "
        "counts."
    ),
    "stopped_again": word("The end was reported again, with %(stop)s. It stands at %(stands)s."),
    "read_backwards": word("The meter showed %(read)s after %(before)s. The higher reading counts."),
    "leap": word("The meter showed %(read)s after %(before)s. So much can't have flowed. The reading does not count."),
    "too_much_power": word("The station stated a power of %(read)s, which the connector can't have."),
    "never_stopped": word("The station never reported the end. The last reading, %(last)s, counts."),
    "energy_between": word(
        "Between the session before and this one, %(missing)s went through the meter that no session knows."
    ),
}


def doubt_sentence(doubt: Any, zone: str | None = None) -> str:
    """What is the matter, as a sentence; empty for an old doubt, whose own text says it."""
    if doubt.code not in SENTENCES:
        return ""
    return _(SENTENCES[doubt.code], **_Spoken(doubt.facts, zone))


class _Spoken(dict[str, str]):
    """The facts of a doubt by their names without the unit; one that is missing is a dash."""

    def __init__(self, facts: Mapping[str, Any], zone: str | None) -> None:
        super().__init__(_spoken(name, value, zone) for name, value in facts.items())
        for name in (
            "ahead",
            "before",
            "last",
            "missing",
            "number",
            "read",
            "said",
            "stands",
            "start",
            "stop",
            "tag",
            "told",
        ):
            self.setdefault(name, "–")


def _spoken(name: str, value: Any, zone: str | None) -> tuple[str, str]:
    stem, _unused, unit = name.rpartition("_")
    if value is None or value == "":
        return stem or name, "–"
    if unit == "wh":
        return stem, energy(int(value))
    if unit == "w":
        return stem, power(int(value))
    if unit == "s":
        return stem, duration(timedelta(seconds=abs(int(value))))
    if unit == "at":
        return stem, when(datetime.fromisoformat(value), zone)
    return name, str(value)

"""What a charger does differently from the standard, and from which profile we know it.

Profiles are data: `stations/quirk_profiles/*.json`, held against `schema.json` there when they are read. A charger's
boot message says what it is; the profile that fits it best applies, and what an operator set for one station wins.

To read a setting: on the chargers' path `facts_of(actor).quirks.tag_prefix`, elsewhere `profile_of(station).quirks`.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import orjson

from kit.errors import Invalid
from stations.values import Action

if TYPE_CHECKING:
    from stations.models import Station

FOLDER = Path(__file__).parent / "quirk_profiles"


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one charger behaves; the defaults are what the standard says.

    `also_called`: what it calls itself instead of its identity, at the address of its account. `any_user`: it may log
    in under another user than its identity; its password decides. `plain_files`: it sends and fetches files without
    TLS. `local_time`: stamps
    without a zone are the local time of its account. `cloud_clock`: it has no clock of its own.
    `tag_ends_with_serial`, `tag_prefix`, `tag_suffix`: what it adds to the numbers of tags. `wh_means_kwh`: its
    registers are kWh although it says Wh. `register_per_session`: its register starts at 0 with each session,
    whatever the start says. `plugged_status`: the status that only means that a cable is plugged in.
    `plugged_word`: what its maker's own messages (texts beside a status, and DataTransfer) say for that.
    `power_overrules_status`: it charges while power flows, whatever its status says. `poll_meter_s`: ask for meter
    values so often while a session says none; 0: never. `ask_silent_meter`: do so, too, where it is set to tell its
    meter and does not. `quiet_after_boot_s`: no call of ours for so long after its boot. `ping_every_s`: ping it when
    it was silent for so long; 0: never. `can_unlock`: whether it can. `max_stack_level`: of charging profiles, where it
    does not tell; -1: unknown. `schedule_style`: how its limits begin (`charging.values.ScheduleStyle`).
    """

    also_called: str = ""
    any_user: bool = True
    plain_files: bool = False
    local_time: bool = False
    cloud_clock: bool = False
    tag_ends_with_serial: bool = False
    tag_prefix: str = ""
    tag_suffix: str = ""
    wh_means_kwh: bool = False
    register_per_session: bool = False
    plugged_status: str = ""
    plugged_word: str = ""
    power_overrules_status: bool = False
    poll_meter_s: int = 0
    ask_silent_meter: bool = True
    quiet_after_boot_s: int = 0
    ping_every_s: int = 45
    can_unlock: bool = True
    max_stack_level: int = -1
    schedule_style: str = "past"


STANDARD = Quirks()
SETTINGS = tuple(one.name for one in fields(Quirks))


@dataclass(frozen=True)
class QuirkProfile:
    """What is known of the chargers of a maker, a model, or a range of firmware: `from` it on, `below` it no more.

    `configuration`: settings of the charger itself that it needs, by the names that it gives them.
    """

    name: str
    maker: str
    vendor: str
    settings: Mapping[str, Any]
    model: str = ""
    firmware: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrowness(self) -> tuple[bool, bool, int]:
        """How exactly it says whom it means: the narrowest profile that fits is the one that applies."""
        return bool(self.firmware), bool(self.model), len(self.vendor) + len(self.model)

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        """Whether a charger that calls itself so is meant."""
        if not _like(vendor, self.vendor) or (self.model and not _like(model, self.model)):
            return False
        if not self.firmware:
            return True
        version = _version(firmware)
        first, end = self.firmware.get("from"), self.firmware.get("below")
        return (
            bool(version) and (first is None or _version(first) <= version) and (end is None or version < _version(end))
        )


@dataclass(frozen=True)
class AppliedProfile:
    """How a station behaves and why: the profile that fits what it said at boot (None: no one does), and the own
    settings of its operator, which win.
    """

    profile: QuirkProfile | None
    overrides: Mapping[str, Any]
    quirks: Quirks


def profile_of(station: "Station") -> AppliedProfile:
    """The profile that applies to a station, its own settings, and what both come to."""
    profile = matching(station.vendor, station.model, station.firmware)
    return AppliedProfile(profile, station.quirk_overrides, quirks_of(profile, station.quirk_overrides))


def unable_to(station: "Station", action: Action, *, unchecked: bool) -> str | None:
    """The code of why a station is known not to do this; `unchecked`: somebody wants to see it all the same."""
    cannot = action is Action.UNLOCK and not unchecked and not profile_of(station).quirks.can_unlock
    return "can_not_unlock" if cannot else None


@functools.lru_cache(maxsize=4096)
def matching(vendor: str, model: str, firmware: str) -> QuirkProfile | None:
    """The narrowest profile that fits what a charger says of itself."""
    found = [one for one in profiles() if one.fits(vendor, model, firmware)]
    return max(found, key=lambda one: one.narrowness, default=None)


def quirks_of(profile: QuirkProfile | None, overrides: Mapping[str, Any]) -> Quirks:
    """The standard, changed by the profile, changed by the operator."""
    changed = {**(profile.settings if profile else {}), **overrides}
    known = {name: value for name, value in changed.items() if name in SETTINGS}
    return Quirks(**known) if known else STANDARD


def judged_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as an operator or a program wishes them; raises Invalid with those that are unknown or impossible."""
    known = _schema()["properties"]["profiles"]["items"]["properties"]["settings"]["properties"]
    problems = {
        name: "unknown" if name not in known else "invalid"
        for name, value in settings.items()
        if name not in known or not jsonschema_rs.Draft4Validator(known[name]).is_valid(value)
    }
    if problems:
        raise Invalid(**problems)
    return dict(settings)


def possible_words(name: str) -> list[str]:
    """The words that a setting may have; empty where it is free."""
    found: list[str] = _schema()["properties"]["profiles"]["items"]["properties"]["settings"]["properties"][name].get(
        "enum", []
    )
    return found


@functools.cache
def profiles() -> tuple[QuirkProfile, ...]:
    """Every profile there is; a file that is not as the schema wants it stops the program with its name."""
    validator = jsonschema_rs.Draft4Validator(_schema())
    found: list[QuirkProfile] = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.name == "schema.json":
            continue
        content = orjson.loads(path.read_bytes())
        problem = next(iter(validator.iter_errors(content)), None)
        assert problem is None, f"{path.name}: {problem}"
        for entry in content["profiles"]:
            facts = {name: value for name, value in entry.items() if name != "seen"}
            found.append(QuirkProfile(maker=content["maker"], **facts))
    assert len({one.name for one in found}) == len(found), "two quirk profiles have one name"
    return tuple(found)


@functools.cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((FOLDER / "schema.json").read_bytes())
    return found


def _like(text: str, pattern: str) -> bool:
    return fnmatchcase(" ".join(text.split()).lower(), pattern.lower().replace("[", "[[]"))


def _version(text: str) -> tuple[int, ...]:
    """The numbers of a version: `V1.13.0-rc2` is (1, 13, 0, 2)."""
    return tuple(int(number) for number in re.findall(r"\d{1,9}", text))

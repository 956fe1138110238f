"""The dictionary knows every status, reason and error of OCPP 1.6, wherever the standard puts it."""

import json
from collections.abc import Iterator
from enum import Enum
from inspect import getmembers
from pathlib import Path
from typing import Any

import ocpp.exceptions
import ocpp.v16
import pytest
from ocpp.v16 import enums

from kit.i18n import speaking
from stations.dictionary import ERRORS, TOPICS, meanings
from stations.messages import Fate

SCHEMAS = Path(ocpp.v16.__file__).parent / "schemas"
FIELDS = ("status", "errorCode", "reason")
# enums of the standard beside those whose name ends with Status
OTHERS = ("ChargePointErrorCode", "Reason")


def fields(schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> Iterator[tuple[str, list[str]]]:
    """The fields of a message that are a word of a list: their path, and the list."""
    schema = {**definitions.get(schema.get("$ref", "").rpartition("/")[2], {}), **schema}
    if "enum" in schema:
        yield path, schema["enum"]
    if "items" in schema:
        yield from fields(schema["items"], definitions, path)
    for name, inner in schema.get("properties", {}).items():
        yield from fields(inner, definitions, f"{path}.{name}")


def standard() -> dict[str, list[str]]:
    """Every place of the standard where a status, a reason or an error code stands, with the codes."""
    found = {}
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_text(encoding="utf-8-sig"))
        side = "conf" if file.stem.endswith("Response") else "req"
        for path, codes in fields(schema, schema.get("definitions", {})):
            if path.endswith(FIELDS):
                found[f"{file.stem.removesuffix('Response')}.{side}{path}"] = codes
    return found


def test_every_code_of_every_message_has_its_words() -> None:
    known = {place: topic.meanings for topic in TOPICS for place in topic.places}
    places = standard()
    assert len(places) > 30
    missing = {place: set(codes) - set(known.get(place, {})) for place, codes in places.items()}
    assert not any(missing.values()), "say in stations/dictionary.py what they mean"


def test_no_place_is_one_that_the_standard_does_not_have() -> None:
    places = {place for topic in TOPICS for place in topic.places} - {"error", "SecurityEventNotification.req.type"}
    assert places == set(standard())


def test_every_status_of_the_ocpp_package_has_its_words() -> None:
    known = {code for topic in TOPICS for code in topic.meanings}
    for name, members in getmembers(enums, lambda it: isinstance(it, type) and issubclass(it, Enum)):
        if name.endswith("Status") or name in OTHERS:
            missing = {member.value for member in members} - known
            assert missing == set(), f"say in stations/dictionary.py what {name} means by them"


def test_every_error_has_its_words() -> None:
    codes = {error.code for _name, error in getmembers(ocpp.exceptions) if getattr(error, "code", "")}
    assert {*codes, "NotSupported", *(fate.value for fate in Fate)} - set(ERRORS) == set()


@pytest.mark.parametrize("language", ["de", "fr", "it"])
def test_the_words_are_of_the_readers_language(language: str) -> None:
    (english,) = meanings("Reset", {}, {"status": "Accepted"}, "")
    with speaking(language):
        (theirs,) = meanings("Reset", {}, {"status": "Accepted"}, "")
    assert (english.place, english.code, english.words) == (
        "Reset.conf.status",
        "Accepted",
        "The station will restart.",
    )
    assert theirs.words not in ("", english.words)


def test_a_message_is_explained_by_its_own_places() -> None:
    def said(*exchange: Any) -> list[tuple[str, str]]:
        return [(meaning.place.rpartition(".")[2], meaning.words) for meaning in meanings(*exchange)]

    call = {"connectorId": 1, "status": "SuspendedEV", "errorCode": "GroundFailure", "vendorErrorCode": "NoError"}
    assert said("StatusNotification", call, {}, "") == [
        ("status", "The car takes nothing at the moment: it is full, or waits."),
        ("errorCode", "A fault current was noticed and the power cut. An electrician has to look at it."),
    ]
    other = {"status": "suspended_ev", "errorCode": "GROUND FAILURE"}
    assert [words for _, words in said("StatusNotification", other, {}, "")] == [
        words for _, words in said("StatusNotification", call, {}, "")
    ]
    entries = [{"idTag": "1", "idTagInfo": {"status": status}} for status in ("Blocked", "Accepted", "Blocked")]
    assert said("SendLocalList", {"localAuthorizationList": entries}, {"status": "VersionMismatch"}, "") == [
        ("status", "The tag is blocked."),
        ("status", "The tag is valid."),
        ("status", "The station has another version of the list: send the whole list."),
    ]
    assert said("Reset", {}, None, "TimedOut") == [("error", ERRORS["TimedOut"])]


@pytest.mark.parametrize(
    ("action", "call", "answer", "error"),
    [
        ("StatusNotification", {"status": "OnHoliday", "errorCode": 7}, "text", "HouseOnFire"),
        ("Sing", {"status": "Accepted"}, {"status": "Accepted"}, ""),
        ("", '[2,"1"', None, ""),
        ("error", {"status": "Accepted"}, None, ""),
        ("StatusNotification", [[{"status": ["Charging"]}], None], {"status": {"status": 1}}, ""),
    ],
)
def test_what_nobody_knows_is_not_explained(action: str, call: Any, answer: Any, error: str) -> None:
    assert [meaning for meaning in meanings(action, call, answer, error) if meaning.code != "Charging"] == []

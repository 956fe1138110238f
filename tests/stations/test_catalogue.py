"""The catalogue of messages to chargers says what the standard's schemas say, and whatever it takes passes them."""

import json
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import Invalid
from ocpp_ws import schemas
from stations import fields
from stations.catalogue import CATALOGUE
from stations.fields import Choice, Field, Group, Groups, Instant, Pem, PemChain, Tenths, Text, Texts, Whole
from stations.payloads import judged
from stations.pem import written
from stations.values import Action
from tests.certificates import self_signed

ROOT_PEM = written(self_signed("root"))
SIGNS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"])
FIRST, LAST = datetime(1990, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001  # hypothesis adds the zones
INSTANTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.timezones())


def schema_of(action: Action) -> dict[str, Any]:
    """The schema file as it is."""
    source = files("ocpp.v16") / "schemas" / f"{action.value}.json"
    found: dict[str, Any] = json.loads(source.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    return found


def resolved(schema: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """A part of a schema, with its reference followed."""
    reference = schema.get("$ref")
    return whole["definitions"][reference.rsplit("/", 1)[1]] if reference else schema


def differences(known: tuple[Field, ...], schema: dict[str, Any], whole: dict[str, Any], path: str = "") -> list[str]:
    """Where fields and schema disagree on names, what is required, and the words of a choice."""
    properties, needed = schema.get("properties", {}), set(schema.get("required", ()))
    found = [f"{path}{name}" for name in {field.name for field in known} ^ set(properties)]
    for field in known:
        part = resolved(properties.get(field.name, {}), whole)
        if field.required and field.name not in needed and not isinstance(field, Group):
            found.append(f"{path}{field.name} is required here only")
        if not field.required and field.name in needed:
            found.append(f"{path}{field.name} is required by the standard")
        if isinstance(field, Choice) and set(field.options) != set(part["enum"]):
            found.append(f"{path}{field.name} has other words")
        if isinstance(field, Group):
            found += differences(field.fields, part, whole, f"{path}{field.name}.")
        if isinstance(field, Groups):
            found += differences(field.fields, part["items"], whole, f"{path}{field.name}.")
    return found


@pytest.mark.parametrize("action", Action, ids=lambda action: action.value)
def test_the_fields_of_a_message_are_those_of_the_standard(action: Action) -> None:
    schema = schema_of(action)
    assert differences(CATALOGUE[action].fields, schema, schema) == []


def values(field: Field) -> st.SearchStrategy[Any]:
    """What may stand in a field."""
    if isinstance(field, Pem):
        return st.just(ROOT_PEM)
    if isinstance(field, fields.Address):
        return st.sampled_from(["https://example.org/a", "FTP://example.org/b c".replace(" ", "%20")])
    if isinstance(field, Text):
        longest = field.longest - 1 if isinstance(field, PemChain) else field.longest
        return st.text(SIGNS, min_size=1, max_size=min(40, longest)).filter(lambda text: text.strip())
    if isinstance(field, Whole):
        return st.integers(field.least, field.most)
    if isinstance(field, Tenths):
        return st.integers(0, 10**6).map(lambda tenths: Decimal(tenths) / 10)
    if isinstance(field, Choice):
        return st.sampled_from(field.options)
    if isinstance(field, Instant):
        return INSTANTS | INSTANTS.map(lambda instant: instant.isoformat())
    if isinstance(field, Texts):
        return st.lists(st.text(SIGNS, max_size=field.longest), max_size=4)
    if isinstance(field, Group):
        return payloads(field.fields)
    assert isinstance(field, Groups)
    return st.lists(payloads(field.fields), min_size=max(1, field.least), max_size=3)


def payloads(known: tuple[Field, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads with all required fields and some of the others."""
    return st.fixed_dictionaries(
        {field.name: values(field) for field in known if field.required},
        optional={field.name: values(field) for field in known if not field.required},
    )


@pytest.mark.parametrize("action", Action, ids=lambda action: action.value)
def test_whatever_is_taken_is_what_the_standard_wants(action: Action) -> None:
    @settings(max_examples=25, deadline=None)
    @given(payloads(CATALOGUE[action].fields))
    def passes(payload: dict[str, Any]) -> None:
        sent = json.loads(json.dumps(judged(action, payload)))
        assert schemas.violation(action.value, sent) is None

    passes()


def test_every_problem_is_named_by_the_path_to_it() -> None:
    schedule = {
        "chargingRateUnit": "kW",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": "16.25"}, {"limit": 6}],
    }
    profile = {"stackLevel": -1, "chargingSchedule": schedule, "colour": "red"}
    with pytest.raises(Invalid) as refused:
        judged(Action.SET_CHARGING_PROFILE, {"connectorId": 1, "csChargingProfiles": profile})
    within = "csChargingProfiles"
    assert refused.value.fields == {
        f"{within}.chargingProfileId": "required",
        f"{within}.chargingProfileKind": "required",
        f"{within}.chargingProfilePurpose": "required",
        f"{within}.stackLevel": "out_of_range",
        f"{within}.colour": "no_such_field",
        f"{within}.chargingSchedule.chargingRateUnit": "unknown",
        f"{within}.chargingSchedule.chargingSchedulePeriod.0.limit": "too_precise",
        f"{within}.chargingSchedule.chargingSchedulePeriod.1.startPeriod": "required",
    }


@pytest.mark.parametrize(
    ("action", "payload", "problems"),
    [
        (Action.RESET, {"type": "Gentle"}, {"type": "unknown"}),
        (Action.UNLOCK, {"connectorId": "1"}, {"connectorId": "not_whole"}),
        (Action.UNLOCK, {"connectorId": True}, {"connectorId": "not_whole"}),
        (Action.CLEAR_CACHE, {"all": 1}, {"all": "no_such_field"}),
        (Action.RESERVE_NOW, {"connectorId": 1, "idTag": "A" * 21}, {
            "expiryDate": "required", "idTag": "too_long", "reservationId": "required",
        }),
        (Action.UPDATE_FIRMWARE, {"location": "C:\\fw.bin", "retrieveDate": "2026-12-01T10:00:00"}, {
            "location": "not_an_address", "retrieveDate": "without_zone",
        }),
        (Action.CHANGE_CONFIGURATION, {"key": "AuthorizationKey", "value": "short"}, {"value": "too_short"}),
        (Action.SEND_LOCAL_LIST, {"listVersion": 1, "updateType": "Full", "localAuthorizationList": "04AA"}, {
            "localAuthorizationList": "not_a_list",
        }),
        (Action.INSTALL_CERTIFICATE, {"certificateType": "ManufacturerRootCertificate", "certificate": "x"}, {
            "certificate": "not_a_certificate",
        }),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_at_its_field(
    action: Action, payload: dict[str, Any], problems: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        judged(action, payload)
    assert refused.value.fields == problems


def test_values_leave_as_chargers_read_them() -> None:
    instant = datetime.fromisoformat("2026-12-01T10:00:00.5+01:00")
    taken = judged(Action.RESERVE_NOW, {"connectorId": 0, "expiryDate": instant, "idTag": " 04AA ", "reservationId": 7})
    assert taken == {"connectorId": 0, "expiryDate": "2026-12-01T09:00:00Z", "idTag": "04AA", "reservationId": 7}
    assert judged(Action.CHANGE_CONFIGURATION, {"key": "X", "value": ""}) == {"key": "X", "value": ""}
    assert judged(Action.GET_CONFIGURATION, {"key": []}) == {}

"""The cases of the Core profile that are about a station's settings and memory."""

from typing import Any

from tests.conformance.harness import Station, accepted, refused


def test_tc_019_1_csms_all_settings_are_read_and_shown(station: Station) -> None:
    assert station.settings() == {}
    asked = station.command("GET_CONFIGURATION")
    answer = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
            {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,SmartCharging"},
            {"key": "AuthorizationKey", "readonly": False},
            {"key": "VendorThing", "readonly": False, "value": ""},
        ],
        "unknownKey": [],
    }
    assert station.asked("GetConfiguration", **answer) == {}
    assert station.outcome(asked) == accepted(answer)
    assert station.settings() == {
        "HeartbeatInterval": ("300", False, False),
        "SupportedFeatureProfiles": ("Core,SmartCharging", True, False),
        "AuthorizationKey": (None, False, False),
        "VendorThing": ("", False, False),
    }


def test_tc_019_2_csms_one_setting_is_read_and_shown(station: Station) -> None:
    asked = station.command("GET_CONFIGURATION", key=["SupportedFeatureProfiles", "Nonsense"])
    answer = {
        "configurationKey": [{"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"}],
        "unknownKey": ["Nonsense"],
    }
    assert station.asked("GetConfiguration", **answer) == {"key": ["SupportedFeatureProfiles", "Nonsense"]}
    assert station.outcome(asked) == accepted(answer)
    assert station.settings() == {"SupportedFeatureProfiles": ("Core", True, False), "Nonsense": (None, False, True)}


def change(station: Station, key: str, value: str, status: str) -> dict[str, Any]:
    """The operator changes a setting, the station answers; what is shown of it."""
    asked = station.command("CHANGE_CONFIGURATION", key=key, value=value)
    assert station.asked("ChangeConfiguration", status=status) == {"key": key, "value": value}
    return station.outcome(asked)


def test_tc_021_csms_a_setting_is_changed(station: Station) -> None:
    assert change(station, "MeterValueSampleInterval", "60", "Accepted") == accepted()
    assert station.settings()["MeterValueSampleInterval"][0] == "60"


def test_tc_040_1_csms_a_setting_that_the_station_does_not_know_is_shown_as_such(station: Station) -> None:
    assert change(station, "Nonsense", "1", "NotSupported") == refused("NotSupported")


def test_tc_040_2_csms_a_value_that_the_station_rejects_is_shown_as_such(station: Station) -> None:
    assert change(station, "MeterValueSampleInterval", "-1", "Rejected") == refused("Rejected")


def test_tc_061_csms_the_stations_memory_of_tags_is_cleared(station: Station) -> None:
    asked = station.command("CLEAR_CACHE")
    assert station.asked("ClearCache", status="Accepted") == {}
    assert station.outcome(asked) == accepted()

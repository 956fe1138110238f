"""The settings of a station, in the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

import wsgi
from accounts.access import SYSTEM
from accounts.rights import Role
from kit import worker
from stations.models import Station, StationCommand, StationSetting
from stations.use_cases import finish_command, mark_command_sent, read_settings
from stations.values import Action, CommandId, CommandState, StationId, WishState
from tests import make, scene
from tests.portal.desk import at_a_desk
from tests.portal.office import Office, office


@pytest.fixture
def at_work(app: Flask) -> Iterator[Office]:
    """Alice, Bob and Charlie at their desks; events are carried."""
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    yield office(app)
    worker.bind([], [])


@pytest.fixture
def station(at_work: Office) -> Station:
    return scene.station(property=at_work.people.home, name="Ost")


def answered(answer: dict[str, Any], state: CommandState = CommandState.ACCEPTED) -> StationCommand:
    """The station answers to the one open question."""
    (command,) = [row for row in scene.rows(StationCommand) if not row.state.final]
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state, answer=answer)
    worker.drain()
    assert isinstance(command, StationCommand)
    return command


def told(**values: str) -> dict[str, Any]:
    return {"configurationKey": [{"key": key, "readonly": False, "value": value} for key, value in values.items()]}


GOOD = {"MeterValueSampleInterval": "60", "MeterValuesSampledData": "Energy.Active.Import.Register,Voltage"}


def test_settings_are_read_explained_searched_and_set(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/settings"
    assert "The settings were not read yet" in bob.get(path).text
    bob.post(f"{path}/read", at=path)
    assert "The settings are being read" in bob.get(path).text
    fixed = {"key": "NumberOfConnectors", "readonly": True, "value": "1"}
    answer = told(**GOOD, LocalPreAuthorize="TRUE", MusterSleep="off", AuthorizationKey="hush")
    answered({"configurationKey": [*answer["configurationKey"], fixed]})
    text = bob.get(path).text
    assert "MeterValueSampleInterval How often it tells the meter while charging; 0: never. 60 s" in text
    assert "Energy.Active.Import.Register, Voltage" in text
    assert "Whether it starts for known tags without waiting for the platform. yes" in text
    assert "Others, of the manufacturer MusterSleep off" in text
    assert "NumberOfConnectors fixed How many connectors it has. 1" in text
    assert "Its password; it never tells it. kept secret" in text
    assert "hush" not in text
    found = bob.get(f"{path}?text=METER+WHILE").text
    assert "MeterValueSampleInterval" in found
    assert "MusterSleep" not in found

    one = f"/stations/{station.id}/setting"
    refused = bob.post(one, at=f"{one}?key=MeterValueSampleInterval", key="MeterValueSampleInterval", value="often")
    assert refused.status == 422
    assert "Please enter a number" in refused.text
    bob.post(one, at=f"{one}?key=MeterValueSampleInterval", key="MeterValueSampleInterval", value="30")
    assert answered(told(**GOOD)).payload == {"key": ["MeterValueSampleInterval"]}
    assert answered({"status": "RebootRequired"}).payload == {"key": "MeterValueSampleInterval", "value": "30"}
    text = bob.get(path).text
    assert "60 s wished: 30 s counts after a restart" in text
    assert "Something that was set counts only after a restart of the station." in text
    bob.post(f"{one}/forget", at=f"{one}?key=MeterValueSampleInterval", key="MeterValueSampleInterval")
    assert "wished:" not in bob.get(path).text


def test_an_answer_out_of_order_is_shown_as_it_came(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/settings"
    bob.post(f"{path}/read", at=path)
    answered({"configurationKey": {"WifiPassword": "hush", **GOOD}})
    text = bob.get(path).text
    assert "The station's answer is not as the standard wants it; what could be read is shown." in text
    assert '{"configurationKey":{"WifiPassword":"***"' in text


def test_what_a_station_can_do_is_tried(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/settings"
    bob.post(f"{path}/probe", at=path)
    asked = scene.rows(StationCommand)
    assert {row.action for row in asked} == {
        Action.TRIGGER_MESSAGE,
        Action.GET_LOCAL_LIST_VERSION,
        Action.GET_COMPOSITE_SCHEDULE,
    }


def test_who_may_only_look_can_change_nothing_and_a_stranger_sees_nothing(
    app: Flask, at_work: Office, station: Station
) -> None:
    path = f"/stations/{station.id}/settings"
    vera = at_a_desk(app, make.login(account=at_work.people.home, role=Role.VIEWER).email)
    assert vera.get(path).status == 200
    assert vera.get(f"/stations/{station.id}/setting?key=CpoName").status == 200
    for who, status in ((vera, 403), (at_work.charlie, 404)):
        assert who.post(f"{path}/read", at="/me").status == status
        assert who.post(f"/stations/{station.id}/setting", at="/me", key="CpoName", value="X").status == status
        assert who.post(f"/stations/{station.id}/setting/forget", at="/me", key="CpoName").status == status
        assert who.post(f"{path}/probe", at="/me").status == status
    assert at_work.charlie.get(path).status == 404
    assert scene.rows(StationSetting) == []
    assert scene.rows(StationCommand) == []


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("AuthorizationKey", "0123456789abcdef", "Passwords and the security profile are set on the security page."),
        ("SecurityProfile", "2", "Passwords and the security profile are set on the security page."),
        ("NumberOfConnectors", "9", "The station does not let this be changed."),
        ("", "9", "Please fill this in."),
        ("LightIntensity", "101", "This number is out of range."),
        ("LocalPreAuthorize", "maybe", "Please choose one of the list."),
    ],
)
def test_what_can_not_be_wished_for_is_said(
    at_work: Office, station: Station, key: str, value: str, words: str
) -> None:
    one = f"/stations/{station.id}/setting"
    answer = at_work.bob.post(one, at=one, key=key, value=value)
    assert answer.status == 422
    assert words in answer.text
    assert scene.rows(StationSetting, StationSetting.wish_state == WishState.OPEN) == []


def test_two_stations_of_a_model_are_compared(at_work: Office, station: Station) -> None:
    here, there = station, scene.station(property=at_work.people.home, name="West")
    elsewhere = scene.station(name="Fremd")
    for one, values in ((here, {"A": "60", "B": "x", "C": "1"}), (there, {"A": "60.0", "B": "y"}), (elsewhere, {})):
        read_settings(SYSTEM, StationId(one.id), keys=["A"])
        answered(told(**GOOD, **values))
    path = f"/stations/{here.id}/settings/compare"
    assert "Fremd" not in at_work.bob.get(path).text
    text = at_work.bob.get(f"{path}?other={there.id}").text
    assert "Setting Ost West B x y C 1 –" in text
    assert at_work.charlie.get(path).status == 404

"""Limits in the browser: a simple form, profiles in full, what came of them, the schedule as a picture."""

from typing import Any

import pytest
from flask import Flask

from accounts.access import SYSTEM
from charging.models import ChargingProfile
from charging.queries import schedule_style
from charging.values import ScheduleStyle
from kit import worker
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import CommandId, CommandState, NewConnector, StationId
from tests import scene
from tests.portal.office import Office, office

YES, NO = CommandState.ACCEPTED, CommandState.REFUSED


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property with two connectors."""
    return scene.station(property=at_work.people.home, name="Ost", connectors=[NewConnector()] * 2)


def answered(state: CommandState, **answer: Any) -> dict[str, Any]:
    (command,) = [row for row in scene.rows(StationCommand) if not row.state.final]
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state, answer=answer)
    worker.drain()
    sent: dict[str, Any] = command.payload
    return sent


def test_a_limit_is_set_checked_shown_and_lifted(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/limits"
    assert "No limits were sent yet" in bob.get(path).text
    until = {"valid_from": "", "valid_to": "2099-07-01T18:00"}
    sent = bob.post(path, connector_number="1", limit="7,4", unit="W", **until)
    assert (sent.status, sent.headers["Location"]) == (303, path)
    assert "Connector 1: 7.4 kW For every session · level 0 · number 1" in bob.get(path).text
    profile = answered(YES, status="Accepted")["csChargingProfiles"]
    assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 7400}]
    assert profile["validTo"] == "2099-07-01T16:00:00Z"
    steps = [{"startPeriod": 0, "limit": 7400}, {"startPeriod": 1800, "limit": 3700}]
    schedule = {"chargingRateUnit": "W", "duration": 3600, "chargingSchedulePeriod": steps}
    answered(YES, status="Accepted", connectorId=1, chargingSchedule=schedule)
    page = bob.get(path)
    assert "Confirmed by the station" in page.text
    assert 'points="0,10 300,10 300,75 600,75"' in page.html
    assert "+0 s 7.4 kW · +1800 s 3.7 kW" in page.text
    bob.post(f"{path}/clear", at=path, number="1")
    assert answered(YES, status="Accepted") == {"id": 1}
    assert "Lifted" in bob.get(path).text


def test_a_refusal_is_told_and_another_way_tried(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/limits"
    at_work.bob.post(path, connector_number="0", limit="16", unit="A")
    answered(NO, status="Rejected")
    text = at_work.bob.get(path).text
    assert "The whole station: 16 A For the whole station · level 0 · number 1" in text
    assert "the station does not take it Refused" in text
    assert "The whole station: 16 A For every session · level 0 · number 2" in text


def test_a_profile_in_full(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/limits/profile"
    facts = {
        "connector_number": "2",
        "purpose": "TxDefaultProfile",
        "unit": "A",
        "stack_level": "1",
        "kind": "Recurring",
        "recurrency": "Daily",
        "periods": "0 16\r\n\r\n3600 9.5 1",
        "starts_at": "2026-11-01T00:00",
        "duration_s": "7200",
    }
    assert at_work.bob.post(path, **facts).status == 303
    profile = answered(YES, status="Accepted")["csChargingProfiles"]
    assert (profile["recurrencyKind"], profile["stackLevel"]) == ("Daily", 1)
    assert profile["chargingSchedule"] == {
        "chargingRateUnit": "A",
        "startSchedule": "2026-10-31T23:00:00Z",
        "duration": 7200,
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 16},
            {"startPeriod": 3600, "limit": 9.5, "numberPhases": 1},
        ],
    }
    assert len(scene.rows(StationCommand)) == 1  # nothing is asked that nobody wished
    for field, value in (("periods", "much"), ("periods", "0 -1"), ("stack_level", "x"), ("starts_at", "soon")):
        page = at_work.bob.post(path, **facts | {field: value})
        assert page.status == 422
        assert f'id="{field}-problem"' in page.html
    assert len(scene.rows(ChargingProfile)) == 1


def test_problems_stand_at_their_fields(at_work: Office, station: Station) -> None:
    path, good = f"/stations/{station.id}/limits", {"connector_number": "1", "limit": "16", "unit": "A"}
    for field, value in (("limit", ""), ("limit", "-1"), ("limit", "6.25"), ("connector_number", "9"), ("unit", "x")):
        page = at_work.bob.post(path, **good | {field: value})
        assert page.status == 422
        assert f'id="{field}-problem"' in page.html
    late = at_work.bob.post(path, **good, valid_to="2020-01-01T00:00")
    assert 'id="valid_to-problem"' in late.html
    assert scene.rows(ChargingProfile) == []


def test_how_a_station_wants_its_limits_is_kept(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/limits"
    at_work.bob.post(f"{path}/style", at=path, style="relative")
    assert schedule_style(SYSTEM, StationId(station.id)) is ScheduleStyle.RELATIVE
    at_work.bob.post(f"{path}/schedule", at=path, schedule_connector="0")
    assert answered(NO, status="Rejected") == {"connectorId": 0, "duration": 86_400}
    assert "The station has not told its schedule yet." in at_work.bob.get(path).text


def test_strangers_see_nothing(at_work: Office, station: Station) -> None:
    for path in ("limits", "limits/profile"):
        assert at_work.charlie.get(f"/stations/{station.id}/{path}").status == 404

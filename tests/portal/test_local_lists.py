"""The local list of a station in the browser."""

import pytest
from flask import Flask

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.use_cases import add_tag
from kit import worker
from stations.models import Station, StationCommand
from stations.use_cases import finish_command, mark_command_sent
from stations.values import Action, CommandId, CommandState
from tests import scene
from tests.portal.office import Office, office


@pytest.fixture
def at_work(app: Flask) -> Office:
    """Alice, Bob and Charlie at their desks."""
    return office(app)


@pytest.fixture
def station(at_work: Office) -> Station:
    """A station of Bob's property, which has one tag."""
    add_tag(SYSTEM, AccountId(at_work.people.home.id), "04AA")
    return scene.station(property=at_work.people.home, name="Ost")


def answered(state: CommandState, **answer: object) -> StationCommand:
    (command,) = [row for row in scene.rows(StationCommand) if not row.state.final]
    mark_command_sent(SYSTEM, CommandId(command.id))
    finish_command(SYSTEM, CommandId(command.id), state, answer=dict(answer))
    worker.drain()
    found: StationCommand = command
    return found


def test_the_list_is_sent_and_followed(at_work: Office, station: Station) -> None:
    bob, path = at_work.bob, f"/stations/{station.id}/local-list"
    assert "Version at the station not known yet" in bob.get(path).text
    bob.post(f"{path}/send", at=path)
    assert "The list is on its way to the station." in bob.get(path).text
    assert answered(CommandState.ACCEPTED, status="Accepted").action is Action.SEND_LOCAL_LIST
    text = bob.get(path).text
    assert "Version at the station 1 Tags at the station 1 Tags that belong on it 1 Still to be told 0" in text
    bob.post(f"{path}/send", at=path, full="1")
    answered(CommandState.REFUSED, status="Failed")
    assert "The station could not store the list. It keeps the one it had." in bob.get(path).text


def test_the_version_is_asked_for(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/local-list"
    at_work.bob.post(f"{path}/version", at=path)
    answered(CommandState.ACCEPTED, listVersion=-1)
    assert "Version at the station It keeps no list" in at_work.bob.get(path).text


def test_it_is_kept_up_to_date_by_a_switch(at_work: Office, station: Station) -> None:
    path = f"/stations/{station.id}/local-list"
    at_work.bob.post(f"{path}/automatic", at=path, on="1")
    assert "The station is told by itself when tags change." in at_work.bob.get(path).text
    at_work.bob.post(f"{path}/automatic", at=path)
    assert "The station is told only when somebody sends the list." in at_work.bob.get(path).text
    assert at_work.charlie.get(path).status == 404

"""Stations that this process knows by name: thousands that come back at once need no look into the database."""

from uuid import uuid4

import pytest

from accounts.access import SYSTEM
from kit import bus, clock
from ocpp_ws import proofs, remembered, renewals
from ocpp_ws.addresses import Asked
from ocpp_ws.remembered import Remembered
from stations.queries import SocketStation
from stations.use_cases import AddedStation, renew_password, stations_seen
from stations.values import StationId
from tests import scene
from tests.front_door import FrontDoor, front_door
from tests.ocpp_ws.at_the_door import dial, log_of, refused
from tests.serving import OCPP, basic
from tests.wire import until

HERE = Asked(None, "CH1234")


def known(*, by_account: bool = False, by_own_name: bool = True) -> SocketStation:
    return SocketStation(uuid4(), uuid4(), HERE.identity, "", by_account=by_account, by_own_name=by_own_name)


def looks(sent: list[str]) -> list[str]:
    """Those of the statements that look a station up."""
    return [one for one in sent if "AS unstored" in one]


@pytest.mark.usefixtures("database", "program")
def test_a_charger_that_comes_back_is_not_looked_up_again(door: FrontDoor, charger: AddedStation) -> None:
    with scene.statements() as sent:
        dial(door, charger).close()
        assert len(looks(sent)) == 1
        until(lambda: [one.closed_at for one in log_of(charger)] not in ([], [None]))
        dial(door, charger)
        assert len(looks(sent)) == 1


@pytest.mark.usefixtures("database", "program")
def test_who_was_here_before_a_restart_is_known(charger: AddedStation, monkeypatch: pytest.MonkeyPatch) -> None:
    stations_seen(SYSTEM, {StationId(charger.station.id): clock.now()})
    monkeypatch.setattr(proofs, "_remembered", Remembered())
    with front_door() as door, scene.statements() as sent:
        dial(door, charger)
        assert looks(sent) == []


@pytest.mark.usefixtures("database", "program")
def test_an_old_password_stops_counting_also_when_nobody_told(
    charger: AddedStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewals, "LOOK_EVERY_S", 0.05)
    with front_door() as door:
        dial(door, charger).close()
        with monkeypatch.context() as lost:
            lost.setattr(bus, "_bus", bus.Bus())
            renewed = renew_password(SYSTEM, StationId(charger.station.id))
        until(lambda: refused(door, charger, basic(charger.station.identity, charger.password), OCPP)[0] == 401)
        dial(door, charger, password=renewed)


def test_what_was_found_by_another_name_or_not_at_all_counts_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "PASSING_S", 0.0)
    mind = Remembered()
    code = Asked("A1", HERE.identity)
    for asked, found in (
        (HERE, None),
        (code, known(by_account=True, by_own_name=False)),
        (code, known()),  # by an identity that we made, at the address of an account that may enter one like it
    ):
        mind.put(asked, found, mind.changes)
        assert mind.get(asked) is None
    for asked, found in ((HERE, known()), (code, known(by_account=True))):
        mind.put(asked, found, mind.changes)
        assert mind.get(asked) == (found,)


def test_a_station_that_changed_is_forgotten_under_all_its_names_and_so_is_what_was_being_looked_up() -> None:
    mind, station, other = Remembered(), known(), known()
    names = [HERE, Asked("A1", HERE.identity)]
    for asked in names:
        mind.put(asked, station, mind.changes)
    mind.put(Asked(None, "CH5678"), other, before := mind.changes)
    mind.forget(station.id)
    assert [mind.get(asked) for asked in names] == [None, None]
    assert mind.get(Asked(None, "CH5678")) == (other,)
    mind.put(HERE, station, before)
    assert mind.get(HERE) is None


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 3)
    mind = Remembered()
    stations = [known() for _ in range(5)]
    for number, station in enumerate(stations):
        mind.put(Asked(None, str(number)), station, mind.changes)
    assert [mind.get(Asked(None, str(number))) for number in range(5)] == [
        None,
        None,
        *((one,) for one in stations[2:]),
    ]
    assert len(mind._names) == 3

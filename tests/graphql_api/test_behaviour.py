"""How stations behave, for programs: the same doors as in the portal."""

from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

FACTS = "{ ... on StationBehaviour { profile overrides settings } ... on Problem { code fields { field code } } }"


def test_settings_are_read_and_set(ask: Ask, people: People) -> None:
    station = str(make.station(property=people.home, owner=people.alice).id)
    query = "query($id: UUID!) { stationBehaviour(stationId: $id) { profile maker because overrides settings } }"
    fresh = ask(query, id=station)["data"]["stationBehaviour"]
    assert (fresh["profile"], fresh["because"], fresh["overrides"]) == (None, {}, {})
    assert fresh["settings"]["poll_meter_s"] == 0
    setting = f"mutation($id: UUID!, $s: JSON!) {{ setStationBehaviour(stationId: $id, settings: $s) {FACTS} }}"
    done = ask(setting, id=station, s={"poll_meter_s": 60})["data"]["setStationBehaviour"]
    assert (done["overrides"], done["settings"]["poll_meter_s"]) == ({"poll_meter_s": 60}, 60)
    refused = ask(setting, id=station, s={"can_fly": True})["data"]["setStationBehaviour"]
    assert refused == {"code": "invalid", "fields": [{"field": "canFly", "code": "unknown"}]}

"""Opening hours for programs."""

from stations.models import Connector
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

HOURS = "hours { outside endsSessions week { weekday spans { opens closes } } special { first last spans { opens } } }"
OF_STATION = f"""mutation($id: UUID!, $hours: OpeningHoursInput) {{
  setStationOpeningHours(stationId: $id, hours: $hours) {{
    ... on OwnOpeningHours {{ {HOURS} }} ... on Problem {{ code fields {{ field code }} }} }} }}"""
OF_CONNECTOR = OF_STATION.replace("setStationOpeningHours(stationId", "setConnectorOpeningHours(connectorId")
READ = f"query($id: UUID!) {{ station(id: $id) {{ connectors {{ opening {{ open changesAt {HOURS} }} }} }} }}"
NIGHTS = {
    "week": [{"weekday": "SATURDAY", "spans": [{"opens": "22:00", "closes": "06:00:30"}]}],
    "special": [{"first": "2099-12-24"}],
    "outside": "NOBODY",
    "endsSessions": True,
}


def test_a_program_sets_and_reads_hours(ask: Ask, people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    assert ask(READ, id=str(made.station.id))["data"]["station"]["connectors"] == [{"opening": None}]
    answer = ask(OF_STATION, id=str(made.station.id), hours=NIGHTS)["data"]["setStationOpeningHours"]["hours"]
    assert (answer["outside"], answer["endsSessions"]) == ("NOBODY", True)
    assert [day for day in answer["week"] if day["spans"]] == [
        {"weekday": "SATURDAY", "spans": [{"opens": "22:00:00", "closes": "06:00:00"}]}
    ]
    assert answer["special"] == [{"first": "2099-12-24", "last": "2099-12-24", "spans": []}]
    (plug,) = ask(READ, id=str(made.station.id))["data"]["station"]["connectors"]
    assert plug["opening"]["hours"] == answer
    own = ask(OF_CONNECTOR, id=str(made.connector.id), hours={"week": []})["data"]["setConnectorOpeningHours"]
    assert (own["hours"]["outside"], own["hours"]["endsSessions"]) == ("OWN", False)
    (plug,) = ask(READ, id=str(made.station.id))["data"]["station"]["connectors"]
    assert (plug["opening"]["open"], plug["opening"]["changesAt"]) == (False, None)
    none = ask(OF_CONNECTOR, id=str(made.connector.id), hours=None)["data"]["setConnectorOpeningHours"]
    assert none == {"hours": None}
    assert make.row(Connector, made.connector.id).opening_hours is None


def test_a_program_hears_what_is_wrong_with_them(ask: Ask, people: People) -> None:
    made = make.station(property=people.home, owner=people.alice)
    turned = {"week": [], "special": [{"first": "2099-12-24", "last": "2099-12-01"}]}
    answer = ask(OF_STATION, id=str(made.station.id), hours=turned)["data"]["setStationOpeningHours"]
    assert answer == {"code": "invalid", "fields": [{"field": "special", "code": "before_the_start"}]}
    stranger = make.account(name="Fremd")
    foreign = make.station(property=stranger.account, owner=stranger.owner).connector
    missing = ask(OF_CONNECTOR, id=str(foreign.id), hours=None)["data"]["setConnectorOpeningHours"]
    assert missing["code"] == "not_found"

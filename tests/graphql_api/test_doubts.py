"""Doubts and ends without a session for programs: the same doors as in the portal."""

from datetime import timedelta

from accounts.access import SYSTEM
from charging.models import ChargingSession, OrphanStop
from charging.use_cases import close_stale_session
from charging.values import SessionId
from tests import make, scene
from tests.graphql_api.conftest import Ask
from tests.people import People
from tests.talk import Talk, ago, iso

ENDS = "{ ... on OrphanStop { state attachedSessionId note } ... on Problem { code fields { field code } } }"


def talk(people: People) -> Talk:
    return Talk(scene.row(type(make.station(property=people.home).station), make.station(property=people.home).id))


def test_doubts_are_read_by_kind_and_marked(ask: Ask, people: People) -> None:
    charger = talk(people)
    charger.start(tag="04FF")
    query = "{ doubts(kind: UNKNOWN_TAG) { nodes { id code facts kind lookedAt stationId } pageInfo { hasNextPage } } }"
    (node,) = ask(query)["data"]["doubts"]["nodes"]
    assert (node["code"], node["facts"]) == ("tag_refused", {"tag": "04FF", "verdict": "Invalid"})
    marking = "mutation($ids: [UUID!]!) { markDoubtsLookedAt(ids: $ids) { ... on LookedAt { count } } }"
    assert ask(marking, ids=[node["id"]])["data"]["markDoubtsLookedAt"] == {"count": 1}
    assert ask(query)["data"]["doubts"]["nodes"] == []


def test_an_end_is_listed_with_what_it_may_belong_to_and_attached_once(ask: Ask, people: People) -> None:
    charger, begun = talk(people), ago(hours=3)
    charger.start(wh=1000, at=iso(begun))
    (ended,) = scene.rows(ChargingSession)
    close_stale_session(SYSTEM, SessionId(ended.id))
    charger.stop(4711, wh=8000, at=iso(begun + timedelta(hours=2)))
    (node,) = ask("{ orphanStops { nodes { id told meterStopWh state } } }")["data"]["orphanStops"]["nodes"]
    assert (node["told"], node["meterStopWh"], node["state"]) == ("4711", 8000, "OPEN")
    candidates = ask("query($id: UUID!) { sessionsOfOrphanStop(id: $id) }", id=node["id"])
    assert candidates["data"]["sessionsOfOrphanStop"] == [str(ended.id)]
    attach = f"mutation($id: UUID!, $s: UUID!) {{ attachOrphanStop(id: $id, sessionId: $s) {ENDS} }}"
    done = ask(attach, id=node["id"], s=str(ended.id))["data"]["attachOrphanStop"]
    assert done == {"state": "ATTACHED", "attachedSessionId": str(ended.id), "note": ""}
    again = ask(attach, id=node["id"], s=str(ended.id))["data"]["attachOrphanStop"]
    assert again == {"code": "resolved_already", "fields": []}


def test_the_connector_of_an_end_that_names_none_is_null(ask: Ask, people: People) -> None:
    charger = Talk(make.station(property=people.home, owner=people.alice).station)
    charger.status("Available", connector=2)
    charger.stop(999, wh=5_000)
    (session,) = ask("{ sessions { nodes { connectorNumber } } }")["data"]["sessions"]["nodes"]
    assert session == {"connectorNumber": None}


def test_an_end_is_accepted_or_dismissed_and_bad_input_is_refused_at_its_field(ask: Ask, people: People) -> None:
    charger = talk(people)
    for told in (1, 2):
        charger.stop(4710 + told, wh=9000, at=iso(ago(hours=told * 3)))
    first, second = scene.rows(OrphanStop)
    plug = str(scene.connector(charger.station).id)
    accept = f"""mutation($id: UUID!, $c: UUID!, $at: DateTime!, $wh: Int!) {{
        acceptOrphanStop(id: $id, connectorId: $c, startedAt: $at, meterStartWh: $wh) {ENDS} }}"""
    asked = {"id": str(first.id), "c": plug, "at": iso(ago(hours=5))}
    refused = ask(accept, wh=9001, **asked)["data"]["acceptOrphanStop"]
    assert refused == {"code": "invalid", "fields": [{"field": "meterStartWh", "code": "out_of_range"}]}
    assert ask(accept, wh=4000, **asked)["data"]["acceptOrphanStop"]["state"] == "ACCEPTED"
    dismiss = f'mutation($id: UUID!) {{ dismissOrphanStop(id: $id, reason: "a test") {ENDS} }}'
    assert ask(dismiss, id=str(second.id))["data"]["dismissOrphanStop"]["note"] == "a test"

"""The message log for programs: the same door as in the portal."""

from datetime import UTC, datetime, timedelta

from accounts.rights import Role
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit.masking import MASK
from stations.values import Sender
from tests import make
from tests.graphql_api.conftest import Ask
from tests.log_rows import log, said
from tests.people import People

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
PAGE = """query($first: Int!, $after: String, $search: MessageSearch, $oldest: Boolean!) {
    messages(first: $first, after: $after, search: $search, oldestFirst: $oldest) {
        nodes { id } edges { cursor } pageInfo { hasNextPage endCursor } } }"""


def found(ask: Ask, **search: object) -> list[int]:
    answer = ask(PAGE, first=50, search=search, oldest=False)["data"]["messages"]
    return [int(node["id"]) for node in answer["nodes"]]


def test_a_program_reads_and_searches_the_log(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Garage")
    other = make.station(property=people.next_door, owner=people.alice)
    call = '{"key": "AuthorizationKey", "value": "hunter22"}'
    beat, change, lost = log(
        said(station, at=AT),
        said(station, at=AT + timedelta(hours=1), action="ChangeConfiguration", sender=Sender.PLATFORM, call=call),
        said(other, at=AT + timedelta(hours=2), action="", call="[2,", answer=None, error="FormationViolation"),
    )
    assert found(ask) == [lost, change, beat]
    assert found(ask, stationId=str(station.id)) == [change, beat]
    assert found(ask, accountId=str(people.next_door.id)) == [lost]
    assert found(ask, action="Heartbeat") == [beat]
    assert found(ask, sender="PLATFORM") == [change]
    assert found(ask, errors=True) == [lost]
    assert found(ask, since="2026-01-15T13:00:00Z", until="2026-01-15T14:00:00Z") == [change]
    assert found(ask, text="authorizationkey") == [change]
    assert found(ask, messageId="nobody's") == []
    one = "query($id: ID!) { message(id: $id) { stationName at sender action call answer error latencyMs } }"
    assert ask(one, id=str(change))["data"]["message"] == {
        "stationName": "Garage",
        "at": "2026-01-15T13:00:00+00:00",
        "sender": "PLATFORM",
        "action": "ChangeConfiguration",
        "call": {"key": "AuthorizationKey", "value": MASK},
        "answer": {},
        "error": "",
        "latencyMs": 12,
    }
    unreadable = ask(one, id=str(lost))["data"]["message"]
    assert (unreadable["call"], unreadable["answer"]) == ("[2,", None)


def test_pages_lead_both_ways_through_the_log(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    numbers = log(*(said(station, at=AT + timedelta(minutes=n)) for n in range(5)))
    for oldest, expected in ((False, numbers[::-1]), (True, numbers)):
        seen: list[int] = []
        after = None
        for _ in range(3):
            page = ask(PAGE, first=2, after=after, oldest=oldest)["data"]["messages"]
            seen += [int(node["id"]) for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        assert seen == expected
        assert page["pageInfo"]["hasNextPage"] is False


def test_codes_are_explained_in_the_language_that_is_asked_for(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(said(station, action="Reset", answer='{"status": "Accepted"}'))
    one = "query($id: ID!, $l: String!) { message(id: $id) { meanings(language: $l) { place code words } } }"
    for language, words in (("en", "The station will restart."), ("de", "Die Station wird neu starten.")):
        assert ask(one, id=str(number), l=language)["data"]["message"]["meanings"] == [
            {"place": "Reset.conf.status", "code": "Accepted", "words": words}
        ]
    every = "query($l: String!, $text: String!) { messageWords(language: $l, text: $text) { topic places code words } }"
    found = ask(every, l="it", text="TimedOut")["data"]["messageWords"]
    assert [(word["places"], word["code"]) for word in found] == [(["error"], "TimedOut")]
    assert len(ask(every, l="fr", text="")["data"]["messageWords"]) > 150
    assert ask(every, l="rm", text="")["errors"][0]["extensions"] == {"code": "invalid", "language": "unknown"}


def test_bad_questions_are_refused_where_they_are_wrong(ask: Ask, people: People) -> None:
    naive = ask(PAGE, first=1, oldest=False, search={"since": "2026-01-15T13:00:00"})
    assert naive["errors"][0]["extensions"] == {"code": "invalid", "since": "without_zone"}
    broken = ask(PAGE, first=1, oldest=False, after="nonsense")
    assert broken["errors"][0]["extensions"] == {"code": "invalid", "after": "unknown"}
    for number in ("x", "1", "9" * 40, "-1", "²"):
        answer = ask("query($id: ID!) { message(id: $id) { id } }", id=number)
        assert answer["errors"][0]["extensions"]["code"] == "not_found"


def test_the_log_is_not_for_every_key(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(said(station))
    reader = create_api_token(people.alice, AccountId(people.master.id), name="r", role=Role.VIEWER).secret
    stranger = create_api_token(people.charlie, _own_account(people), name="s", role=Role.API_CLIENT).secret
    one = "query($id: ID!) { message(id: $id) { id } }"
    forbidden = ask(one, token=reader, id=str(number))["errors"][0]["extensions"]
    assert forbidden == {"code": "forbidden", "right": "message:view"}
    assert ask(one, token=stranger, id=str(number))["errors"][0]["extensions"]["code"] == "not_found"
    for token in (reader, stranger):
        assert ask(PAGE, token=token, first=1, oldest=False)["data"]["messages"]["nodes"] == []
    at_station = {"stationId": str(station.id)}
    assert ask(PAGE, token=stranger, first=1, oldest=False, search=at_station)["errors"][0]["extensions"] == {
        "code": "not_found"
    }


def _own_account(people: People) -> AccountId:
    (account_id,) = people.charlie.grants
    return AccountId(account_id)

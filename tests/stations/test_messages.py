"""The message log as it is read: every filter finds all that fits and nothing else, page by page, both ways."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.rights import Role
from accounts.values import AccountId
from kit import clock, settings
from kit.errors import Forbidden, NotFound
from kit.ids import new_id
from kit.masking import MASK
from stations import message_search
from stations.jobs import forget_own_questions, shorten_message_log
from stations.messages import MessageFilter, first_message_id, message_instant, new_message_id
from stations.queries import commands, message, messages
from stations.use_cases import finish_command, prune_messages, prune_questions, request_command, retention
from stations.values import Action, CommandId, CommandState, Sender, StationId
from tests import make
from tests.log_rows import log, said
from tests.made import MadeStation
from tests.people import People

ACTIONS = ("Heartbeat", "MeterValues", "StatusNotification", "Authorize", "StartTransaction", "Reset", "DataTransfer")
FILTERS: dict[str, dict[str, Any]] = {
    "everything": {},
    "errors": {"errors": True},
    "ours": {"sender": Sender.PLATFORM},
    "theirs": {"sender": Sender.STATION},
    "a frequent action": {"action": "Heartbeat"},
    "a rare action": {"action": "Authorize"},
    "no action of ours": {"action": "Nonsense"},
    "their data": {"action": "DataTransfer", "sender": Sender.STATION},
    "our data": {"action": "DataTransfer", "sender": Sender.PLATFORM},
    "errors of a frequent action": {"action": "MeterValues", "errors": True},
    "an error code": {"error": "FormationViolation"},
    "an error of a frequent action": {"error": "NotImplemented", "action": "MeterValues"},
    "a text": {"text": "N° 7%"},
    "a text of the error": {"text": "notimpl"},
    "a text in errors": {"text": "n° 7%", "errors": True},
    "a text in rare ones": {"text": "1%", "action": "Authorize"},
    "a message id": {"message_id": "m-3"},
    "a late answer": {"latency_from_ms": 900},
    "a late answer of ours": {"latency_from_ms": 700, "sender": Sender.PLATFORM},
}


@dataclass(frozen=True)
class Written:
    """What stands in the log, and whom it is about."""

    rows: list[dict[str, Any]]
    station: MadeStation
    people: People

    def fitting(self, wanted: MessageFilter, places: set[Any]) -> list[int]:
        """What a filter should find, newest first."""
        found = [row for row in self.rows if row["account_id"] in places and _fits(wanted, row)]
        return sorted((row["id"] for row in found), reverse=True)


def _fits(wanted: MessageFilter, row: dict[str, Any]) -> bool:
    said_there = " ".join((row["call"], row["answer"] or "", row["error"])).lower()
    return (
        wanted.station_id in (None, row["station_id"])
        and wanted.action in ("", row["action"])
        and wanted.sender in (None, row["sender"])
        and (not wanted.errors or row["error"] != "")
        and wanted.error in ("", row["error"])
        and wanted.message_id in ("", row["message_id"])
        and wanted.text.lower() in said_there
        and (wanted.latency_from_ms is None or (row["latency_ms"] or 0) >= wanted.latency_from_ms)
        and (wanted.since is None or row["at"] >= wanted.since)
        and (wanted.until is None or row["at"] < wanted.until)
    )


@pytest.fixture
def written(people: People, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Two hours of seven stations in four accounts, and a search that stops after a few messages."""
    monkeypatch.setattr(message_search, "BUDGET", 12)
    monkeypatch.setattr(message_search, "FEW_ACCOUNTS", 2)
    chance = random.Random(7)
    homes = [people.home, people.home, people.next_door, make.property(name="Haus im Wald"), None]
    stations = [make.station(property=home, owner=people.alice) for home in homes]
    elsewhere = make.account(name="Andere AG")
    stations.append(make.station(property=elsewhere.account, owner=elsewhere.owner))
    since = clock.now() - timedelta(hours=2)
    rows = [_anything(chance, chance.choice(stations), since + timedelta(seconds=30 * n)) for n in range(240)]
    # the first station belonged to somebody else before
    rows += [said(stations[0], at=since - timedelta(hours=n), account_id=elsewhere.id) for n in range(1, 4)]
    log(*rows)
    return Written(rows, stations[0], people)


def _anything(chance: random.Random, station: MadeStation, at: Any) -> dict[str, Any]:
    action = chance.choices(ACTIONS, (40, 30, 10, 6, 4, 5, 5))[0]
    ours = action == "Reset" or (action == "DataTransfer" and chance.random() < 0.5)
    return said(
        station,
        at=at,
        action=action,
        sender=Sender.PLATFORM if ours else Sender.STATION,
        message_id=f"m-{chance.randrange(20)}",
        call=f'{{"text": "N° {chance.randrange(10)}% _"}}',
        answer=chance.choice(["{}", None]),
        error=chance.choice(["", "", "", "FormationViolation", "NotImplemented"]),
        latency_ms=chance.choice([None, 12, 750, 900, 1_200]),
    )


def test_all_pages_together_are_what_fits(written: Written) -> None:
    home, elsewhere = AccountId(written.people.home.id), written.rows[-1]["account_id"]
    everywhere = {row["account_id"] for row in written.rows} - {elsewhere}
    noon = clock.now() - timedelta(hours=1)
    scopes: list[tuple[dict[str, Any], set[Any]]] = [
        ({}, everywhere),
        ({"account_id": home}, {home}),
        ({"station_id": written.station.id}, {home}),
        ({"account_id": written.people.master.id, "since": noon}, everywhere),
        ({"station_id": written.station.id, "until": noon}, {home}),
    ]
    for (name, one), (scope, places) in product(FILTERS.items(), scopes):
        wanted = MessageFilter(**one, **scope)
        expected = written.fitting(wanted, places)
        assert expected or scope or name == "no action of ours", "a filter that finds nothing tells nothing"
        assert _down(written.people.alice, wanted) == expected, (name, scope)
        assert _up(written.people.alice, wanted) == expected, (name, scope)


def _down(actor: Actor, wanted: MessageFilter) -> list[int]:
    """From the newest page to the end."""
    page = messages(actor, wanted, limit=9)
    numbers = [row.id for row in page.rows]
    while page.older is not None:
        page = messages(actor, wanted, before=page.older, limit=9)
        numbers += [row.id for row in page.rows]
    return numbers


def _up(actor: Actor, wanted: MessageFilter) -> list[int]:
    """From the oldest page to the newest, each as it stands on the page."""
    page = messages(actor, wanted, after=0, limit=9)
    numbers = [row.id for row in page.rows]
    while page.newer is not None:
        page = messages(actor, wanted, after=page.newer, limit=9)
        numbers = [row.id for row in page.rows] + numbers
    return numbers


def test_a_page_in_the_middle_leads_both_ways(written: Written) -> None:
    alice, wanted = written.people.alice, MessageFilter(account_id=AccountId(written.people.home.id))
    expected = written.fitting(wanted, {wanted.account_id})
    middle = messages(alice, wanted, before=expected[20], limit=5)
    assert [row.id for row in middle.rows] == expected[21:26]
    assert middle.older is not None
    assert middle.newer is not None
    assert [row.id for row in messages(alice, wanted, before=middle.older, limit=5).rows] == expected[26:31]
    assert [row.id for row in messages(alice, wanted, after=middle.newer, limit=5).rows] == expected[16:21]


def test_a_search_that_stops_says_how_far_it_looked(written: Written) -> None:
    wanted = MessageFilter(text="not there", station_id=written.station.id)
    page = messages(written.people.alice, wanted)
    here = sorted((row["id"] for row in written.rows if row["station_id"] == written.station.id), reverse=True)
    assert page.rows == ()
    assert page.older == here[11]
    assert page.searched_to == message_instant(here[11])
    assert message_instant(here[11]) == next(row["at"] for row in written.rows if row["id"] == here[11])
    instants: list[datetime | None] = [page.searched_to]
    while page.older is not None:
        page = messages(written.people.alice, wanted, before=page.older)
        instants.append(page.searched_to)
    assert len(instants) == len(here) // 12 + 1
    assert instants[-1] is None


def test_a_rare_kind_is_found_however_much_lies_in_front_of_it(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_search, "BUDGET", 10)
    station = make.station(property=people.home, owner=people.alice)
    at = clock.now() - timedelta(days=1)
    (oldest,) = log(said(station, at=at, action="StartTransaction", call='{"idTag": "04AB"}'))
    log(*(said(station, at=at + timedelta(minutes=n)) for n in range(1, 40)))
    for scope in ({"station_id": station.id}, {"account_id": AccountId(people.home.id)}, {}):
        page = messages(people.alice, MessageFilter(action="StartTransaction", text="04ab", **scope))
        assert [row.id for row in page.rows] == [oldest]
        assert page.older is None


def test_the_log_is_for_those_who_run_stations(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(said(station))
    of_station = MessageFilter(station_id=StationId(station.id))
    program = Actor(ActorKind.TOKEN, new_id(), grants={people.home.id: frozenset({Role.API_CLIENT})})
    for actor in (people.alice, people.bob, program):
        for wanted in (MessageFilter(), of_station, MessageFilter(account_id=AccountId(people.home.id))):
            assert [row.id for row in messages(actor, wanted).rows] == [number]
        assert message(actor, number).station_name == "Garage"
    viewer = make.login(account=people.home, role=Role.VIEWER).actor
    assert messages(viewer).rows == ()
    for door in (lambda: messages(viewer, of_station), lambda: message(viewer, number)):
        with pytest.raises(Forbidden):
            door()
    assert messages(people.charlie, MessageFilter(account_id=AccountId(people.home.id))).rows == ()
    for door in (lambda: messages(people.charlie, of_station), lambda: message(people.charlie, number)):
        with pytest.raises(NotFound):
            door()
    for nothing in (number + 1, 2**63, 2**90, -1):
        with pytest.raises(NotFound):
            message(people.alice, nothing)


def test_what_an_earlier_owner_said_stays_with_him(written: Written) -> None:
    former = written.rows[-1]
    assert former["station_id"] == written.station.id
    with pytest.raises(NotFound):
        message(written.people.alice, former["id"])


def test_secrets_are_masked_on_the_way_out_too(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(
        said(station, action="ChangeConfiguration", call='{"key":"AuthorizationKey","value":"hunter22"}', answer=None)
    )
    row = message(people.alice, number)
    assert row.call == {"key": "AuthorizationKey", "value": MASK}
    assert row.answer is None


def test_a_text_that_is_no_json_is_shown_as_it_is(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(said(station, action="", call='[2,"1","Heart', answer=None, error="Unreadable"))
    assert message(people.alice, number).call == '[2,"1","Heart'


def test_numbers_and_instants_at_the_edges_find_nothing_or_all(people: People) -> None:
    station = make.station(property=people.home, owner=people.alice)
    (number,) = log(said(station))
    far = clock.now().replace(year=9999)
    early = clock.now().replace(year=1)
    assert [row.id for row in messages(people.alice, MessageFilter(since=early, until=far)).rows] == [number]
    assert messages(people.alice, MessageFilter(since=far)).rows == ()
    assert messages(people.alice, MessageFilter(until=early)).rows == ()
    assert messages(people.alice, before=-5).rows == messages(people.alice, after=2**90).rows == ()
    assert [row.id for row in messages(people.alice, before=2**90).rows] == [number]


def test_numbers_are_in_the_order_of_their_instants() -> None:
    at = clock.now()
    numbers = [new_message_id(at + timedelta(microseconds=n)) for n in range(50)]
    assert numbers == sorted(numbers)
    assert all(first_message_id(at) <= number < 2**63 for number in numbers)
    assert message_instant(numbers[9]) == at + timedelta(microseconds=9)


def test_old_messages_are_forgotten_a_bite_at_a_time(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BITE", 3)
    station = make.station(property=people.home, owner=people.alice)
    limit = clock.now() - timedelta(days=90)
    old = log(*(said(station, at=limit - timedelta(seconds=n)) for n in range(1, 8)))
    young = log(*(said(station, at=limit + timedelta(minutes=n)) for n in range(1, 3)))

    def left() -> list[int]:
        return sorted(row.id for row in messages(people.alice).rows)

    assert left() == sorted(old + young)
    assert prune_messages(SYSTEM) is True
    assert left() == sorted(old[:4] + young)
    shorten_message_log()
    assert left() == sorted(young)
    assert prune_messages(SYSTEM) is False
    assert left() == sorted(young)


def test_how_long_messages_are_kept_is_a_setting(people: People, tmp_path: Path) -> None:
    station = make.station(property=people.home, owner=people.alice)
    log(said(station, at=clock.now() - timedelta(days=8)))
    (young,) = log(said(station, at=clock.now() - timedelta(days=6)))
    assert settings.current().message_log_days == 90
    make.settings_for(tmp_path, MESSAGE_LOG_DAYS="7")
    prune_messages(SYSTEM)
    assert [row.id for row in messages(people.alice).rows] == [young]


def test_only_the_program_itself_forgets(people: People) -> None:
    for door in (prune_messages, prune_questions):
        with pytest.raises(Forbidden):
            door(people.alice)


def test_what_the_program_asked_by_itself_goes_with_the_messages_and_what_people_asked_stays(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = StationId(make.station(property=people.home, owner=people.alice).id)
    wanted = {"requestedMessage": "MeterValues"}
    old = [request_command(who, station, Action.TRIGGER_MESSAGE, wanted) for who in (SYSTEM, SYSTEM, people.alice)]
    open_one = request_command(SYSTEM, station, Action.GET_CONFIGURATION, {}, expires_in=timedelta(days=30))
    for one in old:
        finish_command(SYSTEM, CommandId(one.id), CommandState.ACCEPTED, answer={"status": "Accepted"})
    later = clock.now() + timedelta(days=91)
    forget_own_questions()
    assert len(commands(people.alice)) == 4
    monkeypatch.setattr(clock, "now", lambda: later)
    forget_own_questions()
    assert {row.id for row in commands(people.alice)} == {old[2].id, open_one.id}

"""Whole conversations as chargers have them, replayed frame by frame: `transcripts/*.txt`, one thing a line.

    # a comment                          + tag 04A1, + connectors 2: what there is before
    @ 2026-07-01T08:00:00Z, @ +5m        the platform's clock (a step: s, m, h or d)
    ~ why                                the connection was lost, this is the next one
    ! Reset {"type":"Soft"}              what the operator wishes of it
    > text                               what the charger says
    < [3,"1",{...}]                      what it has to hear; `< -`: nothing
    = session kind=tag energy_wh=600     what stands in the database now; there are as many sessions as lines like this

In frames `<now>` is the platform's time, `<any>` anything, `<tx:a>` a transaction and `<id:a>` the id of a call of
ours: whichever was given first, the same one from then on. Conversations in which the platform asks go over a socket.
"""

import itertools
import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue, OrphanStop
from charging.use_cases import add_tag
from kit import clock, worker
from ocpp_ws import schemas
from ocpp_ws.sockets import Gateway
from stations.models import Connector, SecurityEvent, Station, StationCommand, StationSetting
from stations.use_cases import keep_quiet
from stations.values import Action, ConnectorStatus, NewConnector, StationId
from tests import scene
from tests.ocpp_ws.wiring import ask, command, connect, row, until
from tests.talk import Talk

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
BOTH_WAYS = [path for path in TRANSCRIPTS if "\n! " in path.read_text(encoding="utf-8")]
ONE_WAY = [path for path in TRANSCRIPTS if path not in BOTH_WAYS]
STEPS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
ARRIVES_WITHIN = timedelta(seconds=30)  # on a slow machine


class Wired:
    """A charger at the end of a socket, where the platform's calls arrive as well as its answers."""

    def __init__(self, gateway: Gateway, station: Station) -> None:
        self.station = station
        self.client = connect(gateway, station)
        self._ends = itertools.count(1)

    def say(self, raw: str) -> Any:
        """Send a text as it is; the answer, None where there is none."""
        self.client.send(raw.encode())
        if raw.startswith("[2,"):
            return self.client.answer()
        end = f"end {next(self._ends)}"
        assert self.client.call(end, "Heartbeat", {})[:2] == [3, end], "an answer is answered by nothing"
        return None


class Replay:
    """One conversation with one station."""

    def __init__(self, gateway: Gateway | None = None) -> None:
        self.gateway = gateway
        self.talk: Talk | Wired | None = None
        self.connectors, self.tags = 1, list[list[str]]()
        self.answer: Any = None
        self.numbers: dict[str, Any] = {}
        self.wishes: list[StationCommand] = []
        self.checked = {"session": 0, "orphan": 0, "command": 0}
        self.doubts: list[str] | None = None

    @property
    def charger(self) -> Talk | Wired:
        """The station; made when it is first needed, in the time of the conversation."""
        if self.talk is None:
            status = ConnectorStatus.UNKNOWN
            made = scene.station(connectors=[NewConnector()] * self.connectors, status=status)
            for number, *facts in self.tags:
                group = dict(_pairs(facts)).get("parent_id_tag", "")
                add_tag(SYSTEM, AccountId(made.account_id), number, parent_id_tag=group)
            self.talk = self.connection(made)
        return self.talk

    def connection(self, station: Station) -> Talk | Wired:
        """A new one; it remembers nothing of the last one."""
        if self.gateway is None:
            return Talk(station)
        keep_quiet(SYSTEM, StationId(station.id), quiet=True)  # only what the operator wishes is asked
        return Wired(self.gateway, station)

    def line(self, text: str) -> None:
        """Do what a line says."""
        sign, _, rest = text.partition(" ")
        deed = {
            "#": lambda _: None,
            "+": self.has,
            "@": self.wait,
            "~": self.reconnect,
            "!": self.wish,
            ">": self.say,
            "<": self.hear,
            "=": self.stands,
        }[sign]
        deed(rest)

    def has(self, rest: str) -> None:
        """Before it begins."""
        what, *facts = shlex.split(rest)
        if what == "tag":
            self.tags.append(facts)
        else:
            assert what == "connectors"
            self.connectors = int(facts[0])

    def wait(self, rest: str) -> None:
        """Move the clock."""
        if rest.startswith("+"):
            clock.move(clock.now() + timedelta(**{STEPS[rest[-1]]: int(rest[1:-1])}))
        else:
            clock.move(datetime.fromisoformat(rest))

    def reconnect(self, _why: str) -> None:
        """The charger comes again, once its line is known to be gone."""
        if isinstance(self.charger, Wired):
            self.charger.client.close()
            until(lambda: row(self.charger.station).connected_at is None)
        self.talk = self.connection(self.charger.station)

    def wish(self, rest: str) -> None:
        """The operator wants something of the charger."""
        action, _, payload = self.filled(rest).partition(" ")
        self.wishes.append(ask(self.charger.station, Action(action), json.loads(payload)))

    def say(self, rest: str) -> None:
        """The charger says something, with the numbers that it was given."""
        self.answer = self.charger.say(self.filled(rest))

    def filled(self, text: str) -> str:
        """With the numbers that were given out."""
        return re.sub(r"<((?:tx|id):\w+)>", lambda match: str(self.numbers[match[1]]), text)

    def hear(self, rest: str) -> None:
        """Compare the answer, or the next call of ours."""
        wanted = None if rest == "-" else json.loads(re.sub(r"(?<!\")<tx:\w+>", r'"\g<0>"', rest))
        heard = self.answer
        if wanted is not None and wanted[0] == 2:
            assert isinstance(self.charger, Wired), "our calls need a socket"
            heard = self.charger.client.next_frame()
            assert schemas.violation(heard[2], heard[3]) is None
        self.compare(wanted, heard)

    def compare(self, wanted: Any, heard: Any) -> None:
        """Piece by piece, since placeholders stand for more than themselves."""
        if isinstance(wanted, str) and wanted.startswith(("<tx:", "<id:")):
            assert isinstance(heard, int if wanted.startswith("<tx:") else str)
            assert heard == self.numbers.setdefault(wanted[1:-1], heard)
            assert list(self.numbers.values()).count(heard) == 1, "given out twice"
        elif wanted == "<now>":
            assert abs(datetime.fromisoformat(heard) - clock.now()) <= ARRIVES_WITHIN
        elif isinstance(wanted, dict | list) and type(wanted) is type(heard) and len(wanted) == len(heard):
            for key in wanted if isinstance(wanted, dict) else range(len(wanted)):
                self.compare(wanted[key], heard[key])
        elif wanted != "<any>":
            assert wanted == heard, (wanted, heard)

    def stands(self, rest: str) -> None:
        """Look into the database."""
        worker.drain()
        what, *facts = shlex.split(rest)
        if what == "command":
            made = self.wishes[self.checked[what]]
            self.checked[what] += 1
            until(lambda: command(made).state.final)
            self.has_facts(command(made), facts)
        elif what in self.checked:
            rows = scene.rows({"session": ChargingSession, "orphan": OrphanStop}[what])
            self.checked[what] += 1
            assert len(rows) >= self.checked[what], rows
            self.row = rows[self.checked[what] - 1]
            self.has_facts(self.row, facts)
        elif what in ("started", "ended"):
            assert getattr(self.row, f"{what}_at").isoformat().startswith(facts[0]), self.row.started_at
        elif what == "connector":
            self.has_facts(scene.connector(self.charger.station, int(facts[0])), facts[1:])
        elif what == "readings":
            place = scene.connector(self.charger.station, int(facts[0])).id
            found = scene.rows(MeterValue, MeterValue.connector_id == place)
            assert [str(value.energy_wh) for value in found] == facts[1:]
        elif what == "settings":
            found = scene.rows(StationSetting, StationSetting.station_id == self.charger.station.id)
            assert sorted(f"{setting.key}={setting.value}" for setting in found) == facts
        elif what == "security":
            assert [event.kind for event in scene.rows(SecurityEvent)] == facts
        else:
            assert what == "doubts", what
            self.doubts = facts

    def has_facts(self, row: Any, facts: list[str]) -> None:
        """Compare fields of a row with texts."""
        for name, wanted in _pairs(facts):
            found = scene.row(Connector, row.connector_id).number if name == "connector" else getattr(row, name)
            assert (name, _text(found)) == (name, wanted)

    def end(self) -> None:
        """Nothing else may stand there."""
        assert self.checked["session"] == len(scene.rows(ChargingSession))
        assert self.checked["orphan"] == len(scene.rows(OrphanStop))
        assert self.checked["command"] == len(self.wishes)
        assert sorted({row.code for row in scene.rows(DoubtfulFact)}) == self.doubts


def _pairs(facts: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (fact.partition("=") for fact in facts)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


@pytest.fixture(autouse=True)
def its_own_time() -> Iterator[None]:
    """What a conversation does to the clock ends with it."""
    with clock.moved_to(clock.now()):
        yield


def play(path: Path, replay: Replay) -> None:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            replay.line(text)
        except AssertionError as problem:
            raise AssertionError(f"{path.name}:{number}: {text}") from problem
    replay.end()


@pytest.mark.usefixtures("database", "program")
@pytest.mark.parametrize("path", ONE_WAY, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(path: Path) -> None:
    play(path, Replay())


@pytest.mark.usefixtures("reacting")
@pytest.mark.parametrize("path", BOTH_WAYS, ids=lambda path: path.stem)
def test_a_conversation_in_which_both_ask_goes_as_it_is_written(gateway: Gateway, path: Path) -> None:
    play(path, Replay(gateway))


def signs(path: Path) -> set[str]:
    return {line[0] for line in path.read_text(encoding="utf-8").splitlines()}


def test_there_are_conversations_of_every_kind() -> None:
    assert len(ONE_WAY) >= 12
    assert len(BOTH_WAYS) >= 6
    for path in TRANSCRIPTS:
        assert {"#", "@", ">", "<", "="} <= signs(path), path.name

"""Whole conversations as chargers have them, replayed frame by frame: `transcripts/*.txt`, one thing a line.

    # a comment                          + tag 04A1, + connectors 2: what there is before
    @ 2026-07-01T08:00:00Z, @ +5m        the platform's clock (a step: s, m, h or d)
    ~ why                                the connection was lost, this is the next one
    > text                               what the charger says
    < [3,"1",{...}]                      what it has to hear; `< -`: nothing
    = session kind=tag energy_wh=600     what stands in the database now; there are as many sessions as lines like this

In frames `<now>` is the platform's time, `<any>` anything, and `<tx:a>` a transaction: whichever was given first,
the same one from then on.
"""

import json
import re
import shlex
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.values import AccountId
from charging.models import ChargingSession, DoubtfulFact, MeterValue, OrphanStop
from charging.use_cases import add_tag
from kit import clock
from stations.models import Connector, SecurityEvent
from stations.values import ConnectorStatus, NewConnector
from tests import scene
from tests.talk import Talk

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
STEPS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
ARRIVES_WITHIN = timedelta(seconds=30)  # on a slow machine


class Replay:
    """One conversation with one station."""

    def __init__(self) -> None:
        self.now = clock.now()
        self.talk: Talk | None = None
        self.connectors, self.tags = 1, list[list[str]]()
        self.answer: Any = None
        self.transactions: dict[str, int] = {}
        self.checked = {"session": 0, "orphan": 0}
        self.doubts: list[str] | None = None

    @property
    def charger(self) -> Talk:
        """The station; made when it is first needed, in the time of the conversation."""
        if self.talk is None:
            status = ConnectorStatus.UNKNOWN
            self.talk = Talk(scene.station(connectors=[NewConnector()] * self.connectors, status=status))
            for number, *facts in self.tags:
                group = dict(_pairs(facts)).get("parent_id_tag", "")
                add_tag(SYSTEM, AccountId(self.talk.station.account_id), number, parent_id_tag=group)
        return self.talk

    def line(self, text: str) -> None:
        """Do what a line says."""
        sign, _, rest = text.partition(" ")
        deed = {
            "#": lambda _: None,
            "+": self.has,
            "@": self.wait,
            "~": self.reconnect,
            ">": self.say,
            "<": self.hear,
            "=": self.stands,
        }[sign]
        with clock.moved_to(self.now):
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
            self.now += timedelta(**{STEPS[rest[-1]]: int(rest[1:-1])})
        else:
            self.now = datetime.fromisoformat(rest)

    def reconnect(self, _why: str) -> None:
        """The charger comes again; the connection remembers nothing."""
        self.talk = Talk(self.charger.station)

    def say(self, rest: str) -> None:
        """The charger says something, with the numbers that it was given."""
        said = re.sub(r"<tx:(\w+)>", lambda match: str(self.transactions[match[1]]), rest)
        self.answer = self.charger.say(said)

    def hear(self, rest: str) -> None:
        """Compare the answer."""
        wanted = None if rest == "-" else json.loads(re.sub(r"(?<!\")<tx:\w+>", r'"\g<0>"', rest))
        self.compare(wanted, self.answer)

    def compare(self, wanted: Any, heard: Any) -> None:
        """Piece by piece, since placeholders stand for more than themselves."""
        if isinstance(wanted, str) and wanted.startswith("<tx:"):
            assert isinstance(heard, int)
            assert heard == self.transactions.setdefault(wanted[4:-1], heard)
            assert list(self.transactions.values()).count(heard) == 1, "given out twice"
        elif wanted == "<now>":
            assert abs(datetime.fromisoformat(heard) - clock.now()) <= ARRIVES_WITHIN
        elif isinstance(wanted, dict | list) and type(wanted) is type(heard) and len(wanted) == len(heard):
            for key in wanted if isinstance(wanted, dict) else range(len(wanted)):
                self.compare(wanted[key], heard[key])
        elif wanted != "<any>":
            assert wanted == heard, self.answer

    def stands(self, rest: str) -> None:
        """Look into the database."""
        what, *facts = shlex.split(rest)
        if what in self.checked:
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
        assert sorted({row.code for row in scene.rows(DoubtfulFact)}) == self.doubts


def _pairs(facts: list[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (fact.partition("=") for fact in facts)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value if isinstance(value, Enum) else value)


@pytest.mark.usefixtures("database", "program")
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_it_is_written(path: Path) -> None:
    replay = Replay()
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            replay.line(text)
        except AssertionError as problem:
            raise AssertionError(f"{path.name}:{number}: {text}") from problem
    replay.end()


def test_there_are_conversations_of_every_kind() -> None:
    assert len(TRANSCRIPTS) >= 12
    for path in TRANSCRIPTS:
        signs = {line[0] for line in path.read_text(encoding="utf-8").splitlines()}
        assert {"#", "@", ">", "<", "="} <= signs, path.name

"""What a conformance harness is made of: the platform asked by GraphQL only, and a station whose every frame the test
decides. Every frame in both directions is held against its OCPP schema; a refusal (CALLERROR) of ours, or a call of
ours that nobody asked for, fails the test.
"""

import itertools
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from ocpp_ws import schemas
from tests.proxy import Proxied
from tests.serving import OCPP, UPGRADE, Serving, basic
from tests.wire import PATIENCE_S, Client

CALL, ANSWER = 2, 3
_tags = itertools.count(1)


@dataclass
class Platform:
    """The running program, as a program with a token sees it. `ahead`: how far its clock was moved."""

    server: Serving
    proxy: Proxied
    account_id: str
    tokens: "itertools.cycle[str]"  # each may ask so many times a minute
    clock_file: Path
    ahead: timedelta = timedelta()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.port}"

    def now(self) -> datetime:
        """The platform's present."""
        return datetime.now(UTC) + self.ahead

    def forward(self, by: timedelta) -> None:
        """Move the platform's clock. It never goes back: what it does by the clock would wait for that long."""
        self.ahead += by
        self.clock_file.write_text(str(int(self.ahead.total_seconds())), encoding="ascii")

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """A GraphQL operation; its data."""
        headers = {"Authorization": f"Bearer {next(self.tokens)}"}
        body = {"query": query, "variables": variables}
        answer = requests.post(f"{self.url}/graphql", json=body, headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        assert "errors" not in found, found
        return dict(found["data"])

    def do(self, mutation: str, **variables: Any) -> dict[str, Any]:
        """A mutation of one field that must be done; what it answers."""
        (done,) = self.ask(mutation, **variables).values()
        assert done["__typename"] != "Problem", done
        return dict(done)

    def station(self, *, quiet: bool = True, **login: Any) -> "Station":
        """A new station with two connectors, not connected yet. `login`: identity, password, securityProfile.

        It is told nothing that nobody asked for, unless it is not `quiet`.
        """
        added = self.do(ADD_STATION, account=self.account_id, connectors=[{}, {}], login=login)
        self.do(KEEP_QUIET, station=added["stationId"], quiet=quiet)
        return Station(self, added["stationId"], added["identity"], added["password"], urlsplit(added["ocppUrl"]).path)

    def tag(self, **facts: Any) -> str:
        """A new tag of the account; its number."""
        number = unknown_tag()
        self.do(ADD_TAG, account=self.account_id, tag={"idTag": number, **facts})
        return number


def unknown_tag() -> str:
    """A number that no tag has yet."""
    return f"C0FFEE{next(_tags):06X}"


def until(what: Callable[[], Any]) -> Any:
    """Ask until the answer is true; it is returned."""
    deadline, pause = time.monotonic() + PATIENCE_S, 0.01
    while not (found := what()):
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(pause)
        pause = min(pause * 1.5, 0.2)
    return found


def accepted(answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """A command that the station agreed to."""
    return {"state": "ACCEPTED", "answer": {"status": "Accepted"} if answer is None else answer, "error": None}


def refused(status: str) -> dict[str, Any]:
    """A command that the station said no to, in its word."""
    return {"state": "REFUSED", "answer": {"status": status}, "error": None}


def written(instant: datetime) -> str:
    """An instant as GraphQL writes it."""
    return instant.replace(microsecond=0).isoformat()


def masked(payload: dict[str, Any]) -> dict[str, Any]:
    """What the log may show of a message of ours: not a station's password, and no address that opens by itself."""
    shown = payload | {"value": "***"} if payload.get("key") == "AuthorizationKey" else payload
    return dict(json.loads(re.sub(r"(/files/(?:up|down)/)[^/\"]+", r"\1***", json.dumps(shown))))


@dataclass
class Exchange:
    """A call and its answer, once there is one."""

    sender: str
    action: str
    call: dict[str, Any]
    answer: dict[str, Any] | None = None


class Station:
    """A raw station: the test decides every frame."""

    def __init__(self, platform: Platform, station_id: str, identity: str, password: str, path: str) -> None:
        self.platform = platform
        self.id = station_id
        self.identity = identity
        self.password = password
        self.path = path
        self.client: Client | None = None
        self._calls = itertools.count(1)
        self._asked: deque[Any] = deque()
        self._spoken: dict[str, Exchange] = {}

    # ------------------------------------------------------------------ as a station

    def knock(self, *, tls: bool = False, password: str | bytes | None = None, mine: Any = None) -> int:
        """Ask for a socket: by TLS or without, with the own or another password ("" for none), with a certificate and
        its key; the status. What was open before is dropped.
        """
        password = self.password if password is None else password
        login = (basic(self.identity, password),) if password else ()
        if self.client is not None:
            self.drop()
        if tls:
            status, client = self.platform.proxy.knock(self.path.removeprefix("/ocpp/"), *login, mine=mine)
        else:
            status, _, client = self.platform.server.knock(self.path, *UPGRADE, *login, OCPP)
        if status == 101:
            self.client = client
        else:
            client.close()
        return status

    def connect(self) -> None:
        """Open a socket, by a password where there is one."""
        assert self.knock() == 101

    def drop(self) -> None:
        """Hang up without a word, as by a power cut."""
        assert self.client is not None
        self.client.close()
        self.client = None

    def say(self, action: str, **payload: Any) -> dict[str, Any]:
        """A call of the station's; the payload of its answer. Calls of ours that cross it wait in a queue."""
        assert self.client is not None
        assert schemas.violation(action, payload) is None, "a good station speaks well"
        call_id = f"{self.identity}-{next(self._calls)}"
        self.client.send(json.dumps([CALL, call_id, action, payload]).encode())
        while True:
            frame = self.client.next_frame()
            assert frame is not None, f"the socket was closed instead of an answer to {action}"
            if frame[0] != CALL:
                break
            self._asked.append(frame)
        assert frame[:2] == [ANSWER, call_id], frame
        assert schemas.violation(f"{action}Response", frame[2]) is None, schemas.violation(
            f"{action}Response", frame[2]
        )
        self._spoken[call_id] = Exchange("STATION", action, payload, frame[2])
        return dict(frame[2])

    def leave_saying(self, action: str, **payload: Any) -> None:
        """Send a call and hang up before its answer, which holds nothing."""
        assert self.client is not None
        call_id = f"{self.identity}-{next(self._calls)}"
        self._spoken[call_id] = Exchange("STATION", action, payload, {})
        self.client.send(json.dumps([CALL, call_id, action, payload]).encode())
        self.drop()

    def next_call(self) -> Any:
        """The next frame of ours as it came; None at the end."""
        assert self.client is not None
        frame = self._asked.popleft() if self._asked else self.client.next_frame()
        if frame is not None:
            self._spoken[frame[1]] = Exchange("PLATFORM", frame[2], masked(frame[3]))
        return frame

    def hears(self, action: str) -> tuple[str, dict[str, Any]]:
        """The next call of ours: its id and payload."""
        frame = self.next_call()
        assert frame is not None, f"the socket was closed instead of {action}"
        kind, message_id, said, payload = frame
        assert (kind, said) == (CALL, action), frame
        assert schemas.violation(action, payload) is None, schemas.violation(action, payload)
        return message_id, payload

    def answers(self, message_id: str, **payload: Any) -> None:
        """Answer a call of ours."""
        assert self.client is not None
        self._spoken[message_id].answer = payload
        self.client.send(json.dumps([ANSWER, message_id, payload]).encode())

    def asked(self, action: str, **answer: Any) -> dict[str, Any]:
        """The next call of ours, answered at once; its payload."""
        message_id, payload = self.hears(action)
        assert schemas.violation(f"{action}Response", answer) is None, "a good station answers well"
        self.answers(message_id, **answer)
        return payload

    def boot(self, **facts: Any) -> dict[str, Any]:
        """BootNotification, and the status of every connector; the answer to the first."""
        answer = self.say("BootNotification", chargePointVendor="Octo", chargePointModel="Tester", **facts)
        for number in (0, 1, 2):
            self.status("Available", connector=number)
        return answer

    def status(self, status: str, *, connector: int = 1, error: str = "NoError", **more: Any) -> None:
        """StatusNotification."""
        facts = {"connectorId": connector, "status": status, "errorCode": error, "timestamp": self.stamp()}
        assert self.say("StatusNotification", **facts, **more) == {}

    def authorize(self, tag: str) -> dict[str, Any]:
        """Authorize; the idTagInfo."""
        return dict(self.say("Authorize", idTag=tag)["idTagInfo"])

    def start(
        self, tag: str, *, connector: int = 1, wh: int = 1000, at: datetime | None = None, **more: Any
    ) -> dict[str, Any]:
        """StartTransaction."""
        facts = {"connectorId": connector, "idTag": tag, "meterStart": wh, "timestamp": self.stamp(at)}
        return self.say("StartTransaction", **facts, **more)

    def stop(self, transaction: int, *, wh: int = 1050, at: datetime | None = None, **more: Any) -> dict[str, Any]:
        """StopTransaction; 50 Wh after the start, which is believable half a minute later."""
        return self.say("StopTransaction", transactionId=transaction, meterStop=wh, timestamp=self.stamp(at), **more)

    def charging(self, tag: str | None = None, *, connector: int = 1) -> int:
        """The reusable state Charging: a valid tag, a cable, a transaction; its number."""
        tag = tag or self.platform.tag()
        assert self.authorize(tag)["status"] == "Accepted"
        self.status("Preparing", connector=connector)
        started = self.start(tag, connector=connector, at=self.platform.now() - timedelta(seconds=30))
        assert started["idTagInfo"]["status"] == "Accepted"
        self.status("Charging", connector=connector)
        return int(started["transactionId"])

    def stamp(self, at: datetime | None = None) -> str:
        """An instant as most stations write it; the present one if none is given."""
        return (at or self.platform.now()).strftime("%Y-%m-%dT%H:%M:%SZ")

    def ends(self) -> None:
        """Nothing was asked that nobody wished for, and what was said is in the message log, word for word."""
        if self.client is not None:
            self.say("Heartbeat")
            assert not self._asked, f"asked without a wish: {self._asked}"
            self.drop()
        spoken = {call_id: one for call_id, one in self._spoken.items() if one.action != "Heartbeat"}  # stored later
        try:
            until(lambda: self.logged() == spoken)
        except AssertionError:
            assert self.logged() == spoken  # says what is missing

    def logged(self) -> dict[str, "Exchange"]:
        """The message log of the station without heartbeats, by the ids of the calls; of one sent again the last."""
        nodes = self.platform.ask(MESSAGES, station=self.id)["messages"]["nodes"]
        said = {node.pop("messageId"): Exchange(**node) for node in reversed(nodes)}
        return {call_id: one for call_id, one in said.items() if one.action != "Heartbeat"}

    # ------------------------------------------------------------------ as the operator sees it

    def command(self, action: str, **payload: Any) -> str:
        """The operator sends a message; the id of the command."""
        done = self.platform.do(SEND_COMMAND, station=self.id, action=action, payload=payload)
        return str(done["id"])

    def outcome(self, command_id: str) -> dict[str, Any]:
        """What became of a command, once that is settled."""

        def settled() -> dict[str, Any] | None:
            found: dict[str, Any] = self.platform.ask(COMMAND, id=command_id)["command"]
            return found if found.pop("final") else None

        return dict(until(settled))

    def shown(self) -> dict[str, Any]:
        """The station as it is shown."""
        return dict(self.platform.ask(STATION, id=self.id)["station"])

    def settings(self) -> dict[str, tuple[str | None, bool, bool]]:
        """Its settings as they are shown: value, whether it can't be changed, whether the station has no such one."""
        found = self.platform.ask(SETTINGS, station=self.id)["stationSettings"]["settings"]
        return {one["key"]: (one["value"], one["readOnly"], one["unknown"]) for one in found}

    def connector(self, number: int = 1) -> dict[str, Any]:
        """A connector as it is shown."""
        return next(dict(one) for one in self.shown()["connectors"] if one["number"] == number)

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions that are stored, the newest first."""
        return list(self.platform.ask(SESSIONS, station=self.id)["sessions"]["nodes"])

    def session(self) -> dict[str, Any]:
        """The one session that is stored."""
        (only,) = self.sessions()
        return only


ADD_STATION = """mutation($account: UUID!, $connectors: [ConnectorInput!]!, $login: LoginInput) {
  addStation(accountId: $account, facts: {name: "Conformance"}, connectors: $connectors, login: $login) {
    __typename ... on StationWithPassword { stationId identity password ocppUrl }
    ... on Problem { code fields { field code } } } }"""
KEEP_QUIET = """mutation($station: UUID!, $quiet: Boolean!) { setQuietAfterBoot(id: $station, quiet: $quiet) {
    __typename ... on Problem { code } } }"""
ADD_TAG = """mutation($account: UUID!, $tag: TagInput!) { addTag(accountId: $account, tag: $tag) {
    __typename ... on Tag { id } ... on Problem { code fields { field code } } } }"""
SEND_COMMAND = """mutation($station: UUID!, $action: Action!, $payload: JSON!) {
  sendCommand(stationId: $station, action: $action, payload: $payload) {
    __typename ... on Command { id } ... on Problem { code fields { field code } right } } }"""
SETTINGS = """query($station: UUID!) { stationSettings(stationId: $station) {
    settings { key value readOnly unknown } } }"""
COMMAND = "query($id: UUID!) { command(id: $id) { final state answer error } }"
STATION = """query($id: UUID!) { station(id: $id) { connected vendor model firmware serial
    connectors { id number status state errorCode } } }"""
SESSIONS = """query($station: UUID!) { sessions(stationId: $station) { nodes { id transactionId connectorNumber kind
    idTag authorisationId state startedAt endedAt energyWh meterStartWh meterStopWh stopReason offline } } }"""
MESSAGES = """query($station: UUID!) { messages(search: {stationId: $station}, first: 100) {
    nodes { messageId sender action call answer } } }"""

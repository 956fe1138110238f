"""The harness's command line against the running program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner

from harness.command_line import harness
from stations.pem import written
from tests import certificates
from tests.conformance.files import asks_for_log
from tests.conformance.harness import Platform, Station, unknown_tag, until

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(platform: Platform) -> Run:
    """Run one command: how it ended and what it printed."""

    def once(*words: str, token: str | None = None) -> tuple[int, str]:
        asked = ["--url", platform.url, "--token", token or next(platform.tokens), *words]
        done = CliRunner().invoke(harness, asked)
        return done.exit_code, done.output

    return once


def told(run: Run, *words: str) -> Any:
    """What a command that is done tells."""
    code, output = run(*words)
    assert code == 0, output
    return json.loads(output)


def test_a_station_with_a_certificate_of_its_own_comes_in_by_it(platform: Platform, run: Run, tmp_path: Path) -> None:
    key = certificates.ec_key()
    own = certificates.self_signed("made by the manufacturer", key)
    (tmp_path / "own.pem").write_text(written(own))
    made = told(run, "station", "--profile", "3", "--certificate", str(tmp_path / "own.pem"), "--connectors", "2")
    station = Station(platform, made["stationId"], made["identity"], made["password"], f"/ocpp/{made['identity']}")
    assert made["password"] == ""
    assert station.knock() == 401
    assert (station.knock(tls=True, mine=(own, key)), station.boot()["status"]) == (101, "Accepted")
    assert told(run, "show", made["identity"])["quietAfterBoot"] is True
    station.ends()


def test_tags_are_made_in_every_state_and_a_file_that_came_is_written(
    platform: Platform, station: Station, run: Run, tmp_path: Path
) -> None:
    states = {"valid": "Accepted", "blocked": "Blocked", "expired": "Expired"}
    for state, verdict in states.items():
        number = unknown_tag()
        assert told(run, "tag", number, "--state", state, "--parent", "FLEET")["state"] == state.upper()
        answer = station.authorize(number)
        assert (answer["status"], answer["parentIdTag"]) == (verdict, "FLEET")
    job, message_id, sent = asks_for_log(station, "DIAGNOSTICS")
    station.answers(message_id, fileName="../d.log")
    until(lambda: job.shown()["announcedName"])
    assert requests.put(sent["location"], data=b"all is well", timeout=10).ok
    (row,) = told(run, "files", station.id, "--into", str(tmp_path))
    assert (row["id"], [step["status"] for step in row["steps"]]) == (job.id, ["FileReceived"])
    (file,) = tmp_path.iterdir()
    assert (file.name, file.read_bytes()) == ("1-d.log", b"all is well")


def test_a_command_is_sent_without_waiting_and_listed_with_its_frames(station: Station, run: Run) -> None:
    sent = told(run, "command", station.identity, "ClearCache", "--wait", "0")
    assert (sent["action"], sent["payload"], sent["answer"]) == ("CLEAR_CACHE", {}, None)
    station.asked("ClearCache", status="Rejected")
    assert station.outcome(sent["id"])["state"] == "REFUSED"
    assert [one["id"] for one in told(run, "commands", station.id)] == [sent["id"]]
    until(lambda: told(run, "frames", station.id, "--action", "ClearCache")[0]["answer"] == {"status": "Rejected"})
    assert told(run, "sessions", station.identity) == []


def test_what_is_refused_says_why_and_ends_with_1(platform: Platform, station: Station, run: Run) -> None:
    code, output = run("tag", " ")
    assert (code, json.loads(output)["problem"]["code"]) == (1, "invalid")
    assert run("show", "nobody") == (1, "Error: 0 stations are called nobody\n")
    code, output = run("show", station.id, token="cp_wrong")
    assert (code, output[:12]) == (1, "Error: 401 {")
    assert run("--url", "http://127.0.0.1:9", "show", station.id)[0] == 1
    code, output = run("command", station.id, "Reset", "{")
    assert (code, "not JSON" in output) == (2, True)
    code, output = run("ask", "{ station(id: 1) { name } }")
    assert (code, list(json.loads(output))) == (1, ["problem"])

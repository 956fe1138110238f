"""The examples of docs/conformance.md, run one after the other as somebody with a terminal would."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from graphql import parse, validate
from strawberry.schema.schema import Schema

from graphql_api.schema import schema
from harness import operations
from kit import db
from tests.serving import OCPP, UPGRADE, Serving, basic, serving, settled

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```(?:\n\n```json\n(.*?)```)?", GUIDE, re.DOTALL)


class Terminal:
    """A shell that keeps what was set before."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.shell = subprocess.Popen(
            ["bash"], cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, block: str) -> str:
        """What a block of lines prints."""
        assert self.shell.stdin is not None
        assert self.shell.stdout is not None
        self.shell.stdin.write(f"{block}\necho; echo @@\n")
        self.shell.stdin.flush()
        lines = iter(self.shell.stdout.readline, "@@\n")
        return "".join(lines).strip()


class Station(threading.Thread):
    """A station that says yes to everything."""

    def __init__(self, server: Serving, added: dict[str, str]) -> None:
        super().__init__(daemon=True)
        path, login = urlsplit(added["ocppUrl"]).path, basic(added["identity"], added["password"])
        status, _, self.client = server.knock(path, *UPGRADE, login, OCPP)
        assert status == 101
        self.client.call("b", "BootNotification", {"chargePointVendor": "Octo", "chargePointModel": "Tester"})
        for number in (0, 1, 2):
            facts = {"connectorId": number, "errorCode": "NoError", "status": "Available"}
            self.client.call(f"s{number}", "StatusNotification", facts)
        self.client.sock.settimeout(None)

    def run(self) -> None:
        """Until the other side hangs up."""
        while (frame := self.client.next_frame()) is not None:
            self.client.send(json.dumps([3, frame[1], {"status": "Accepted"}]).encode())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Serving]:
    settled(tmp_path)
    db.disconnect()
    with serving(tmp_path) as running:
        yield running


def fits(shown: Any, real: Any) -> bool:
    """Whether an answer is the one that the guide shows; "..." stands for anything."""
    if shown == "...":
        return real is not None
    if isinstance(shown, dict) and isinstance(real, dict):
        told = real.keys() - {"extensions"}  # what an answer costs is not part of the guide
        return shown.keys() == told and all(fits(shown[name], real[name]) for name in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return len(shown) == len(real) and all(map(fits, shown, real))
    return bool(shown == real)


def printed(text: str) -> list[Any]:
    """Everything that was printed, one after the other: JSON where it is, else the line."""
    found: list[Any] = []
    while text := text.lstrip():
        try:
            value, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            value, _, _ = text.partition("\n")
            end = len(value)
        found.append(value)
        text = text[end:]
    return found


def test_the_guide_tells_what_happens(server: Serving, tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "DEMO": "1", "VAR_DIR": str(tmp_path), "PORT": str(server.port)}
    terminal = Terminal(environ | {"HARNESS_URL": f"http://127.0.0.1:{server.port}"})
    for block, shown in EXAMPLES:
        real = printed(terminal.run(block.replace("/tmp/", f"{tmp_path}/").replace(".venv/bin/python", sys.executable)))
        if "station --identity LAB-1" in block:
            Station(server, real[0]).start()
        wanted = json.loads(shown) if shown else "..."
        assert fits(wanted, real[0] if len(real) == 1 else real), f"{block}{json.dumps(real, indent=1)}"
    terminal.shell.terminate()
    assert len(EXAMPLES) == 11


@pytest.mark.parametrize("name", [name for name in dir(operations) if name.isupper() and name[0] != "_"])
def test_the_operations_of_the_command_line_are_in_the_schema(name: str) -> None:
    assert isinstance(schema, Schema)
    assert validate(schema._schema, parse(getattr(operations, name))) == []

"""The command line for conformance harnesses: operations of a running program, asked for by GraphQL, told as JSON.

docs/conformance.md shows them at work. What is refused is printed as it came, and the command ends with 1.
"""

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, TextIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from uuid import UUID

import click

from harness import operations
from kit import clock
from stations.values import Action, SecurityProfile

USUAL_URL = "http://127.0.0.1:8000"
ANSWER_S, LOOK_AGAIN_S = 30, 0.2
MOST = 100  # rows of a list
TAG_STATES = ("valid", "blocked", "expired")


@dataclass(frozen=True)
class Asking:
    """Where the program is, what it is asked with, and the one value of each answer that is wanted (empty: all)."""

    url: str
    token: str
    pick: str

    def ask(self, operation: str, **variables: Any) -> Any:
        """The answer to a GraphQL operation with one field; ends the command where it is refused."""
        body = json.dumps({"query": operation, "variables": variables}).encode()
        answer = json.loads(self._fetch("/graphql", body))
        if "errors" in answer:
            refused(answer["errors"])
        (found,) = answer["data"].values()
        if isinstance(found, dict) and found.pop("__typename", "") == "Problem":
            refused(found)
        return found

    def file(self, job_id: str) -> bytes:
        """What a station sent."""
        return self._fetch(f"/file-jobs/{job_id}/file")

    def account(self, account_id: str) -> str:
        """The account that was named, or the one that the token is for."""
        return account_id or str(self.ask(operations.ACCOUNTS)[0]["id"])

    def station(self, name: str) -> str:
        """The id of a station by its id or its OCPP identity."""
        try:
            return str(UUID(name))
        except ValueError:
            found = self.ask(operations.STATIONS, text=name)["nodes"]
        ids = [one["id"] for one in found if one["identity"] == name]
        if len(ids) != 1:
            raise click.ClickException(f"{len(ids)} stations are called {name}")
        return str(ids[0])

    def tell(self, answer: Any) -> None:
        """Print an answer, or the one value of it that is wanted."""
        if self.pick:
            click.echo(answer[self.pick])
        else:
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))

    def _fetch(self, path: str, body: bytes | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            # an address that whoever runs this command has chosen
            with urlopen(Request(self.url + path, body, headers), timeout=ANSWER_S) as answer:  # noqa: S310
                found: bytes = answer.read()
                return found
        except HTTPError as error:
            raise click.ClickException(f"{error.code} {error.read().decode(errors='replace')[:500]}") from error
        except URLError as error:
            raise click.ClickException(f"{self.url} does not answer: {error.reason}") from error


def refused(problem: Any) -> NoReturn:
    """Print what is the matter and end with 1."""
    click.echo(json.dumps({"problem": problem}, indent=2))
    raise click.exceptions.Exit(1)


asking = click.make_pass_decorator(Asking)
of_account = click.option("--account", "account_id", default="", help="Its id; else the account of the token.")


@click.group()
@click.option("--url", envvar="HARNESS_URL", default=USUAL_URL, show_default=True, help="Or in HARNESS_URL.")
@click.option("--token", envvar="HARNESS_TOKEN", default="", help="As `account` printed it; or in HARNESS_TOKEN.")
@click.option("--pick", default="", help="Print this value of the answer only.")
@click.pass_context
def harness(context: click.Context, url: str, token: str, pick: str) -> None:
    """Drive a running program as a conformance harness does; docs/conformance.md shows it at work."""
    context.obj = Asking(url.rstrip("/"), token, pick)


@harness.command("station")
@asking
@of_account
@click.option("--name", default="Harness")
@click.option("--identity", default="", help="Else one is made.")
@click.option("--password", default="", help="16 to 40 signs; else one is made where the profile asks for it.")
@click.option("--profile", type=click.Choice([one.value for one in SecurityProfile]), default="1", show_default=True)
@click.option("--certificate", type=click.File(), help="Its own certificate (PEM), for profile 3.")
@click.option("--connectors", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--chatty", is_flag=True, help="Let the platform ask it things on its own, as it does in real life.")
def add_station(
    to: Asking,
    account_id: str,
    name: str,
    identity: str,
    password: str,
    profile: str,
    certificate: TextIO | None,
    connectors: int,
    chatty: bool,
) -> None:
    """Add a station that is sent nothing unless somebody asks for it."""
    login = {"identity": identity, "password": password, "securityProfile": SecurityProfile(profile).name}
    plugs: list[dict[str, Any]] = [{} for _ in range(connectors)]
    account = to.account(account_id)
    made = to.ask(operations.ADD_STATION, account=account, name=name, connectors=plugs, login=login)
    if certificate is not None:
        to.ask(operations.BRING_CERTIFICATE, station=made["stationId"], certificate=certificate.read())
    if not chatty:
        to.ask(operations.KEEP_QUIET, station=made["stationId"])
    to.tell(made)


@harness.command("tag")
@asking
@of_account
@click.argument("number")
@click.option("--state", type=click.Choice(TAG_STATES), default="valid", show_default=True)
@click.option("--parent", default="", help="Its group (parentIdTag).")
def add_tag(to: Asking, account_id: str, number: str, state: str, parent: str) -> None:
    """Add a tag. Unknown is every NUMBER that was not added."""
    expired = (clock.now() - timedelta(days=1)).isoformat() if state == "expired" else None
    tag = {"idTag": number, "parentIdTag": parent, "blocked": state == "blocked", "expiresAt": expired}
    to.tell(to.ask(operations.ADD_TAG, account=to.account(account_id), tag=tag))


@harness.command("command")
@asking
@click.argument("station")
@click.argument("action", type=click.Choice([one.value for one in Action]))
@click.argument("payload", default="{}")
@click.option("--unchecked", is_flag=True, help="Send the payload as it is, whatever the standard says.")
@click.option("--wait", "wait_s", default=30.0, show_default=True, help="Seconds to wait for its end; 0: don't.")
def send_command(to: Asking, station: str, action: str, payload: str, unchecked: bool, wait_s: float) -> None:
    """Send any message with its raw PAYLOAD (JSON) to a STATION, and tell what became of it."""
    until = time.monotonic() + wait_s
    found = to.ask(
        operations.SEND_COMMAND,
        station=to.station(station),
        action=Action(action).name,
        payload=_object(payload),
        unchecked=unchecked,
    )
    while not found["final"] and time.monotonic() < until:
        time.sleep(LOOK_AGAIN_S)
        found = to.ask(operations.COMMAND, id=found["id"])
    to.tell(found)


@harness.command("show")
@asking
@click.argument("station")
def show_station(to: Asking, station: str) -> None:
    """The state of a STATION and of its connectors."""
    to.tell(to.ask(operations.STATION, station=to.station(station)))


@harness.command("sessions")
@asking
@click.argument("station")
def list_sessions(to: Asking, station: str) -> None:
    """The newest sessions of a STATION."""
    to.tell(to.ask(operations.SESSIONS, station=to.station(station), most=MOST)["nodes"])


@harness.command("commands")
@asking
@click.argument("station")
def list_commands(to: Asking, station: str) -> None:
    """The newest commands to a STATION."""
    to.tell(to.ask(operations.COMMANDS, station=to.station(station), most=MOST)["nodes"])


@harness.command("frames")
@asking
@click.argument("station")
@click.option("--action", default="", help="Only those of this OCPP message.")
def list_frames(to: Asking, station: str, action: str) -> None:
    """The newest calls of a STATION and to it with their answers, in the order in which they were made."""
    to.tell(to.ask(operations.FRAMES, station=to.station(station), action=action, most=MOST)["nodes"][::-1])


@harness.command("files")
@asking
@click.argument("station")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Write what it sent into this folder.")
def list_files(to: Asking, station: str, into: Path | None) -> None:
    """What a STATION was asked to send or to install, and how far it got."""
    jobs = to.ask(operations.FILES, station=to.station(station), most=MOST)["nodes"]
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        for job in jobs:
            if job["fileSize"] is not None:
                (into / f"{job['number']}-{Path(job['fileName']).name}").write_bytes(to.file(job["id"]))
    to.tell(jobs)


@harness.command("ask")
@asking
@click.argument("operation")
@click.argument("variables", default="{}")
def ask_anything(to: Asking, operation: str, variables: str) -> None:
    """Any other GraphQL OPERATION with one field; VARIABLES in JSON."""
    to.tell(to.ask(operation, **_object(variables)))


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise click.BadParameter("not a JSON object")
    return found

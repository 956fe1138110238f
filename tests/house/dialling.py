"""Chargers that dial: every form of the address, every kind of charger, every proof; what they are answered."""

import re
import socket
from base64 import b64encode
from urllib.parse import quote

from flask.testing import FlaskClient

from accounts.access import SYSTEM
from accounts.models import Account
from accounts.values import AccountId
from stations.use_cases import add_station, refuse_station
from stations.values import NewConnector, SecurityProfile, WaitingId
from tests import make
from tests.house.expected import lines
from tests.house.openings import UPGRADE, somewhere

PASSWORD, OTHER = "geheim-und-lang-genug", "auch-geheim-und-lang"
FORMS = {
    "/ocpp/<identity>": "",
    "/ocpp/<code>/<identity>": "own",
    "/api/Ocpp16/<code>/<identity>": "own",
    "/ocpp/<foreign code>/<identity>": "foreign",
    "/ocpp/<code of nobody>/<identity>": "nobody",
}
PROOFS = {"right": PASSWORD, "wrong": "falsch-und-lang-genug", "another's": OTHER, "none": None}


def chargers() -> tuple[dict[str, str], dict[str, str]]:
    """The identities of one charger of each kind; and the codes that addresses name."""
    home = make.account(name="Ladestrom AG").account
    foreign = make.account(name="Fremde Ladestationen AG").account
    for account, identity, password in ((home, "CP-1", PASSWORD), (foreign, "CP-9", OTHER)):
        _add(account, identity=identity, password=password)
    kinds = {
        "made by us": _add(home, password=PASSWORD),
        "of its own name": "CP-1",
        "of a foreign account": "CP-9",
        "open": _add(home, security_profile=SecurityProfile.OPEN),
        "by TLS only": _add(home, password=PASSWORD, security_profile=SecurityProfile.PASSWORD_TLS),
        "waiting": make.waiting(account=home, identity="W-1").identity,
        "refused": make.waiting(account=home, identity="W-2").identity,
        "unknown": "CP-nobody-entered",
    }
    refuse_station(SYSTEM, WaitingId(make.waiting(account=home, identity="W-2").id))
    return kinds, {"own": home.code, "foreign": foreign.code, "nobody": "BCDFGHJKLMNPQRST"}


def _add(account: Account, **login: object) -> str:
    made = add_station(SYSTEM, AccountId(account.id), name="Wallbox", connectors=[NewConnector()], **login)  # type: ignore[arg-type]
    return made.station.identity


def dial(browser: FlaskClient, form: str, code: str, identity: str, password: str | None) -> int:
    """Knock; the status of the answer."""
    path = re.sub(r"<[^>]*code[^>]*>", code, form).replace("<identity>", quote(identity))
    headers = UPGRADE | {"Sec-WebSocket-Protocol": "ocpp1.6"}
    if password is not None:
        headers["Authorization"] = "Basic " + b64encode(f"{identity}:{password}".encode()).decode()
    near, far = socket.socketpair()
    with near, far:
        environ = {"werkzeug.socket": far}
        answer = browser.open(path, headers=headers, environ_overrides=environ, environ_base=somewhere())
        if answer.status_code >= 400:
            return answer.status_code
        near.settimeout(10)
        return int(near.recv(12).split()[1])


def table() -> dict[tuple[str, str, str], int]:
    """What stands in `ocpp.txt`: for each form of the address and each kind of charger the answers by proof."""
    found: dict[tuple[str, str, str], int] = {}
    form = ""
    for line in lines("ocpp.txt"):
        if line.startswith("/"):
            form = line
            continue
        kind, *told = (part.strip() for part in line.split("  ") if part.strip())
        found |= {(form, kind, proof): int(status) for proof, status in zip(PROOFS, told, strict=True)}
    return found

"""The door that chargers knock at (`ocpp_ws.addresses`), judged before the upgrade, then handed to the hub.

A small application of its own in front of the web pages: no session, no login form, no cookies, and no thread stays
with a socket. Liberal in what it takes: extra slashes, odd headers, broken lists.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from ipaddress import ip_address
from random import randint
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_sock import Sock
from simple_websocket import Server
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from accounts.access import SYSTEM, Actor
from kit import hub
from kit.errors import Conflict, Forbidden, NotFound
from kit.throttle import Throttle, neighbourhood
from ocpp_ws import addresses, proofs, sockets
from ocpp_ws.addresses import Asked
from ocpp_ws.evidence import NOTHING, evidence_in
from ocpp_ws.flapping import arrivals
from ocpp_ws.proofs import Proven, Shown
from stations.queries import SocketStation
from stations.use_cases import knock, note_refusal
from stations.values import Arrival, Ending, Proof

log = structlog.get_logger()

INSIDE = "/ocpp"  # where every address of chargers leads to
SUBPROTOCOL = "ocpp1.6"
FAILURES_PER_MINUTE = 120  # of one address; a whole car park may be behind it
KNOCKS_PER_MINUTE = 120  # of one address, by chargers that nobody entered
CONNECTS_PER_MINUTE = 1_200  # of one address, unless it is this machine's own
LONGEST_SHOWN = 200
USUAL_WAIT_S = 60
BACK_WITHIN_S = 5, 30
_KEPT_HEADERS = frozenset({"HTTP_HOST", "HTTP_CONNECTION", "HTTP_UPGRADE"})
_WEBSOCKET = "HTTP_SEC_WEBSOCKET_"
# what is missing, in words for whoever configures the charger
_WORDS = {
    Ending.NO_PASSWORD: "wrong password",
    Ending.OTHER_USER: "the user has to be the identity of this charger",
    Ending.NO_TLS: "this charger has to come by TLS",
    Ending.NO_CERTIFICATE: "this charger has to come with its own certificate",
    Ending.NOT_BY_ACCOUNT: "a charger without a password has to come by its account's address",
    Ending.OTHER_PROTOCOL: f"only {SUBPROTOCOL} is spoken here",
    Ending.TOO_OFTEN: "this charger connects too often",
}

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_failures = Throttle(FAILURES_PER_MINUTE, 60.0)
_knocks = Throttle(KNOCKS_PER_MINUTE, 60.0)
_connects = Throttle(CONNECTS_PER_MINUTE, 60.0)
_noted = Throttle(1, 60.0)  # of each kind of refusal of a station, one a minute stands in its log


def in_front_of(pages: WsgiApp, trusted_proxies: int = 0) -> WsgiApp:
    """Chargers' addresses lead to their door, all others to the pages. Compression is never agreed to."""
    door: WsgiApp = _application().wsgi_app
    if trusted_proxies:
        door = ProxyFix(door, x_for=trusted_proxies, x_proto=0, x_host=0)

    def choose(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if not addresses.is_of_chargers(environ["PATH_INFO"]):
            return pages(environ, start_response)
        tidy(environ)
        environ["ocpp.evidence"] = evidence_in(environ) if trusted_proxies else NOTHING
        return door(environ, start_response)

    return choose


def tidy(environ: dict[str, Any]) -> None:
    """Make of a charger's request what the standard wants: one identity, plain upgrade headers."""
    environ["ocpp.address"] = environ.get("RAW_URI") or environ["PATH_INFO"]
    environ["ocpp.asked"] = addresses.read(environ["ocpp.address"])
    environ["PATH_INFO"] = INSIDE
    if "HTTP_SEC_WEBSOCKET_KEY" in environ:
        environ["HTTP_CONNECTION"], environ["HTTP_UPGRADE"] = "Upgrade", "websocket"
        environ["HTTP_SEC_WEBSOCKET_VERSION"] = "13"
    environ.setdefault("HTTP_HOST", "localhost")


def offered(header: str | None) -> list[str]:
    """The subprotocols of a list that may be malformed."""
    return [name.strip().lower() for name in (header or "").split(",") if name.strip()]


def _application() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["SOCK_SERVER_OPTIONS"] = hub.UPGRADE_OPTIONS | {"subprotocols": [SUBPROTOCOL]}
    app.before_request(_judge)
    app.register_error_handler(Exception, _failed)
    Sock(app).route(INSIDE)(_connected)
    return app


def _judge() -> Response | None:
    """Refuse before the upgrade, in words that help whoever configures the charger."""
    environ = request.environ
    asked: Asked = environ["ocpp.asked"]
    if "HTTP_SEC_WEBSOCKET_KEY" not in environ:
        return _refuse(HTTPStatus.BAD_REQUEST, "this address is for chargers (WebSocket, OCPP 1.6)")
    if sockets.current() is None:
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "no chargers are served here now")
    g.renewals = proofs.renewals()
    shown = Shown(proofs.basic_password(environ.get("HTTP_AUTHORIZATION")), environ["ocpp.evidence"])
    address = neighbourhood(environ.get("REMOTE_ADDR", ""))
    if _failures.full(address) and not shown.evidence.verified and not proofs.known_to_fit(asked, shown.login):
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many failures from this address")
    if not _is_here(address) and not _connects.hit(address):
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many connections from this address")
    found = proofs.station_of(asked)
    if found is None and asked.code is not None:
        let_in = _visitor(asked, shown, address)
        if isinstance(let_in, Response):
            return let_in
        found = let_in
    if found is None:
        _failures.hit(address)
        return _refuse(HTTPStatus.NOT_FOUND, "no such charger")
    return _judge_station(found, asked, shown, address)


def _judge_station(station: SocketStation, asked: Asked, shown: Shown, address: str) -> Response | None:
    """A charger that is known by name: whether it proves that it is it, speaks our language and comes in reason."""
    proven = Proven(station, Proof.NONE) if station.waiting else proofs.proven(station, asked, shown)
    if isinstance(proven, Ending):
        _failures.hit(address)
        return _turned_away(HTTPStatus.UNAUTHORIZED, station, proven, shown)
    names = offered(request.environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL"))
    if names and SUBPROTOCOL not in names:
        return _turned_away(HTTPStatus.BAD_REQUEST, station, Ending.OTHER_PROTOCOL, shown)
    wait_s = arrivals.wait_s(station.id)
    if wait_s:
        return _turned_away(HTTPStatus.TOO_MANY_REQUESTS, station, Ending.TOO_OFTEN, shown, wait_s)
    g.station = proven.station
    g.arrival = _arrival(shown, proven.proof, SUBPROTOCOL if names else "")
    _leave_the_needed(request.environ, asks=bool(names))
    return None


def _arrival(shown: Shown, proof: Proof = Proof.NONE, protocol: str = "") -> Arrival:
    evidence, asked = shown.evidence, request.environ["ocpp.asked"]
    return Arrival(
        peer=str(request.environ.get("REMOTE_ADDR", "")),
        address=str(request.environ["ocpp.address"])[:LONGEST_SHOWN],
        protocol=protocol,
        proof=proof,
        tls_version=evidence.version,
        tls_cipher=evidence.cipher,
        tls_name=evidence.name,
        other_user=proofs.other_user(asked, shown),
    )


def _is_here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _leave_the_needed(environ: dict[str, Any], *, asks: bool) -> None:
    """Only what the handshake needs reaches its parser: an odd header elsewhere must not end it."""
    environ.pop("HTTP_SEC_WEBSOCKET_PROTOCOL", None)
    for name in [name for name in environ if name.startswith("HTTP_")]:
        if name not in _KEPT_HEADERS and not name.startswith(_WEBSOCKET):
            del environ[name]
    if asks:
        environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] = SUBPROTOCOL


def _visitor(asked: Asked, shown: Shown, from_there: str) -> SocketStation | Response | None:
    """A charger that nobody entered, at the address of an account that exists: it may wait there."""
    found = proofs.look_up(asked)
    if found is not None or not asked.identity:
        return found
    if not _knocks.hit(from_there):
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many unknown chargers come from this address")
    came = _arrival(shown)
    try:
        found = knock(
            SYSTEM,
            asked.code or "",
            asked.identity,
            address=came.address,
            peer=came.peer,
            password=shown.login[1] if shown.login else None,
        )
    except NotFound:
        return None
    except Forbidden:
        return _refuse(HTTPStatus.FORBIDDEN, "the operator of this account refused this charger")
    except Conflict:
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many unknown chargers wait at this account")
    return found or _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "please try again")


def _turned_away(
    status: HTTPStatus, station: SocketStation, why: Ending, shown: Shown, wait_s: int = USUAL_WAIT_S
) -> Response:
    """A known charger is refused: its operator can read it, once a minute for each reason."""
    if _noted.hit(f"{station.id} {why.value}"):
        note_refusal(Actor.station(station.id), station.account_id, _arrival(shown), why)
    return _refuse(status, _WORDS[why], wait_s)


def _refuse(status: HTTPStatus, why: str, wait_s: int = USUAL_WAIT_S) -> Response:
    address, asked = str(request.environ["ocpp.address"])[:LONGEST_SHOWN], request.environ["ocpp.asked"]
    log.info("charger.refused", status=int(status), why=why, identity=asked.identity[:80], asked=address)
    answer = Response(f"{why}\n", status, mimetype="text/plain")
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = str(wait_s)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:  # it ends, or has just begun: not all of them in the same second
        answer.headers["Retry-After"] = str(randint(*BACK_WITHIN_S))  # noqa: S311  # no secret
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Basic realm="ocpp"'
    return answer


def _failed(error: Exception) -> Response:
    """Whatever goes wrong here is ours; the charger tries again later and learns nothing else."""
    if isinstance(error, HTTPException):
        return Response(f"{error.name}\n", error.code, mimetype="text/plain")
    log.error("charger.handshake_failed", exc_info=error)
    return Response("please try again later\n", HTTPStatus.SERVICE_UNAVAILABLE, mimetype="text/plain")


def _connected(ws: Server) -> None:
    gateway = sockets.current()
    sock, early = hub.take_over(ws)
    if gateway is None or g.renewals != proofs.renewals():  # stopped, or a password renewed, since it was judged
        sock.close()
        return
    gateway.adopt(sock, early, g.station, g.arrival, flapping=arrivals.came(g.station.id))

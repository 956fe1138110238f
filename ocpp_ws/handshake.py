"""The door that chargers knock at (`ocpp_ws.addresses`), judged before the upgrade, then handed to the hub.

A small application of its own in front of the web pages: no session, no login form, no cookies, and no thread stays
with a socket. Liberal in what it takes: extra slashes, odd headers, broken lists.
"""

import base64
import binascii
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from flask_sock import Sock
from simple_websocket import Server
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from accounts.access import SYSTEM
from kit import hub
from kit.errors import Conflict, Forbidden, NotFound
from kit.throttle import Throttle, neighbourhood
from ocpp_ws import addresses, sockets
from ocpp_ws.addresses import Asked
from ocpp_ws.evidence import NOTHING, Evidence, evidence_in
from stations.passwords import password_matches
from stations.queries import SocketStation, fitting_certificate, station_for_socket
from stations.use_cases import knock, take_over_certificate, take_over_password, take_over_profile
from stations.values import CertificateState, SecurityProfile, StationId

log = structlog.get_logger()

INSIDE = "/ocpp"  # where every address of chargers leads to
SUBPROTOCOL = "ocpp1.6"
TRUSTED_S = 5.0  # so long a station is remembered; a changed password is looked up at once
MOST_TRUSTED = 20_000
FAILURES_PER_MINUTE = 120  # of one address; a whole car park may be behind it
LONGEST_SHOWN = 200
KNOCKS_PER_MINUTE = 120  # of one address, by chargers that nobody entered
FRESH_LOOKS = 5  # for one identity in TRUSTED_S, when a password does not fit
_KEPT_HEADERS = frozenset({"HTTP_HOST", "HTTP_CONNECTION", "HTTP_UPGRADE"})
_WEBSOCKET = "HTTP_SEC_WEBSOCKET_"

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_trusted: dict[Asked, tuple[SocketStation | None, float]] = {}  # None: nobody is called so
_failures = Throttle(FAILURES_PER_MINUTE, 60.0)
_knocks = Throttle(KNOCKS_PER_MINUTE, 60.0)
_fresh_looks = Throttle(FRESH_LOOKS, TRUSTED_S)
_changes = 0  # of stations, as far as we were told
_renewals = 0  # those that end what was open before


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


def basic_password(header: str | None) -> tuple[bytes, bytes] | None:
    """User and password of a basic-auth header as raw bytes (passwords need not be text); None where there is none."""
    scheme, _, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        raw = base64.b64decode(encoded.strip().encode("latin-1"), validate=False)
    except (binascii.Error, UnicodeEncodeError):
        return None
    user, colon, password = raw.partition(b":")
    return (user, password) if colon else None


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
        return _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "chargers are served by another process")
    g.renewals = _renewals
    given = basic_password(environ.get("HTTP_AUTHORIZATION"))
    address = neighbourhood(environ.get("REMOTE_ADDR", ""))
    evidence: Evidence = environ["ocpp.evidence"]
    if _failures.full(address) and not evidence.verified and not _known_to_fit(asked, given):
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many failures from this address")
    station = _station(asked)
    if station is None and asked.code is not None:
        let_in = _visitor(asked, given, address)
        if isinstance(let_in, Response):
            return let_in
        station = let_in
    if station is None:
        _failures.hit(address)
        return _refuse(HTTPStatus.NOT_FOUND, "no such charger")
    proven = station if station.waiting else _proven(station, asked, given, evidence)
    if isinstance(proven, str):
        _failures.hit(address)
        return _refuse(HTTPStatus.UNAUTHORIZED, proven)
    names = offered(environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL"))
    if names and SUBPROTOCOL not in names:
        return _refuse(HTTPStatus.BAD_REQUEST, f"only {SUBPROTOCOL} is spoken here")
    _leave_the_needed(environ, asks=bool(names))
    g.station = proven
    return None


def _leave_the_needed(environ: dict[str, Any], *, asks: bool) -> None:
    """Only what the handshake needs reaches its parser: an odd header elsewhere must not end it."""
    environ.pop("HTTP_SEC_WEBSOCKET_PROTOCOL", None)
    for name in [name for name in environ if name.startswith("HTTP_")]:
        if name not in _KEPT_HEADERS and not name.startswith(_WEBSOCKET):
            del environ[name]
    if asks:
        environ["HTTP_SEC_WEBSOCKET_PROTOCOL"] = SUBPROTOCOL


def _station(asked: Asked) -> SocketStation | None:
    known = _trusted.get(asked)
    if known is not None and known[1] > time.monotonic():
        return known[0]
    return _look_up(asked)


def _look_up(asked: Asked) -> SocketStation | None:
    """The station of that name in the account that is named; else one whose identity we made, whatever the path."""
    if not asked.identity or "\x00" in asked.identity:
        return None
    before = _changes
    found = station_for_socket(SYSTEM, asked.identity, asked.code) if asked.code else None
    found = found or station_for_socket(SYSTEM, asked.identity)
    if len(_trusted) >= MOST_TRUSTED:
        _trusted.clear()
    if before == _changes:
        _trusted[asked] = (found, time.monotonic() + TRUSTED_S)
    return found


def _visitor(asked: Asked, given: tuple[bytes, bytes] | None, from_there: str) -> SocketStation | Response | None:
    """A charger that nobody entered, at the address of an account that exists: it may wait there."""
    _trusted.pop(asked, None)
    if (found := _look_up(asked)) is not None or not asked.identity:
        return found
    if not _knocks.hit(from_there):
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many unknown chargers come from this address")
    environ = request.environ
    try:
        found = knock(
            SYSTEM,
            asked.code or "",
            asked.identity,
            address=str(environ["ocpp.address"])[:LONGEST_SHOWN],
            peer=str(environ.get("REMOTE_ADDR", "")),
            password=given[1] if given else None,
        )
    except NotFound:
        return None
    except Forbidden:
        return _refuse(HTTPStatus.FORBIDDEN, "the operator of this account refused this charger")
    except Conflict:
        return _refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many unknown chargers wait at this account")
    return found or _refuse(HTTPStatus.SERVICE_UNAVAILABLE, "please try again")


def forget(station_id: UUID) -> None:
    """Something about the station changed: what is remembered of it counts no more, nor what is being looked up."""
    global _changes
    _changes += 1
    for asked, (station, _until) in list(_trusted.items()):
        if station is not None and station.id == station_id:
            _trusted.pop(asked, None)


def shut(station_id: UUID) -> None:
    """Its login was renewed: whoever was let in just now and is not in the gateway's hands yet has to come again."""
    global _renewals
    forget(station_id)
    _renewals += 1


def _known_to_fit(asked: Asked, given: tuple[bytes, bytes] | None) -> bool:
    """Whether this is the password of a station that is remembered; asks nobody."""
    station, until = _trusted.get(asked, (None, 0.0))
    if station is None or given is None or until <= time.monotonic():
        return False
    return _fitting(station, given[1]) is not None


def _fitting(station: SocketStation, password: bytes) -> str | None:
    """The hash that this password fits: of the one in force, or of the one being sent to the charger."""
    hashes = (station.password_hash, station.next_password_hash)
    return next((each for each in hashes if each is not None and password_matches(password, each)), None)


def _proven(
    station: SocketStation, asked: Asked, given: tuple[bytes, bytes] | None, evidence: Evidence
) -> SocketStation | str:
    """The station, when this is proof enough; looked up anew before it is refused, since it may just have changed.

    Otherwise what is missing, in words for whoever configures the charger.
    """
    missing = _missing(station, asked, given, evidence)
    if missing and (given is not None or evidence.certificate) and _fresh_looks.hit(f"{asked.code}/{asked.identity}"):
        station = _look_up(asked) or station
        missing = _missing(station, asked, given, evidence)
    return missing or station


def _missing(station: SocketStation, asked: Asked, given: tuple[bytes, bytes] | None, evidence: Evidence) -> str | None:
    """What the profile in force asks for and is not there. The profile that the charger was told to take counts, too,
    and alone from the first time it comes with it.
    """
    following = station.next_security_profile
    if following is not None and _lacks(following, station, asked, given, evidence) is None:
        take_over_profile(SYSTEM, StationId(station.id), following)
        _trusted.pop(asked, None)
        return None
    return _lacks(station.security_profile, station, asked, given, evidence)


def _lacks(
    profile: SecurityProfile,
    station: SocketStation,
    asked: Asked,
    given: tuple[bytes, bytes] | None,
    evidence: Evidence,
) -> str | None:
    if profile is SecurityProfile.OPEN:
        return None if station.by_account else "a charger without a password has to come by its account's address"
    if profile is not SecurityProfile.PASSWORD and not evidence.tls:
        return "this charger has to come by TLS"
    if profile is SecurityProfile.CERTIFICATE_TLS:
        shown = fitting_certificate(SYSTEM, StationId(station.id), evidence.certificate)
        if shown is not None and shown.state is CertificateState.SIGNED:
            take_over_certificate(SYSTEM, shown.id)
        return None if shown is not None else "this charger has to come with its own certificate"
    return None if given is not None and _password_fits(station, asked, *given) else "wrong password"


def _password_fits(station: SocketStation, asked: Asked, user: bytes, password: bytes) -> bool:
    hashed = _fitting(station, password)
    if hashed is None:
        return False
    if hashed == station.next_password_hash:
        take_over_password(SYSTEM, StationId(station.id), hashed)
        _trusted.pop(asked, None)
    if user != asked.identity.encode():
        log.info("charger.other_user", identity=asked.identity, user=user[:60].decode(errors="replace"))
    return True


def _refuse(status: HTTPStatus, why: str) -> Response:
    address, asked = str(request.environ["ocpp.address"])[:LONGEST_SHOWN], request.environ["ocpp.asked"]
    log.info("charger.refused", status=int(status), why=why, identity=asked.identity[:80], asked=address)
    answer = Response(f"{why}\n", status, mimetype="text/plain")
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        answer.headers["Retry-After"] = "60"
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
    if gateway is None or g.renewals != _renewals:  # stopped, or a password was renewed, between the check and here
        sock.close()
        return
    gateway.adopt(sock, early, g.station)

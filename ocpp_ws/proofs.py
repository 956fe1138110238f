"""Who a charger says it is, and whether it proves it: by password, by certificate, or not at all.

What the database says of a station is remembered, and looked up again before a charger is refused.
"""

import base64
import binascii
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from accounts.access import SYSTEM
from kit.throttle import Throttle
from kit.together import Together
from ocpp_ws.addresses import Asked
from ocpp_ws.evidence import Evidence
from ocpp_ws.remembered import MOST, PASSING_S, Remembered
from stations.passwords import password_matches
from stations.queries import SocketStation, fitting_certificate, stations_for_sockets, stations_lately_here
from stations.use_cases import take_over_certificate, take_over_password, take_over_profile
from stations.values import CertificateState, Ending, Proof, SecurityProfile, StationId

LONGEST_USER = 80
FRESH_LOOKS = 5  # for one identity in PASSING_S, when a password does not fit


def _look_up_all(names: Collection[tuple[str, str | None]]) -> dict[tuple[str, str | None], SocketStation | None]:
    found = stations_for_sockets(SYSTEM, names)
    return {name: found.get(name) for name in names}


_named = Together(_look_up_all)
_remembered = Remembered()
_fresh_looks = Throttle(FRESH_LOOKS, PASSING_S)
_renewals = 0  # those that end what was open before


@dataclass(frozen=True, slots=True)
class Shown:
    """What a charger shows: `login` is user and password as raw bytes, `evidence` what the proxy saw of it."""

    login: tuple[bytes, bytes] | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Proven:
    """A station that may come in, and by what."""

    station: SocketStation
    proof: Proof


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


def station_of(asked: Asked) -> SocketStation | None:
    """The station that is asked for, from memory where it is known."""
    known = _remembered.get(asked)
    return look_up(asked) if known is None else known[0]


def look_up(asked: Asked) -> SocketStation | None:
    """The station of that name in the account that is named; else one whose identity we made, whatever the path."""
    _remembered.drop(asked)
    if not asked.identity or "\x00" in asked.identity:
        return None
    changes = _remembered.changes
    found = _named((asked.identity, asked.code)) if asked.code else None
    found = found or _named((asked.identity, None))
    _remembered.put(asked, found, changes)
    return found


def warm() -> None:
    """Remember who was here lately: after a restart all of them come at once."""
    changes = _remembered.changes
    for (identity, code), station in stations_lately_here(SYSTEM, MOST // 2):
        _remembered.put(Asked(code, identity), station, changes)


def forget(station_id: UUID) -> None:
    """Something about the station changed: what is remembered of it counts no more, nor what is being looked up."""
    _remembered.forget(station_id)


def shut(station_id: UUID) -> None:
    """Its login was renewed: whoever was let in just now and is not in the gateway's hands yet has to come again."""
    global _renewals
    forget(station_id)
    _renewals += 1


def renewals() -> int:
    """Counts up with each login that is renewed."""
    return _renewals


def known_to_fit(asked: Asked, login: tuple[bytes, bytes] | None) -> bool:
    """Whether this is the password of a station that is remembered; asks nobody."""
    (station,) = _remembered.get(asked) or (None,)
    return station is not None and login is not None and _fitting(station, login[1]) is not None


def proven(station: SocketStation, asked: Asked, shown: Shown) -> Proven | Ending:
    """The station, when this is proof enough; looked up anew before it is refused, since it may just have changed.

    Otherwise what is missing.
    """
    found = _judged(station, asked, shown)
    if isinstance(found, Proof):
        return Proven(station, found)
    shows = shown.login is not None or shown.evidence.certificate
    if shows and _fresh_looks.hit(f"{asked.code}/{asked.identity}"):
        station = look_up(asked) or station
        found = _judged(station, asked, shown)
    return Proven(station, found) if isinstance(found, Proof) else found


def _judged(station: SocketStation, asked: Asked, shown: Shown) -> Proof | Ending:
    """What the profile in force asks for and is not there. The profile that the charger was told to take counts, too,
    and alone from the first time it comes with it.
    """
    following = station.next_security_profile
    if following is not None:
        found = _proof(following, station, asked, shown)
        if isinstance(found, Proof):
            take_over_profile(SYSTEM, StationId(station.id), following)
            forget(station.id)
            return found
    return _proof(station.security_profile, station, asked, shown)


def _proof(profile: SecurityProfile, station: SocketStation, asked: Asked, shown: Shown) -> Proof | Ending:
    if profile is SecurityProfile.OPEN:
        return Proof.NONE if station.by_account else Ending.NOT_BY_ACCOUNT
    if profile is not SecurityProfile.PASSWORD and not shown.evidence.tls:
        return Ending.NO_TLS
    if profile is SecurityProfile.CERTIFICATE_TLS:
        certificate = fitting_certificate(SYSTEM, StationId(station.id), shown.evidence.certificate)
        if certificate is not None and certificate.state is CertificateState.SIGNED:
            take_over_certificate(SYSTEM, certificate.id)
        return Ending.NO_CERTIFICATE if certificate is None else Proof.CERTIFICATE
    return Ending.NO_PASSWORD if shown.login is None else _by_password(station, asked, *shown.login)


def _by_password(station: SocketStation, asked: Asked, user: bytes, password: bytes) -> Proof | Ending:
    fitting = _fitting(station, password)
    if fitting is None:
        return Ending.NO_PASSWORD
    hashed, proof = fitting
    if user not in (asked.identity.encode(), station.identity.encode()) and not station.any_user:
        return Ending.OTHER_USER
    if hashed == station.next_password_hash:
        take_over_password(SYSTEM, StationId(station.id), hashed)
        forget(station.id)
    return proof


def other_user(asked: Asked, shown: Shown) -> str:
    """As whom it logs in, where that is not its identity."""
    user = b"" if shown.login is None else shown.login[0]
    told = user[:LONGEST_USER].decode(errors="replace").replace("\x00", "")
    return "" if user == asked.identity.encode() else told


def _fitting(station: SocketStation, password: bytes) -> tuple[str, Proof] | None:
    """The hash that this password fits, of the one in force or the one being sent, and in which reading."""
    for hashed in (station.password_hash, station.next_password_hash):
        reading = None if hashed is None else password_matches(password, hashed)
        if hashed is not None and reading is not None:
            return hashed, Proof.PASSWORD if reading == "text" else Proof.PASSWORD_BYTES
    return None

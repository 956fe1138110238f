"""Certificates as people, the handshake and the proxy need them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select

from accounts.access import Actor, allowed, system, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.use_case import query
from stations.authority import words_of
from stations.models import InstalledCertificate, Station, StationCertificate
from stations.pem import certificate_in, fingerprint
from stations.values import CertificateState, SecurityProfile, StationId

EXPIRES_SOON = timedelta(days=30)
MOST_SHOWN = 20
OPENING = (CertificateState.SIGNED, CertificateState.IN_FORCE)


@dataclass(frozen=True)
class OwnCertificate:
    """A station's own certificate, or its request for one. `name` and `issuer` are empty while there is none."""

    certificate: StationCertificate
    name: str
    issuer: str
    opens: bool  # whether the station can connect with it now
    expires_soon: bool


@dataclass(frozen=True)
class InstalledRoot:
    """A root certificate on a station. `name` is known where it was installed from here, else empty."""

    installed: InstalledCertificate
    name: str


@dataclass(frozen=True)
class StationCertificates:
    """Everything about the certificates of one station. `own`: its own ones, the newest first; `installed`: the roots
    on it, as far as it was asked.
    """

    station: Station
    own: tuple[OwnCertificate, ...]
    installed: tuple[InstalledRoot, ...]


@dataclass(frozen=True)
class ExpiringCertificate:
    """The end of a station's last certificate, which is near or over."""

    station_id: StationId
    account_id: AccountId
    station_name: str
    time_zone: str
    not_after: datetime


@query
def station_certificates(actor: Actor, station_id: StationId) -> StationCertificates:
    """The certificates of a station. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    session = db.session()
    own = select(StationCertificate).where(StationCertificate.station_id == station_id)
    installed = select(InstalledCertificate).where(InstalledCertificate.station_id == station_id)
    newest = (StationCertificate.requested_at.desc(), StationCertificate.id.desc())
    by_kind = (InstalledCertificate.kind, InstalledCertificate.serial_number)
    now = clock.now()
    return StationCertificates(
        station,
        tuple(_own(row, now) for row in session.scalars(own.order_by(*newest).limit(MOST_SHOWN))),
        tuple(InstalledRoot(row, _subject(row.certificate)) for row in session.scalars(installed.order_by(*by_kind))),
    )


@query
def expiring_certificates(
    actor: Actor, account_id: AccountId | None = None, *, within_days: int = EXPIRES_SOON.days
) -> list[ExpiringCertificate]:
    """Stations that need a certificate to connect, and whose last one in force ends within so many days or has ended.

    One that was sent and never acknowledged does not count: the station may not have it.
    """
    last = func.max(StationCertificate.not_after)
    found = (
        select(Station.id, Station.account_id, Station.name, Account.time_zone, last)
        .join(StationCertificate, StationCertificate.station_id == Station.id)
        .join(Account, Account.id == Station.account_id)
        .where(
            Station.security_profile == SecurityProfile.CERTIFICATE_TLS,
            StationCertificate.state == CertificateState.IN_FORCE,
        )
        .group_by(Station.id, Station.account_id, Station.name, Account.time_zone)
        .having(last < clock.now() + timedelta(days=within_days))
        .order_by(last)
    )
    if account_id is not None:
        found = found.where(within(Station, account_id))
    rows = db.session().execute(visible(actor, Right.VIEW_STATIONS, found, Station))
    return [
        ExpiringCertificate(station_id, account_id, name, zone, end)
        for station_id, account_id, name, zone, end in rows
        if end is not None
    ]


@query
def fitting_certificate(actor: Actor, station_id: StationId, certificate: str) -> StationCertificate | None:
    """The certificate of a station that the proxy saw (PEM or DER, in base64 or not), when it may connect with it.

    It has to be exactly one that we signed for this station, or that an operator entered for it: not expired, neither
    revoked nor refused, and not long replaced. Nothing else about the text is believed.
    """
    system(actor)
    presented = certificate_in(certificate)
    if presented is None:
        return None
    now = clock.now()
    opens = or_(
        StationCertificate.state.in_(OPENING),
        and_(StationCertificate.state == CertificateState.REPLACED, StationCertificate.ended_at > now),
    )
    known = select(StationCertificate).where(
        StationCertificate.station_id == station_id,
        StationCertificate.fingerprint == fingerprint(presented),
        StationCertificate.not_before <= now,
        StationCertificate.not_after > now,
        opens,
    )
    return db.session().scalar(known)


def _own(row: StationCertificate, now: datetime) -> OwnCertificate:
    over = row.not_after is None or row.not_after <= now
    kept = row.state is CertificateState.REPLACED and row.ended_at is not None and row.ended_at > now
    opens = not over and (row.state.opens or kept)
    soon = row.not_after is not None and row.not_after - now < EXPIRES_SOON
    return OwnCertificate(row, _subject(row.certificate), _issuer(row.certificate), opens, opens and soon)


def _subject(text: str | None) -> str:
    found = certificate_in(text or "")
    return words_of(found.subject) if found is not None else ""


def _issuer(text: str | None) -> str:
    found = certificate_in(text or "")
    return words_of(found.issuer) if found is not None else ""

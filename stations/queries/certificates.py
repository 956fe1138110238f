"""Certificates as people, the handshake and the proxy need them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, or_, select

from accounts.access import Actor, allowed, system
from accounts.rights import Right
from kit import clock, db
from kit.use_case import query
from stations.models import InstalledCertificate, Station, StationCertificate
from stations.pem import certificate_in, fingerprint
from stations.values import CertificateState, StationId

EXPIRES_SOON = timedelta(days=30)
OPENING = (CertificateState.SIGNED, CertificateState.IN_FORCE)


@dataclass(frozen=True)
class StationCertificates:
    """Everything about the certificates of one station. `own`: its own ones, the newest first; `installed`: the roots
    on it, as far as it was asked.
    """

    station: Station
    own: tuple[StationCertificate, ...]
    installed: tuple[InstalledCertificate, ...]


@query
def station_certificates(actor: Actor, station_id: StationId) -> StationCertificates:
    """The certificates of a station. Raises NotFound, Forbidden."""
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    session = db.session()
    own = select(StationCertificate).where(StationCertificate.station_id == station_id)
    installed = select(InstalledCertificate).where(InstalledCertificate.station_id == station_id)
    return StationCertificates(
        station,
        tuple(session.scalars(own.order_by(StationCertificate.requested_at.desc(), StationCertificate.id.desc()))),
        tuple(session.scalars(installed.order_by(InstalledCertificate.kind, InstalledCertificate.serial_number))),
    )


@query
def certificate_fits(actor: Actor, station_id: StationId, certificate: str) -> bool:
    """Whether a station may connect with the client certificate that the proxy saw (PEM or DER, in base64 or not).

    It has to be exactly one that we signed for this station, or that an operator entered for it: not expired, neither
    revoked nor refused, and not long replaced. Nothing else about the text is believed.
    """
    system(actor)
    presented = certificate_in(certificate)
    if presented is None:
        return False
    now = clock.now()
    opens = or_(
        StationCertificate.state.in_(OPENING),
        and_(StationCertificate.state == CertificateState.REPLACED, StationCertificate.ended_at > now),
    )
    known = select(StationCertificate.id).where(
        StationCertificate.station_id == station_id,
        StationCertificate.fingerprint == fingerprint(presented),
        StationCertificate.not_before <= now,
        StationCertificate.not_after > now,
        opens,
    )
    return db.session().scalar(known) is not None

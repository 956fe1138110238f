"""Our own certificate authority: for staff, for the proxy, and the root that stations may be given."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from accounts.access import Actor, ActorKind, public, staff, system
from kit import clock, db
from kit.use_case import query
from stations.authority import Issuer, revocation_list
from stations.models import AuthorityCertificate, StationCertificate
from stations.pem import written
from stations.values import AuthorityKind, CertificateState

_TAKEN_BACK = (CertificateState.REVOKED, CertificateState.REFUSED)


@dataclass(frozen=True)
class ProxyFiles:
    """What a proxy needs to check stations' certificates: every root and issuing certificate, and what was revoked."""

    authorities: str
    revocations: str


@query
def authorities(actor: Actor) -> Sequence[AuthorityCertificate]:
    """Our roots and issuing certificates, those that sign now first. For staff and the program itself."""
    _of_the_platform(actor)
    return _authorities()


@query
def own_root(actor: Actor) -> str | None:
    """The root that signs now, as PEM; None where there is no authority yet."""
    public("a root certificate is handed to everybody who has to trust it")
    return next((row.certificate for row in _authorities() if row.kind is AuthorityKind.ROOT), None)


@query
def proxy_files(actor: Actor) -> ProxyFiles | None:
    """The files for the proxy as of now; None where there is no authority yet. For staff and the program itself."""
    _of_the_platform(actor)
    now = clock.now()
    rows = [row for row in _authorities() if row.not_after > now]
    if not rows:
        return None
    taken_back = _taken_back([row.id for row in rows])
    lists = [
        revocation_list(Issuer.of(row.certificate, row.private_key["pem"]), taken_back.get(row.id, []), now)
        for row in rows
    ]
    return ProxyFiles("".join(row.certificate for row in rows), written(*lists))


def _of_the_platform(actor: Actor) -> None:
    if actor.kind is ActorKind.SYSTEM:
        system(actor)
    else:
        staff(actor)


def _authorities() -> Sequence[AuthorityCertificate]:
    newest = (AuthorityCertificate.kind.desc(), AuthorityCertificate.number.desc())
    return db.session().scalars(select(AuthorityCertificate).order_by(*newest)).all()


def _taken_back(authority_ids: Collection[UUID]) -> dict[UUID, list[tuple[str, datetime]]]:
    """What each of these signed and is not to be trusted any more, with the instant."""
    now, signed_by = clock.now(), StationCertificate.authority_id
    over = and_(StationCertificate.state == CertificateState.REPLACED, StationCertificate.ended_at <= now)
    ended = select(signed_by, StationCertificate.serial_number, StationCertificate.ended_at).where(
        signed_by.in_(authority_ids),
        StationCertificate.not_after > now,
        StationCertificate.ended_at.is_not(None),
        or_(StationCertificate.state.in_(_TAKEN_BACK), over),
    )
    found: dict[UUID, list[tuple[str, datetime]]] = {}
    for authority_id, serial, at in db.session().execute(ended):
        if authority_id is not None and serial is not None and at is not None:
            found.setdefault(authority_id, []).append((serial, at))
    return found

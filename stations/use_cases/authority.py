"""Our own certificate authority: made on its first use or by command, renewed, and written out for the proxy."""

from datetime import timedelta

from sqlalchemy import func, select

from accounts.access import Actor, ActorKind, staff, system
from kit import clock, db, settings
from kit.use_case import use_case
from stations.authority import Issuer, make_issuing, make_root
from stations.models import AuthorityCertificate
from stations.pem import written
from stations.values import AuthorityKind

RENEWED_BEFORE = timedelta(days=30)  # beside the life of the stations' certificates


@use_case
def create_authority(actor: Actor) -> AuthorityCertificate:
    """The issuing certificate in use, made with its root where there is none yet. For staff and the program itself."""
    _of_the_platform(actor)
    return issuing_row()


@use_case
def renew_authority(actor: Actor, *, root: bool = False) -> AuthorityCertificate:
    """A new issuing certificate, below a new root where `root` says so. Certificates signed before stay valid."""
    _of_the_platform(actor)
    newest = None if root else newest_authority(AuthorityKind.ROOT)
    return _new_issuing(newest or _new_root())


def issuing_row() -> AuthorityCertificate:
    """The issuing certificate that outlives what it is to sign; a new one is made in time. For this room's doors."""
    found = newest_authority(AuthorityKind.ISSUING)
    root = newest_authority(AuthorityKind.ROOT) or _new_root()
    needed = clock.now() + timedelta(days=settings.current().station_certificate_days) + RENEWED_BEFORE
    # an issuing certificate ends with its root at the latest: a newer one would not last longer
    if found is None or (found.not_after < needed and found.not_after < root.not_after):
        return _new_issuing(root)
    return found


def issuer_of(row: AuthorityCertificate) -> Issuer:
    """Certificate and key, to sign with."""
    return Issuer.of(row.certificate, row.private_key["pem"])


def newest_authority(kind: AuthorityKind) -> AuthorityCertificate | None:
    """The one that signs now."""
    of_kind = select(AuthorityCertificate).where(AuthorityCertificate.kind == kind)
    return db.session().scalar(of_kind.order_by(AuthorityCertificate.number.desc()).limit(1))


def _new_root() -> AuthorityCertificate:
    chosen = settings.current()
    return _kept(AuthorityKind.ROOT, make_root(chosen.brand_name, chosen.ca_key, clock.now()), None)


def _new_issuing(root: AuthorityCertificate) -> AuthorityCertificate:
    chosen = settings.current()
    made = make_issuing(issuer_of(root), chosen.brand_name, chosen.ca_key, clock.now())
    return _kept(AuthorityKind.ISSUING, made, root)


def _kept(kind: AuthorityKind, issuer: Issuer, signed_by: AuthorityCertificate | None) -> AuthorityCertificate:
    """Two that make the first one at once meet at the number, and the later one starts again."""
    session = db.session()
    last = session.scalar(select(func.max(AuthorityCertificate.number)).where(AuthorityCertificate.kind == kind))
    row = AuthorityCertificate(
        kind=kind,
        number=(last or 0) + 1,
        signed_by=signed_by.id if signed_by else None,
        certificate=written(issuer.certificate),
        private_key={"pem": issuer.key_pem},
        not_after=issuer.certificate.not_valid_after_utc,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _of_the_platform(actor: Actor) -> None:
    if actor.kind is ActorKind.SYSTEM:
        system(actor)
    else:
        staff(actor)

"""Tables of certificates: our own authority, the stations' own ones, and the roots that are installed on stations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson
from kit.ids import new_id
from stations.values import (
    AuthorityId,
    AuthorityKind,
    CertificateId,
    CertificateProblem,
    CertificateState,
    CommandId,
    InstalledId,
    InstalledKind,
    StationId,
)


class AuthorityCertificate(db.WithId, db.Base):
    """A root or issuing certificate of the platform. The highest number of a kind signs; older ones stay valid.

    `private_key` is {"pem": ...}, encrypted.
    """

    __tablename__ = "authority_certificates"
    __table_args__ = (UniqueConstraint("kind", "number"),)

    id: Mapped[AuthorityId] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[AuthorityKind] = mapped_column(db.words(AuthorityKind))
    number: Mapped[int]
    signed_by: Mapped[AuthorityId | None] = mapped_column(ForeignKey("authority_certificates.id"))
    certificate: Mapped[str]
    private_key: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    not_after: Mapped[datetime]
    created_at: Mapped[datetime]


class StationCertificate(db.WithId, Audited, db.Base):
    """A station's own certificate, from its request (CSR) on. `authority_id` is None for one that was brought along.

    `fingerprint` is the SHA-256 of the certificate in hex; `serial_number` is in hex.
    """

    __tablename__ = "station_certificates"
    __table_args__ = (UniqueConstraint("station_id", "fingerprint"),)

    id: Mapped[CertificateId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    state: Mapped[CertificateState] = mapped_column(db.words(CertificateState))
    problem: Mapped[CertificateProblem | None] = mapped_column(db.words(CertificateProblem))
    request: Mapped[str] = mapped_column(default="")
    authority_id: Mapped[AuthorityId | None] = mapped_column(ForeignKey("authority_certificates.id"))
    command_id: Mapped[CommandId | None] = mapped_column(ForeignKey("station_commands.id"), index=True)
    certificate: Mapped[str | None]
    fingerprint: Mapped[str | None]
    serial_number: Mapped[str | None]
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None] = mapped_column(index=True)
    requested_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class InstalledCertificate(db.WithId, db.Base):
    """A root certificate on a station, as the station names it. `certificate` is known where we installed it."""

    __tablename__ = "installed_certificates"
    __table_args__ = (
        UniqueConstraint(
            "station_id",
            "kind",
            "issuer_name_hash",
            "issuer_key_hash",
            "serial_number",
            name="uq_installed_certificates",
        ),
    )

    id: Mapped[InstalledId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    kind: Mapped[InstalledKind] = mapped_column(db.words(InstalledKind))
    hash_algorithm: Mapped[str]
    issuer_name_hash: Mapped[str]
    issuer_key_hash: Mapped[str]
    serial_number: Mapped[str]
    certificate: Mapped[str | None]
    seen_at: Mapped[datetime]

"""The log of chargers' connections: each socket that was open, each try that was refused; and who holds the sockets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Index, and_, case, literal, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from kit import db
from kit.ids import new_id
from stations.values import OLD_TLS_VERSIONS, SAFE_CIPHERS, Ending, GatewayId, Proof, Transport


class GatewayRun(db.WithId, db.Base):
    """A process that holds chargers' sockets, from its start to its end.

    `name` is where it listens: who comes under the same name comes after it. `heard_at` is its last sign of life; one
    that gives none for a while is gone (`use_cases.gateways`), and its sockets with it.
    """

    __tablename__ = "gateways"

    id: Mapped[GatewayId] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    started_at: Mapped[datetime]
    heard_at: Mapped[datetime]


class StationConnection(db.WithId, db.Base):
    """One connection of a station (or of a charger that waited under the same id), as it came (`values.Arrival`).

    `closed_at` and `ending` are None while it is open; a try that was refused opened and closed at once. Ids are in the
    order of arrival. `gateway_id` is the process that has (or had) the socket. No foreign keys: a log outlives what it
    tells of.
    """

    __tablename__ = "connections"
    __table_args__ = (
        Index("ix_connections_station", "station_id", "id"),
        Index("ix_connections_station_opened_at", "station_id", "opened_at"),
        Index("ix_connections_opened_at", "opened_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[UUID]
    station_id: Mapped[UUID]
    opened_at: Mapped[datetime]
    gateway_id: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(db.words(Ending))
    peer: Mapped[str]
    address: Mapped[str]
    protocol: Mapped[str]
    proof: Mapped[Proof] = mapped_column(db.words(Proof))
    tls_version: Mapped[str]
    tls_cipher: Mapped[str]
    tls_name: Mapped[str]
    other_user: Mapped[str] = mapped_column(default="", server_default="")

    @hybrid_property
    def transport(self) -> Transport:
        """How its messages travel. Without a cipher the version alone decides."""
        if not self.tls_version:
            return Transport.PLAIN
        unsafe = self.tls_cipher and not any(word in self.tls_cipher for word in SAFE_CIPHERS)
        return Transport.OUTDATED_TLS if unsafe or self.tls_version in OLD_TLS_VERSIONS else Transport.TLS

    @transport.inplace.expression
    @classmethod
    def _transport(cls) -> ColumnElement[Transport]:
        unsafe = and_(cls.tls_cipher != "", *(cls.tls_cipher.not_like(f"%{word}%") for word in SAFE_CIPHERS))
        return case(
            (cls.tls_version == "", literal(Transport.PLAIN, db.words(Transport))),
            (or_(unsafe, cls.tls_version.in_(OLD_TLS_VERSIONS)), literal(Transport.OUTDATED_TLS, db.words(Transport))),
            else_=literal(Transport.TLS, db.words(Transport)),
        )


Index(
    "ix_connections_open",
    StationConnection.station_id,
    sqlite_where=StationConnection.closed_at.is_(None),
    postgresql_where=StationConnection.closed_at.is_(None),
)
Index(
    "ix_connections_unanswered",
    StationConnection.closed_at,
    sqlite_where=StationConnection.ending == Ending.UNANSWERED,
    postgresql_where=StationConnection.ending == Ending.UNANSWERED,
)

"""Keys and clients of programs, and what they were answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from accounts.rights import Role
from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson


class ApiToken(db.WithId, Audited, db.Base):
    """A key for programs, bound to one account and those where that one holds a role. Only a hash of it is kept.

    `rights`: chosen ones, by their words; None: those of the role. `created_by` made it: whoever may no longer make
    keys here takes his own along.
    """

    __tablename__ = "api_tokens"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(db.words(Role))
    rights: Mapped[list[Any] | None]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    created_by: Mapped[str | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    client_id: Mapped[UUID | None] = mapped_column(ForeignKey("api_clients.id"), index=True)


class ApiClient(db.WithId, Audited, db.Base):
    """A program that signs in with an id and a secret (OAuth 2, client credentials) and gets keys for a short time.

    `rights`: the most that such a key can hold, by their words. Its keys are rows of `ApiToken` with its `client_id`.
    `queries_only`: it may send what is on its list (`ClientQuery`), and nothing else.
    """

    __tablename__ = "api_clients"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    rights: Mapped[list[Any]]
    queries_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiClientSecret(db.WithId, db.Base):
    """One of the secrets of a client; two work at a time, so that a program can change over."""

    __tablename__ = "api_client_secrets"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"), index=True)
    secret_hash: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ClientQuery(db.WithId, Audited, db.Base):
    """A query on the list of a client, which may send its hash in place of its text."""

    __tablename__ = "client_queries"
    __table_args__ = (UniqueConstraint("client_id", "sha256"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("api_clients.id"))
    name: Mapped[str]
    text: Mapped[str]
    sha256: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]


class KeptAnswer(db.WithId, db.Base):
    """What a program was answered, by the key that it chose for its request; kept for a day in case it asks again.

    The answer is encrypted: it can contain a secret that is shown once.
    """

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    actor: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]
    answer: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    created_at: Mapped[datetime] = mapped_column(index=True)

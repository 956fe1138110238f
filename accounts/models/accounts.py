"""Tables of accounts, people and what they may do."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.codes import new_account_code
from accounts.functions import Function
from accounts.rights import Right, Role
from accounts.values import AccountKind, InvitationKind, InvitationState, SignInMethod
from kit import db
from kit.audit import Audited
from kit.encryption import EncryptedJson


class Account(db.WithId, Audited, db.Base):
    """A tenant: a master account or a property under it. The legal name and address appear on receipts as seller.

    `code` is the account's part of the addresses that its chargers dial, 16 capital letters and digits.
    `time_zone` is an IANA name; `language` one of `LANGUAGES`; `currency` ISO 4217.
    """

    __tablename__ = "accounts"

    kind: Mapped[AccountKind] = mapped_column(db.words(AccountKind))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True, index=True, default=new_account_code)
    name: Mapped[str]
    legal_name: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="CH")
    contact_email: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="Europe/Zurich")
    language: Mapped[str] = mapped_column(default="de")
    currency: Mapped[str] = mapped_column(default="CHF")
    uid: Mapped[str] = mapped_column(default="")
    vat_registered: Mapped[bool] = mapped_column(default=False)
    platform_fee_percent: Mapped[Decimal | None]
    suspended_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AccountLineage(db.Base):
    """Every account with each account above it and itself: the tree without recursion. It gives nobody a right."""

    __tablename__ = "account_lineage"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    ancestor_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True, index=True)


class User(db.WithId, db.Base):
    """A person who signs in. `email` is stored lower-case. `session_key` changes with the password and the address,
    which ends what was mailed before.
    """

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    session_key: Mapped[str]
    language: Mapped[str] = mapped_column(default="de")
    confirmed_at: Mapped[datetime | None]
    staff: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]


class Login(db.WithId, db.Base):
    """A browser in which a person signed in. Its cookie holds a secret; only the hash is here.

    `device_hash` is of the cookie by which the browser is known again when the login is over; empty: it is a stranger
    from now on. `agent` is what the browser says of itself. `checked_at`: when the person last proved who they are.
    `only_account_id`: a company vouched for the person, so this login reaches that account and those below, no other.
    `visit_id`: somebody of the platform is visiting an account in it.
    """

    __tablename__ = "logins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    device_hash: Mapped[str]
    agent: Mapped[str]
    address: Mapped[str]
    method: Mapped[SignInMethod] = mapped_column(db.words(SignInMethod))
    remembered: Mapped[bool]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    only_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_visits.id"))


class CodeSecret(db.Base):
    """What a person's app makes its six-digit codes from. `last_step` is the time step of the newest code that was
    used; it and those before it are worthless. Not confirmed yet, it counts for nothing.
    """

    __tablename__ = "code_secrets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(db.WithId, db.Base):
    """A code on paper that stands in once for the second factor. Only a hash is kept."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class Passkey(db.WithId, db.Base):
    """A key pair in somebody's device or password safe; here is the public half. `credential_id` is the device's name
    for it, base64url.
    """

    __tablename__ = "passkeys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class IdentityProvider(db.WithId, Audited, db.Base):
    """A company's own sign-in, by OpenID Connect, for the people of one account with an address of one of `domains`.

    `only`: those people reach the account no other way.
    """

    __tablename__ = "identity_providers"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[dict[str, Any]] = mapped_column(EncryptedJson)
    domains: Mapped[list[Any]]
    only: Mapped[bool]
    created_at: Mapped[datetime]


class Identity(db.WithId, db.Base):
    """Who a person is at a provider: `provider` is the id of an IdentityProvider's row, or an issuer that the operator
    of the platform has set up.
    """

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    provider: Mapped[str]
    subject: Mapped[str]
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class EmailChange(db.WithId, db.Base):
    """A login's wish for another address. It is carried out when both addresses have agreed; `ended_at`: then, or when
    it was stopped.
    """

    __tablename__ = "email_changes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    old_email: Mapped[str]
    new_email: Mapped[str]
    requested_at: Mapped[datetime]
    old_agreed_at: Mapped[datetime | None]
    new_agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInRule(Audited, db.Base):
    """What an account demands of its people when they sign in. From `second_factor_at` on, roles on this account and
    below count only for whoever came with a second factor.
    """

    __tablename__ = "sign_in_rules"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    second_factor_at: Mapped[datetime | None]


class Grant(db.WithId, Audited, db.Base):
    """A role on an account, given to a person (`user_id`) or to another account (`holder_id`: a master, a partner).

    The people of a holder act here as far as their role there and this one both reach. `station_id` or `group_id`
    narrow it to a part of the account. A grant is never deleted: `revoked_at` ends it, both sides can read what was.
    """

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_holder_account", "holder_id", "account_id"),
        CheckConstraint("(user_id IS NULL) <> (holder_id IS NULL)", name="one_grantee"),
        CheckConstraint("(role IS NULL) <> (own_role_id IS NULL)", name="one_role"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[Role | None] = mapped_column(db.words(Role))
    own_role_id: Mapped[UUID | None] = mapped_column(ForeignKey("own_roles.id"))
    station_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("station_groups.id"))
    granted_by: Mapped[str] = mapped_column(default="system")
    granted_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoked_at: Mapped[datetime | None]


class Invitation(db.WithId, Audited, db.Base):
    """A role that waits for the consent of the other side. `account_id` sent it: it gives the role, or asks for it
    (`kind`). The role becomes a grant when whoever gets the mail accepts; `grant_id` is what came of it.
    """

    __tablename__ = "invitations"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[InvitationKind] = mapped_column(db.words(InvitationKind))
    state: Mapped[InvitationState] = mapped_column(db.words(InvitationState), default=InvitationState.OPEN)
    email: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role | None] = mapped_column(db.words(Role))
    own_role_id: Mapped[UUID | None] = mapped_column(ForeignKey("own_roles.id"))
    station_id: Mapped[UUID | None]
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("station_groups.id"))
    ends_at: Mapped[datetime | None]
    sent_by: Mapped[str]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("grants.id"))


class OwnRole(db.WithId, Audited, db.Base):
    """A role that an account put together itself, for its own grants and those of accounts below."""

    __tablename__ = "own_roles"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class OwnRoleRight(db.Base):
    """One right of an own role."""

    __tablename__ = "own_role_rights"

    own_role_id: Mapped[UUID] = mapped_column(ForeignKey("own_roles.id"), primary_key=True)
    right: Mapped[Right] = mapped_column(db.words(Right), primary_key=True)


class StationGroup(db.WithId, Audited, db.Base):
    """Stations of an account and of those below it that belong together, for instance a region; a scope of grants."""

    __tablename__ = "station_groups"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class StationGroupMember(db.Base):
    """A station in a group. This room knows of stations only their ids, which the gate compares."""

    __tablename__ = "station_group_members"

    group_id: Mapped[UUID] = mapped_column(ForeignKey("station_groups.id"), primary_key=True)
    station_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class Entitlement(db.Base):
    """A function that somebody paid for, or was given: for a station, or for an account with all below it.

    `scope_id` is compared and never looked up; `account_id` is whose it is (None: everybody's). `ends_at` None: until
    further notice.
    """

    __tablename__ = "entitlements"

    scope_id: Mapped[UUID] = mapped_column(primary_key=True)
    function: Mapped[Function] = mapped_column(db.words(Function), primary_key=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    ends_at: Mapped[datetime | None]

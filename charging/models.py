"""Tables of authorisations, sessions, meter values, doubts, and of ends without a session."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from charging.values import (
    AuthorisationId,
    AuthorisationState,
    Doubt,
    DoubtId,
    HandStartId,
    OrphanId,
    OrphanState,
    ProfileCheck,
    ProfileId,
    ProfilePurpose,
    ProfileState,
    ReservationId,
    ReservationState,
    ScheduleStyle,
    SessionId,
    SessionKind,
    SessionState,
    TagId,
    TagState,
)
from kit import db
from kit.audit import Audited
from kit.ids import new_id
from stations.values import CommandId, ConnectorId, StationId


class Tag(db.WithId, Audited, db.Base):
    """An RFID tag of an account. `id_tag` is compared without regard to case and stored upper-case.

    `parent_id_tag` names its group, upper-case; empty: none. `state` is VALID or BLOCKED, time does the rest.
    `blocked_at` and `unblocked_at`: when it was blocked and given back last; None: never, as far as is known.
    """

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("account_id", "id_tag"),)

    id: Mapped[TagId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    id_tag: Mapped[str] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    state: Mapped[TagState] = mapped_column(db.words(TagState), default=TagState.VALID)
    blocked_at: Mapped[datetime | None]
    unblocked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    parent_id_tag: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    def become(self, state: TagState, now: datetime) -> None:
        """Block it or give it back; when that was decides about sessions that are told later."""
        if state is self.state:
            return
        self.state = state
        if state is TagState.BLOCKED:
            self.blocked_at = now
        else:
            self.unblocked_at = now

    def state_at(self, now: datetime) -> TagState:
        """What the tag is worth at an instant."""
        expired = self.expires_at is not None and self.expires_at <= now
        return TagState.EXPIRED if expired and self.state is TagState.VALID else self.state


class Authorisation(db.WithId, db.Base):
    """A permission to charge once: made when a driver's hold stands or an operator presses start.

    `id_tag` is a generated hex tag that only this permission uses. `failure` says why it came to nothing.
    """

    __tablename__ = "authorisations"
    __table_args__ = (Index("ix_authorisations_waiting", "state", "expires_at"),)

    id: Mapped[AuthorisationId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    connector_id: Mapped[ConnectorId] = mapped_column(ForeignKey("connectors.id"), index=True)
    kind: Mapped[SessionKind] = mapped_column(db.words(SessionKind))
    id_tag: Mapped[str] = mapped_column(unique=True)
    state: Mapped[AuthorisationState] = mapped_column(db.words(AuthorisationState), default=AuthorisationState.WAITING)
    failure: Mapped[str | None]
    command_id: Mapped[CommandId | None] = mapped_column(ForeignKey("station_commands.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class HandStart(db.WithId, db.Base):
    """A remote start that somebody sent with a tag of his choice; `session_id` is what came of it.

    Until `expires_at` the charger may begin with this tag although no account knows it. `connector_number` None: the
    charger chooses.
    """

    __tablename__ = "hand_starts"
    __table_args__ = (Index("ix_hand_starts_tag", "station_id", "id_tag"),)

    id: Mapped[HandStartId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    connector_number: Mapped[int | None]
    id_tag: Mapped[str]
    command_id: Mapped[CommandId] = mapped_column(ForeignKey("station_commands.id"), unique=True)
    session_id: Mapped[SessionId | None] = mapped_column(ForeignKey("sessions.id"), unique=True)
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TransactionCounter(db.Base):
    """The last OCPP transaction id given out: one row, locked while the next is taken. Ids are never used again."""

    __tablename__ = "transaction_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class ChargingSession(db.WithId, db.Base):
    """One OCPP transaction. Instants are the station's own (corrected where impossible); energy is integer Wh.

    `start_key` is the business key of the start (connector, tag, time, register): the same start sent again finds it.
    `last_wh` is the newest register seen. `energy_wh` is set at the end and never negative.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("station_id", "start_key"),
        Index("ix_sessions_account_started", "account_id", "started_at"),
        Index("ix_sessions_connector_state", "connector_id", "state"),
        Index("ix_sessions_station_started", "station_id", "started_at"),
        Index("ix_sessions_station_state", "station_id", "state", "ended_at"),
        Index("ix_sessions_state", "state", "arrived_at"),
        Index("ix_sessions_tag_started", "id_tag", "started_at"),
    )

    id: Mapped[SessionId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    connector_id: Mapped[ConnectorId] = mapped_column(ForeignKey("connectors.id"))
    authorisation_id: Mapped[AuthorisationId | None] = mapped_column(ForeignKey("authorisations.id"), unique=True)
    transaction_id: Mapped[int] = mapped_column(unique=True)
    start_key: Mapped[str]
    kind: Mapped[SessionKind] = mapped_column(db.words(SessionKind))
    state: Mapped[SessionState] = mapped_column(db.words(SessionState), default=SessionState.ACTIVE)
    id_tag: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime]
    meter_start_wh: Mapped[int] = mapped_column(BigInteger)
    meter_stop_wh: Mapped[int | None] = mapped_column(BigInteger)
    last_wh: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime]
    last_power_w: Mapped[int | None]
    energy_wh: Mapped[int | None] = mapped_column(BigInteger)
    stop_reason: Mapped[str | None]
    offline: Mapped[bool] = mapped_column(default=False)
    estimated: Mapped[bool] = mapped_column(default=False)


class Reservation(db.WithId, Audited, db.Base):
    """A place kept free for a tag and its group until `expires_at`.

    `connector_number` 0 means any connector of the station. `reservation_number` is OCPP's reservationId. `reason` is
    the station's word for a refusal, or one of ours: `offline`, `no_answer`, `error`; of a reservation in force it
    says why it could not be cancelled.
    """

    __tablename__ = "reservations"
    __table_args__ = (
        UniqueConstraint("station_id", "reservation_number"),
        Index("ix_reservations_state", "state", "expires_at"),
        Index("ix_reservations_account", "account_id", "id"),
    )

    id: Mapped[ReservationId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    connector_number: Mapped[int]
    reservation_number: Mapped[int]
    id_tag: Mapped[str]
    parent_id_tag: Mapped[str] = mapped_column(default="")
    state: Mapped[ReservationState] = mapped_column(db.words(ReservationState), default=ReservationState.REQUESTED)
    reason: Mapped[str] = mapped_column(default="")
    session_id: Mapped[SessionId | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    command_id: Mapped[CommandId] = mapped_column(ForeignKey("station_commands.id"))
    cancel_command_id: Mapped[CommandId | None] = mapped_column(ForeignKey("station_commands.id"))
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LocalList(db.Base):
    """What a station knows by heart: the tags that may charge while it is offline.

    `version` follows OCPP: None: never asked; -1: it keeps none; 0: empty. `entries` maps tag to idTagInfo as the
    station holds them; None: unknown, so the whole list has to be sent. `wanted`: a sending is under way and goes on
    until nothing differs. `problem` is the station's last no, or `offline`, `no_answer`, `error`; `command_id` the
    newest message that counted.
    """

    __tablename__ = "local_lists"

    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    version: Mapped[int | None]
    entries: Mapped[dict[str, Any] | None]
    automatic: Mapped[bool] = mapped_column(default=False)
    wanted: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[str] = mapped_column(default="")
    command_id: Mapped[CommandId | None]
    sent_at: Mapped[datetime | None]


class ChargingProfile(db.WithId, db.Base):
    """A charging profile as it was sent to a station (`payload`: csChargingProfiles), and what became of it.

    `fallbacks` are purposes to try when the station refuses this one; they are taken out when tried. `reason` is the
    station's word for a refusal, or `offline`, `no_answer`, `error`.
    """

    __tablename__ = "charging_profiles"
    __table_args__ = (
        UniqueConstraint("station_id", "profile_number"),
        Index("ix_charging_profiles_command", "command_id"),
        Index("ix_charging_profiles_check", "check_command_id"),
        Index("ix_charging_profiles_transaction", "transaction_id"),
    )

    id: Mapped[ProfileId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    connector_number: Mapped[int]
    profile_number: Mapped[int]
    purpose: Mapped[ProfilePurpose] = mapped_column(db.words(ProfilePurpose))
    stack_level: Mapped[int]
    transaction_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[ProfileState] = mapped_column(db.words(ProfileState), default=ProfileState.REQUESTED)
    check: Mapped[ProfileCheck] = mapped_column(db.words(ProfileCheck), default=ProfileCheck.UNCHECKED)
    reason: Mapped[str] = mapped_column(default="")
    fallbacks: Mapped[list[Any]]
    command_id: Mapped[CommandId] = mapped_column(ForeignKey("station_commands.id"))
    check_command_id: Mapped[CommandId | None] = mapped_column(ForeignKey("station_commands.id"))
    requested_by: Mapped[str]
    created_at: Mapped[datetime]
    installed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ScheduleHabit(Audited, db.Base):
    """How a station wants its limits written; without a row as most do."""

    __tablename__ = "schedule_habits"

    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"), primary_key=True)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"), index=True)
    style: Mapped[ScheduleStyle] = mapped_column(db.words(ScheduleStyle))


class Counter(db.Base):
    """The last number given out for a kind of thing that chargers know by number; the row is locked while it counts."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


OF_NO_SESSION = text("session_id IS NULL")


class MeterValue(db.WithId, db.Base):
    """One sampled instant of a MeterValues message. `samples` keeps every sampled value as it came, text included.

    Found by its session; only where there is none, by the connector: each index is paid for with every message.
    """

    __tablename__ = "meter_values"
    __table_args__ = (
        Index("ix_meter_values_session_at", "session_id", "at"),
        Index(
            "ix_meter_values_of_none", "connector_id", "at", sqlite_where=OF_NO_SESSION, postgresql_where=OF_NO_SESSION
        ),
    )

    account_id: Mapped[AccountId]
    station_id: Mapped[StationId]
    connector_id: Mapped[ConnectorId]
    session_id: Mapped[SessionId | None]
    at: Mapped[datetime]
    energy_wh: Mapped[int | None] = mapped_column(BigInteger)
    power_w: Mapped[int | None]
    samples: Mapped[list[Any]]


class DoubtfulFact(db.WithId, db.Base):
    """Something a charger sent that was stored but should be looked at.

    `code` and `facts` say what is wrong in words of ours (`portal.doubt_words`); `detail` is the text as it came, and
    all there is in old rows. `looked_at` is set when somebody has looked.
    """

    __tablename__ = "doubts"
    __table_args__ = (Index("ix_doubts_account_looked", "account_id", "looked_at", "id"),)

    id: Mapped[DoubtId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(index=True)
    station_id: Mapped[StationId] = mapped_column(index=True)
    session_id: Mapped[SessionId | None] = mapped_column(index=True)
    at: Mapped[datetime]
    doubt: Mapped[Doubt] = mapped_column(db.words(Doubt))
    action: Mapped[str]
    code: Mapped[str] = mapped_column(default="", server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    detail: Mapped[str]
    looked_at: Mapped[datetime | None]
    looked_by: Mapped[str | None]


class OrphanStop(db.WithId, db.Base):
    """An end that an operator has to find the session of: nobody knew its transaction, or we had ended it before.

    `told` is the transaction as the charger named it. `session_id` is the session that only has this end;
    `meant_session_id` the one that we had ended, where the charger named it. `attached_session_id` is what it was found
    to belong to. `key` makes the same end told again the same row.
    """

    __tablename__ = "orphan_stops"
    __table_args__ = (
        UniqueConstraint("station_id", "key"),
        Index("ix_orphan_stops_account_state", "account_id", "state", "id"),
        Index("ix_orphan_stops_station_state", "station_id", "state"),
    )

    id: Mapped[OrphanId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    session_id: Mapped[SessionId | None] = mapped_column(ForeignKey("sessions.id"), unique=True)
    meant_session_id: Mapped[SessionId | None] = mapped_column(ForeignKey("sessions.id"))
    key: Mapped[str]
    told: Mapped[str]
    id_tag: Mapped[str]
    meter_stop_wh: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime]
    arrived_at: Mapped[datetime]
    reason: Mapped[str]
    state: Mapped[OrphanState] = mapped_column(db.words(OrphanState), default=OrphanState.OPEN)
    attached_session_id: Mapped[SessionId | None] = mapped_column(ForeignKey("sessions.id"))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")

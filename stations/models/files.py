"""Tables of files that travel: what a station was asked to send or to install, and each step it told."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.values import AccountId
from kit import db
from kit.ids import new_id
from stations.values import CommandId, FileJobId, FileJobKind, FileJobState, FileJobStepId, FirmwareId, StationId


class FileJob(db.WithId, db.Base):
    """One file on its way from a station (diagnostics, logs) or to it (firmware), from the asking to the end.

    `number` is OCPP's requestId, unique in the station. `reason` is the station's word for an end that is not good, or
    ours (`no_answer`, `offline`, `cancelled`, `error`, `no_file`, `silent`); `unconfirmed` where the file is here and
    the station never said that it sent it. The address that the station was given is good until `expires_at`.
    `announced_name` is how the station said it would call its file; the `file_` columns are what arrived last.
    """

    __tablename__ = "file_jobs"
    __table_args__ = (
        UniqueConstraint("station_id", "number"),
        Index("ix_file_jobs_station", "station_id", "id"),
        Index("ix_file_jobs_account", "account_id", "id"),
        Index("ix_file_jobs_state", "state", "expires_at"),
    )

    id: Mapped[FileJobId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    kind: Mapped[FileJobKind] = mapped_column(db.words(FileJobKind))
    number: Mapped[int]
    state: Mapped[FileJobState] = mapped_column(db.words(FileJobState), default=FileJobState.REQUESTED)
    reason: Mapped[str] = mapped_column(default="")
    command_id: Mapped[CommandId | None] = mapped_column(ForeignKey("station_commands.id"), index=True)
    firmware_id: Mapped[FirmwareId | None] = mapped_column(ForeignKey("firmwares.id"), index=True)
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    announced_name: Mapped[str] = mapped_column(default="")
    file_key: Mapped[str | None]
    file_name: Mapped[str] = mapped_column(default="")
    file_size: Mapped[int | None]
    file_sha256: Mapped[str] = mapped_column(default="")
    file_at: Mapped[datetime | None] = mapped_column(index=True)


class FileJobStep(db.WithId, db.Base):
    """One thing that was told of a file: by the station in `message`, or noted by us (`message` is empty).

    `job_id` is None for what a station told without having been asked. `status` is its own word, `detail` a version or
    a size. Ids are in the order of telling.
    """

    __tablename__ = "file_job_steps"
    __table_args__ = (
        Index("ix_file_job_steps_job", "job_id", "id"),
        Index("ix_file_job_steps_station", "station_id", "id"),
    )

    id: Mapped[FileJobStepId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[AccountId] = mapped_column(ForeignKey("accounts.id"))
    station_id: Mapped[StationId] = mapped_column(ForeignKey("stations.id"))
    job_id: Mapped[FileJobId | None] = mapped_column(ForeignKey("file_jobs.id"))
    message: Mapped[str]
    status: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]

"""Files of stations as people and stations see them: jobs with their steps, what may be fetched under an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from accounts.access import Actor, allowed, public, visible, within
from accounts.models import Account
from accounts.rights import Right
from accounts.values import AccountId
from kit import clock, db
from kit.errors import Conflict, NotFound
from kit.files import FileGone
from kit.use_case import query
from stations.file_addresses import DOWNLOAD, UPLOAD, read_address
from stations.models import FileJob, FileJobStep, Firmware, Station
from stations.queries.moves import homes_of
from stations.values import FileJobId, FileJobState, StationId

LATEST_STEPS = 20
_CLOSED = (FileJobState.REPLACED, FileJobState.REFUSED)


@dataclass(frozen=True)
class FileJobRow:
    """A job with its story, oldest step first. `version` of firmware, else empty."""

    job: FileJob
    station_name: str
    time_zone: str
    version: str
    steps: tuple[FileJobStep, ...]


@dataclass(frozen=True)
class OfferedFile:
    """A file that may be read now."""

    key: str
    name: str
    size: int
    sha256: str


@query
def file_jobs(
    actor: Actor,
    *,
    account_id: AccountId | None = None,
    station_id: StationId | None = None,
    before: FileJobId | None = None,
    limit: int = 20,
) -> list[FileJobRow]:
    """The newest jobs that the actor sees. Raises NotFound for a station that he does not."""
    wanted = visible(actor, Right.VIEW_STATIONS, _rows(), FileJob)
    if account_id is not None:
        wanted = wanted.where(within(FileJob, account_id))
    if station_id is not None:
        allowed(actor, Right.VIEW_STATIONS, Station, station_id)
        wanted = wanted.where(FileJob.station_id == station_id)
    if before is not None:
        wanted = wanted.where(FileJob.id < before)
    return _with_steps(wanted.order_by(FileJob.id.desc()).limit(limit))


@query
def file_job(actor: Actor, job_id: FileJobId) -> FileJobRow:
    """One job. Raises NotFound, Forbidden."""
    allowed(actor, Right.VIEW_STATIONS, FileJob, job_id)
    return _with_steps(_rows().where(FileJob.id == job_id))[0]


@query
def unasked_steps(
    actor: Actor, station_id: StationId, *, before: UUID | None = None, limit: int = LATEST_STEPS
) -> Sequence[FileJobStep]:
    """What a station told of files that nobody here had asked for, newest first; `before`: the last one of the page
    before.
    """
    station = allowed(actor, Right.VIEW_STATIONS, Station, station_id)
    wanted = select(FileJobStep).where(
        FileJobStep.station_id == station_id,
        FileJobStep.job_id.is_(None),
        FileJobStep.account_id.in_(homes_of(actor, Right.VIEW_STATIONS, station)),
    )
    if before is not None:
        wanted = wanted.where(FileJobStep.id < before)
    return db.session().scalars(wanted.order_by(FileJobStep.id.desc()).limit(limit)).all()


@query
def received_file(actor: Actor, job_id: FileJobId) -> OfferedFile:
    """What a station sent: only for those who may command it, since logs tell much. Raises FileGone."""
    job = allowed(actor, Right.COMMAND_STATIONS, FileJob, job_id)
    if job.file_key is None or job.file_size is None:
        raise FileGone()
    return OfferedFile(job.file_key, job.file_name, job.file_size, job.file_sha256)


@query
def upload_open(actor: Actor, address: str) -> None:
    """Whether a station may send a file to this address. Raises NotFound, Conflict(`address_expired`)."""
    public("whoever was given the sealed address may send a file there")
    _open_job(UPLOAD, address)


@query
def firmware_file(actor: Actor, address: str) -> OfferedFile:
    """The firmware behind the address that a station was given. Raises NotFound, FileGone,
    Conflict(`address_expired`).
    """
    public("whoever was given the sealed address may fetch its file")
    job = _open_job(DOWNLOAD, address)
    firmware = db.session().get(Firmware, job.firmware_id) if job.firmware_id else None
    if firmware is None or firmware.file_key is None or firmware.file_size is None:
        raise FileGone()
    return OfferedFile(firmware.file_key, firmware.file_name, firmware.file_size, firmware.sha256)


def _open_job(purpose: str, address: str) -> FileJob:
    job_id, _ = read_address(purpose, address)
    job = db.session().get(FileJob, job_id)
    if job is None or job.kind.of_firmware is not (purpose == DOWNLOAD):
        raise NotFound()
    if job.state in _CLOSED or job.expires_at <= clock.now():
        raise Conflict("address_expired")
    return job


def _rows() -> "Select[FileJob, str, str, str | None]":
    return (
        select(FileJob, Station.name, Account.time_zone, Firmware.version)
        .join(Station, Station.id == FileJob.station_id)
        .join(Account, Account.id == FileJob.account_id)
        .outerjoin(Firmware, Firmware.id == FileJob.firmware_id)
    )


def _with_steps(wanted: "Select[FileJob, str, str, str | None]") -> list[FileJobRow]:
    session = db.session()
    rows = session.execute(wanted).all()
    steps: dict[FileJobId, list[FileJobStep]] = {}
    told = select(FileJobStep).where(FileJobStep.job_id.in_([row[0].id for row in rows])).order_by(FileJobStep.id)
    for step in session.scalars(told):
        assert step.job_id is not None, "it was asked for by job"
        steps.setdefault(step.job_id, []).append(step)
    return [
        FileJobRow(job, name, zone, version or "", tuple(steps.get(job.id, ()))) for job, name, zone, version in rows
    ]

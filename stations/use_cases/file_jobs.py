"""Files that stations send: asked for, told of step by step, received. Firmware goes the other way by the same rows."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, Uuid, exists, func, insert, or_, select, update

from accounts.access import SYSTEM, Actor, allowed, licensed, public, system
from accounts.functions import Function
from accounts.rights import Right
from kit import clock, db, files, settings
from kit.errors import Conflict, Invalid
from kit.files import StoredFile
from kit.given import as_rows, given
from kit.ids import new_id
from kit.masking import mask_text
from kit.notes import tell
from kit.use_case import hot_use_case, use_case
from stations.fields import MOST_WHOLE, Address
from stations.file_addresses import UPLOAD, read_address, upload_address
from stations.file_steps import state_after
from stations.models import FileJob, FileJobStep, Firmware, Station, StationCommand
from stations.quirks import profile_of
from stations.use_cases.commands import cancel_command, request_command
from stations.use_cases.sockets import facts_of
from stations.values import (
    Action,
    CommandId,
    CommandState,
    FileJobId,
    FileJobKind,
    FileJobState,
    FirmwareId,
    StationId,
)

ADDRESS_GOOD_FOR = timedelta(days=1)
RECENT = timedelta(hours=1)  # what is told after the end still belongs to the job
LONGEST_NAME, LONGEST_WORD = 200, 100
FILE_RECEIVED, BOOTED, ELSEWHERE = "FileReceived", "Boot", "Elsewhere"
UNCONFIRMED = "unconfirmed"  # the file is here, the station never said that it sent it
_NO_ANSWER = {
    CommandState.TIMED_OUT: "no_answer",
    CommandState.EXPIRED: "offline",
    CommandState.CANCELLED: "cancelled",
    CommandState.FAILED: "error",
}
_UPLOADS = tuple(kind for kind in FileJobKind if not kind.of_firmware)
_FIRMWARE = tuple(kind for kind in FileJobKind if kind.of_firmware)
_AT_IT = (FileJobState.ACCEPTED, FileJobState.RUNNING)
_GOING = "going_updates"
_OPEN = tuple(state for state in FileJobState if state.open)
_LOG_TYPES = {FileJobKind.DIAGNOSTICS_LOG: "DiagnosticsLog", FileJobKind.SECURITY_LOG: "SecurityLog"}

_jobs: Table = db.Base.metadata.tables[FileJob.__tablename__]
_steps: Table = db.Base.metadata.tables[FileJobStep.__tablename__]
_firmwares: Table = db.Base.metadata.tables[Firmware.__tablename__]


@use_case
def request_file(
    actor: Actor,
    station_id: StationId,
    kind: FileJobKind,
    *,
    start_at: datetime | None = None,
    stop_at: datetime | None = None,
    retries: int | None = None,
    retry_interval_s: int | None = None,
    location: str = "",
    expires_in: timedelta = ADDRESS_GOOD_FOR,
) -> FileJob:
    """Ask a station to send its diagnostics (GetDiagnostics) or a log (GetLog) of the time between two instants.

    It is sent to us, or to a `location` elsewhere, for stations that speak FTP only. The command waits for a station
    that is away as long as our address is good. Raises Invalid(kind=, start_at=, stop_at=, retries=,
    retry_interval_s=, location=).
    """
    station = allowed(actor, Right.COMMAND_STATIONS, Station, station_id, lock=True)
    licensed(actor, Function.MAINTENANCE, station.account_id, station.id)
    if kind.of_firmware:
        raise Invalid(kind="unknown")
    with_zone(start_at=start_at, stop_at=stop_at)
    if start_at is not None and stop_at is not None and stop_at <= start_at:
        raise Invalid(stop_at="before_the_start")
    if location:
        location = Address(name="location", words="").judge(location)
    again = repetition(retries, retry_interval_s)
    job = new_job(station, kind, actor.reference, expires_in)
    if location:
        step(job, ELSEWHERE, mask_text(location))
    span = {"start": start_at, "stop": stop_at}
    instants = {name: clock.text(at) for name, at in span.items() if at is not None}
    own = upload_address(job.id, plain=profile_of(station).quirks.plain_files)
    _send_wish(job, location or own, instants, again, expires_in)
    return job


@use_case
def cancel_file_job(actor: Actor, job_id: FileJobId) -> FileJob:
    """Take back a wish that was not sent yet. Raises Conflict(`command_sent`, `command_over`)."""
    job = allowed(actor, Right.COMMAND_STATIONS, FileJob, job_id, lock=True)
    if job.command_id is None or job.state is not FileJobState.REQUESTED:
        raise Conflict("command_over")
    cancel_command(actor, CommandId(job.command_id))
    _end(job, FileJobState.FAILED, "cancelled")
    tell("station", job.station_id)
    return job


@use_case
def settle_file_job(actor: Actor, command_id: CommandId) -> None:
    """What the station said to a GetDiagnostics, GetLog, UpdateFirmware or SignedUpdateFirmware."""
    system(actor)
    session = db.session()
    job = session.scalar(select(FileJob).where(FileJob.command_id == command_id).with_for_update())
    if job is None:
        return
    command = session.get_one(StationCommand, command_id)
    answer = command.answer or {}
    if command.state is CommandState.ACCEPTED:
        _accepted(job, answer)
    elif command.state is CommandState.REFUSED and job.state in (FileJobState.REQUESTED, FileJobState.FAILED):
        _end(job, FileJobState.REFUSED, str(answer.get("status", ""))[:LONGEST_WORD])
    elif job.state is FileJobState.REQUESTED:
        _end(job, FileJobState.FAILED, _NO_ANSWER[command.state])
    tell("station", job.station_id)


@hot_use_case
def note_upload_step(actor: Actor, *, message: str, status: str, number: int | None = None) -> None:
    """A station told how far its upload is. `number` is OCPP's requestId where the message carries one."""
    _note(actor, _UPLOADS, message, status, number)


@hot_use_case
def note_firmware_step(actor: Actor, *, message: str, status: str, number: int | None = None) -> None:
    """A station told how far its new firmware is. `number` is OCPP's requestId where the message carries one."""
    _note(actor, _FIRMWARE, message, status, number)


@hot_use_case
def note_boot_of_update(actor: Actor, *, firmware: str) -> None:
    """A station started: with the version that it was to install, the update is done, whatever it told before."""
    facts = facts_of(actor)
    going = db.session().info.get(_GOING, {})
    row = (going if facts.id in going else going_updates([facts.id]))[facts.id]
    if row is None:
        return
    _insert_step(facts, row.id, "BootNotification", BOOTED, firmware)
    if row.version == firmware:
        _change(row.id, FileJobState.DONE, "")


def keep_going_updates(station_ids: Collection[UUID]) -> None:
    """Read for many stations that start in this transaction what `note_boot_of_update` asks. For rooms, within their
    door.
    """
    db.session().info[_GOING] = going_updates(station_ids)


def going_updates(station_ids: Collection[UUID]) -> dict[UUID, Any]:
    """The newest update of each that it is at; one that was not sent yet has nothing to do with a start. For rooms,
    within their door.
    """
    found: dict[UUID, Any] = dict.fromkeys(station_ids)
    asked = as_rows({"station_id": station_id} for station_id in station_ids)
    rows = db.session().execute(_going_of(db.engine().dialect.name), asked)
    found.update((row.station_id, row) for row in rows if row.id is not None)
    return found


@cache
def _going_of(dialect: str) -> Select[Any]:
    """Outer joins, so that SQLite begins with what is asked for."""
    asked = given(dialect, {"station_id": Uuid()})
    at_it = _jobs.c.kind.in_(_FIRMWARE) & _jobs.c.state.in_(_AT_IT) & (_jobs.c.station_id == asked.c.station_id)
    theirs = asked.outerjoin(_jobs, at_it).outerjoin(_firmwares, _firmwares.c.id == _jobs.c.firmware_id)
    wanted = select(asked.c.station_id, _jobs.c.id, _jobs.c.state, _firmwares.c.version)
    return wanted.select_from(theirs).order_by(_jobs.c.id)


@use_case
def store_upload(actor: Actor, address: str, stored: StoredFile, name: str) -> FileJob:
    """A file arrived at a job's address: the newest one counts, the one before goes. Raises NotFound,
    Conflict(`address_expired`).
    """
    public("whoever was given the sealed address may send a file there")
    job_id, _ = read_address(UPLOAD, address)
    job = db.session().get(FileJob, job_id, with_for_update=True, populate_existing=True)
    check_address(job)
    assert job is not None, "it was checked"
    if job.file_key is not None:
        files.let_go(job.file_key)
    files.take(stored.key)
    job.file_key, job.file_size, job.file_sha256 = stored.key, stored.size, stored.sha256
    job.file_name, job.file_at = (name or job.announced_name or str(job.number))[-LONGEST_NAME:], clock.now()
    step(job, FILE_RECEIVED, str(stored.size))
    if job.state is not FileJobState.DONE:  # whatever was thought of it: the station is at it
        job.state, job.reason, job.ended_at = FileJobState.RUNNING, "", None
    return job


@use_case
def end_silent_jobs(actor: Actor) -> int:
    """End the jobs of stations that say nothing more: with its file here a job is done, without one it is given up
    once its address is closed. How many there were.
    """
    system(actor)
    limit = clock.now() - RECENT
    told = exists().where(FileJobStep.job_id == FileJob.id, FileJobStep.at >= limit)
    here = FileJob.file_key.is_not(None) & ~told
    overdue = select(FileJob).where(FileJob.state.in_(_OPEN), or_(FileJob.expires_at < limit, here))
    jobs = db.session().scalars(overdue.with_for_update()).all()
    for job in jobs:
        if job.file_key is None:
            _end(job, FileJobState.FAILED, "silent")
        else:
            _end(job, FileJobState.DONE, UNCONFIRMED)
        tell("station", job.station_id)
    return len(jobs)


@use_case
def prune_files(actor: Actor) -> int:
    """Remove what stations sent more than FILE_DAYS ago; the story of the job stays."""
    system(actor)
    limit = clock.now() - timedelta(days=settings.current().file_days)
    old = select(FileJob).where(FileJob.file_at < limit, FileJob.file_key.is_not(None))
    jobs = db.session().scalars(old.with_for_update()).all()
    for job in jobs:
        assert job.file_key is not None, "it was asked for"
        files.let_go(job.file_key)
        job.file_key = None
    return len(jobs)


# -- for this room


def new_job(
    station: Station,
    kind: FileJobKind,
    requested_by: str,
    expires_in: timedelta,
    firmware_id: FirmwareId | None = None,
) -> FileJob:
    """A job with the next number of its station, whose row is locked."""
    highest = select(func.coalesce(func.max(FileJob.number), 0)).where(FileJob.station_id == station.id)
    now = clock.now()
    job = FileJob(
        account_id=station.account_id,
        station_id=station.id,
        kind=kind,
        number=(db.session().scalar(highest) or 0) + 1,
        firmware_id=firmware_id,
        requested_by=requested_by,
        requested_at=now,
        expires_at=now + expires_in,
    )
    db.session().add(job)
    db.session().flush()
    return job


def send(job: FileJob, action: Action, payload: dict[str, Any], expires_in: timedelta) -> None:
    """Send the message of a job; it waits for a station that is away."""
    command = request_command(
        SYSTEM, StationId(job.station_id), action, payload, expires_in=expires_in, requested_by=job.requested_by
    )
    job.command_id = CommandId(command.id)


def with_zone(**instants: datetime | None) -> None:
    """Whether all of them can mean one moment only. Raises Invalid."""
    for name, instant in instants.items():
        if instant is not None and instant.tzinfo is None:
            raise Invalid(**{name: "without_zone"})


def repetition(retries: int | None, retry_interval_s: int | None) -> dict[str, int]:
    """OCPP's words for how often and in what distance to try again. Raises Invalid."""
    given = {"retries": retries, "retry_interval_s": retry_interval_s}
    for name, value in given.items():
        if value is not None and not 0 <= value <= 86_400:
            raise Invalid(**{name: "out_of_range"})
    words = {"retries": retries, "retryInterval": retry_interval_s}
    return {name: value for name, value in words.items() if value is not None}


def check_address(job: FileJob | None) -> None:
    """Whether the address of a job is still good; raises Conflict(`address_expired`), NotFound."""
    gone = job is None or job.state in (FileJobState.REPLACED, FileJobState.REFUSED)
    if gone or job is None or job.expires_at <= clock.now():
        raise Conflict("address_expired")


def step(job: FileJob, status: str, detail: str = "") -> None:
    """Note something of ours in the story of a job."""
    row = FileJobStep(
        account_id=job.account_id,
        station_id=job.station_id,
        job_id=job.id,
        message="",
        status=status,
        detail=detail,
        at=clock.now(),
    )
    db.session().add(row)
    tell("station", job.station_id)


def _send_wish(
    job: FileJob, location: str, instants: dict[str, str], again: dict[str, int], expires_in: timedelta
) -> None:
    if job.kind is FileJobKind.DIAGNOSTICS:
        times = {f"{name}Time": text for name, text in instants.items()}
        send(job, Action.GET_DIAGNOSTICS, {"location": location, **again, **times}, expires_in)
        return
    names = {"start": "oldestTimestamp", "stop": "latestTimestamp"}
    wanted = {"remoteLocation": location} | {names[name]: text for name, text in instants.items()}
    payload = {"logType": _LOG_TYPES[job.kind], "requestId": job.number, **again, "log": wanted}
    send(job, Action.GET_LOG, payload, expires_in)


def _accepted(job: FileJob, answer: dict[str, Any]) -> None:
    """Taken: so an earlier file of the same direction that is not here yet is not waited for any more."""
    name = str(answer.get("fileName") or answer.get("filename") or "")  # GetDiagnostics, GetLog
    job.announced_name = name[-LONGEST_NAME:]
    if job.state is FileJobState.REQUESTED or job.reason in _NO_ANSWER.values():
        job.state, job.reason, job.ended_at = FileJobState.ACCEPTED, "", None
        if job.kind is FileJobKind.DIAGNOSTICS and not name:
            _end(job, FileJobState.FAILED, "no_file")
    others = update(FileJob).where(
        FileJob.station_id == job.station_id,
        FileJob.kind.in_(_FIRMWARE if job.kind.of_firmware else _UPLOADS),
        FileJob.number < job.number,
        FileJob.state.in_(_OPEN),
        FileJob.file_key.is_(None),
    )
    ended = {"state": FileJobState.REPLACED, "ended_at": clock.now()}
    db.session().execute(others.values(ended).execution_options(synchronize_session="fetch"))


def _end(job: FileJob, state: FileJobState, reason: str) -> None:
    job.state, job.reason, job.ended_at = state, reason, clock.now()


def _note(actor: Actor, kinds: tuple[FileJobKind, ...], message: str, status: str, number: int | None) -> None:
    facts = facts_of(actor)
    session, word = db.session(), status[:LONGEST_WORD]
    of_station = (_jobs.c.station_id == facts.id, _jobs.c.kind.in_(kinds))
    wanted = select(_jobs.c.id, _jobs.c.state).where(*of_station).order_by(_jobs.c.number.desc()).limit(1)
    named = number if number is not None and abs(number) <= MOST_WHOLE else None
    row = None
    if named is not None:
        row = session.execute(wanted.where(_jobs.c.number == named)).first()
    if row is None and named in (None, 0):
        current = or_(_jobs.c.state.in_(_OPEN), _jobs.c.ended_at > clock.now() - RECENT)
        gone = (FileJobState.REPLACED, FileJobState.REFUSED)
        row = session.execute(wanted.where(current, _jobs.c.state.not_in(gone))).first()
    _insert_step(facts, row.id if row else None, message, word, "" if number is None or row else str(number))
    if row is not None and (after := state_after(row.state, word)) is not row.state:
        _change(row.id, after, word if after is FileJobState.FAILED else "")


def _insert_step(facts: Any, job_id: UUID | None, message: str, status: str, detail: str) -> None:
    row = {
        "id": new_id(),
        "account_id": facts.account_id,
        "station_id": facts.id,
        "job_id": job_id,
        "message": message,
        "status": status,
        "detail": detail,
        "at": clock.now(),
    }
    db.session().execute(insert(_steps).values(row))
    tell("station", facts.id)


def _change(job_id: UUID, state: FileJobState, reason: str) -> None:
    ended_at = None if state.open else clock.now()
    change = update(_jobs).where(_jobs.c.id == job_id)
    db.session().execute(change.values(state=state, reason=reason, ended_at=ended_at))

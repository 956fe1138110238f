"""Files of stations and firmware."""

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Self, cast
from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload
from werkzeug.datastructures import FileStorage

from accounts.values import AccountId
from graphql_api.connections import Connection, newest_first
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from graphql_api.narrowing import in_account, of_station
from kit.errors import Invalid
from kit.masking import mask
from stations import queries, use_cases
from stations.queries import FileJobRow
from stations.uploads import take_firmware
from stations.values import FileJobId, FileJobKind, FileJobState, FirmwareId, StationId

if TYPE_CHECKING:
    from stations.models import Firmware as FirmwareFacts

strawberry.enum(FileJobKind, name="FileJobKind", description="What a station sends, or fetches and installs.")
strawberry.enum(FileJobState, name="FileJobState")


@strawberry.type(
    description="One thing that was told of a file: by the station in `message`, or by us where it is empty."
)
class FileJobStep:
    """A step."""

    message: str
    status: str = strawberry.field(description="The station's own word; ours are FileReceived, Boot and Elsewhere.")
    detail: str
    at: datetime


def _step(row: Any) -> FileJobStep:
    return FileJobStep(message=row.message, status=row.status, detail=row.detail, at=row.at)


@strawberry.type(description="One file on its way from a station or to it. `number` is OCPP's requestId.")
class FileJob:
    """A file's way."""

    id: UUID
    account_id: UUID
    station_id: UUID
    kind: FileJobKind
    number: int
    state: FileJobState
    reason: str
    command_id: UUID | None
    firmware_id: UUID | None
    requested_by: str
    requested_at: datetime
    expires_at: datetime = strawberry.field(description="How long the address that the station was given is good.")
    ended_at: datetime | None
    announced_name: str
    file_name: str
    file_size: int | None
    file_sha256: str
    file_at: datetime | None
    station_name: str
    version: str
    steps: list[FileJobStep]

    @classmethod
    def of(cls, row: FileJobRow) -> Self:
        """The job as the schema shows it."""
        own = ("station_name", "version", "steps")
        facts = {name: getattr(row.job, name) for name in cls.__annotations__ if name not in own}
        steps = [_step(one) for one in row.steps]
        return cls(station_name=row.station_name, version=row.version, steps=steps, **facts)


@strawberry.type(description="A firmware of an account, for its stations and those below it.")
class Firmware:
    """A firmware."""

    id: UUID
    account_id: UUID
    version: str
    vendor: str
    model: str
    notes: str
    url: str | None
    file_name: str
    file_size: int | None
    sha256: str
    signed: bool
    created_at: datetime
    removed_at: datetime | None

    @classmethod
    def of(cls, row: "FirmwareFacts") -> Self:
        """The firmware as the schema shows it."""
        facts = {name: getattr(row, name) for name in cls.__annotations__}
        return cls(**{**facts, "url": mask(row.url)})


FileJobResult = Annotated[FileJob | Problem, strawberry.union("FileJobResult")]
FirmwareResult = Annotated[Firmware | Problem, strawberry.union("FirmwareResult")]


def _job(info: Info, job_id: UUID) -> FileJob:
    return FileJob.of(queries.file_job(info.context.actor, FileJobId(job_id)))


@strawberry.type
class FileQueries:
    """Reading files and firmware."""

    @strawberry.field(description="What stations were asked to send or to install, newest first.")
    def file_jobs(
        self,
        info: Info,
        first: int = 20,
        after: str | None = None,
        account_id: UUID | None = None,
        station_id: UUID | None = None,
    ) -> Connection[FileJob]:
        """One page of the jobs that the caller sees."""
        load = partial(
            queries.file_jobs,
            info.context.actor,
            account_id=in_account(info, account_id),
            station_id=of_station(info, station_id),
        )
        return newest_first(info, (first, after), load, FileJob.of)

    @strawberry.field(description="One file's way, with every step. The file: GET /file-jobs/<id>/file, same token.")
    def file_job(self, info: Info, id: UUID) -> FileJob:
        """One job."""
        return _job(info, id)

    @strawberry.field(
        description="What a station told of files without having been asked, newest first.",
        deprecation_reason="Use `unaskedFileStepsConnection`.",
    )
    def unasked_file_steps(self, info: Info, station_id: UUID) -> list[FileJobStep]:
        """Steps without a job."""
        return [_step(one) for one in queries.unasked_steps(info.context.actor, StationId(station_id))]

    @strawberry.field(description="What a station told of files without having been asked, newest first.")
    def unasked_file_steps_connection(
        self, info: Info, station_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[FileJobStep]:
        """A page of them."""
        actor, station = info.context.actor, StationId(station_id)
        load = partial(queries.unasked_steps, actor, station)
        return newest_first(info, (first, after), load, _step, attrgetter("id"))

    @strawberry.field(description="The firmware on the list of an account and those below, newest first.")
    def firmwares(
        self, info: Info, first: int = 20, after: str | None = None, account_id: UUID | None = None
    ) -> Connection[Firmware]:
        """One page of the list."""
        load = partial(queries.firmwares, info.context.actor, in_account(info, account_id))
        return newest_first(info, (first, after), load, Firmware.of)


@strawberry.type
class FileMutations:
    """Asking for files, installing firmware."""

    @strawberry.mutation(
        description="Ask a station for its diagnostics or a log, sent to us or to a `location`; see `fileJob`."
    )
    @refusable
    def request_file(
        self,
        info: Info,
        station_id: UUID,
        kind: FileJobKind,
        start_at: datetime | None = None,
        stop_at: datetime | None = None,
        retries: int | None = None,
        retry_interval_s: int | None = None,
        location: str = "",
    ) -> FileJobResult:
        """GetDiagnostics or GetLog."""
        made = use_cases.request_file(
            info.context.actor,
            StationId(station_id),
            kind,
            start_at=start_at,
            stop_at=stop_at,
            retries=retries,
            retry_interval_s=retry_interval_s,
            location=location,
        )
        return _job(info, made.id)

    @strawberry.mutation(description="Take back a file or an update that the station was not asked for yet.")
    @refusable
    def cancel_file_job(self, info: Info, id: UUID) -> FileJobResult:
        """A wish less."""
        use_cases.cancel_file_job(info.context.actor, FileJobId(id))
        return _job(info, id)

    @strawberry.mutation(description="Ask a station to install a firmware, signed or not; follow it by `fileJob`.")
    @refusable
    def update_firmware(
        self,
        info: Info,
        station_id: UUID,
        firmware_id: UUID,
        signed: bool = False,
        retrieve_at: datetime | None = None,
        install_at: datetime | None = None,
        retries: int | None = None,
        retry_interval_s: int | None = None,
    ) -> FileJobResult:
        """UpdateFirmware or SignedUpdateFirmware."""
        made = use_cases.update_firmware(
            info.context.actor,
            StationId(station_id),
            FirmwareId(firmware_id),
            signed=signed,
            retrieve_at=retrieve_at,
            install_at=install_at,
            retries=retries,
            retry_interval_s=retry_interval_s,
        )
        return _job(info, made.id)

    @strawberry.mutation(description="Put a firmware on the list: a `file`, sent as multipart, or a `url` elsewhere.")
    @refusable
    def add_firmware(
        self,
        info: Info,
        account_id: UUID,
        version: str,
        file: Upload | None = None,
        url: str = "",
        vendor: str = "",
        model: str = "",
        notes: str = "",
        sha256: str = "",
        signature: str = "",
        certificate: str = "",
    ) -> FirmwareResult:
        """A firmware more."""
        facts: dict[str, Any] = {
            "version": version,
            "url": url,
            "vendor": vendor,
            "model": model,
            "notes": notes,
            "sha256": sha256,
            "signature": signature,
            "certificate": certificate,
        }
        actor, account = info.context.actor, AccountId(account_id)
        if file is None:
            return Firmware.of(use_cases.add_firmware(actor, account, **facts))
        sent = cast("FileStorage", file)
        if not hasattr(sent, "stream"):  # a text in its place
            raise Invalid(file="not_a_file")
        return Firmware.of(take_firmware(actor, account, sent.stream, sent.filename or "", **facts))

    @strawberry.mutation(description="Take a firmware off the list and delete its file.")
    @refusable
    def remove_firmware(self, info: Info, id: UUID) -> FirmwareResult:
        """A firmware less."""
        use_cases.remove_firmware(info.context.actor, FirmwareId(id))
        return Firmware.of(queries.firmware(info.context.actor, FirmwareId(id)))

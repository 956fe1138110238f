"""Killed while a station sends its file, the program keeps the whole file or none; the station sends it once more."""

import http.client
import io
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kit import clock, files
from kit.files import TooLarge
from stations.file_addresses import upload_address
from stations.models import FileJob
from stations.queries import file_job, received_file
from stations.use_cases import request_file
from stations.values import FileJobId, FileJobKind, StationId
from tests import make, scene
from tests.made import MadeStation
from tests.stories.program import Program

CONTENT = bytes(range(256)) * 4096
PLACES = ("before_commit", "committed")  # kept and belonging to nothing; noted, and the station not answered
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    made = Program(tmp_path_factory.mktemp("uploads") / "var", CRASH_FILE=str(tmp_path_factory.mktemp("crash") / "at"))
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def asked(patient: Program) -> tuple[MadeStation, FileJob]:
    station = make.station()
    return station, request_file(station.owner, StationId(station.id), FileJobKind.DIAGNOSTICS)


def begun(job: FileJob, content: bytes) -> http.client.HTTPConnection:
    """The station says how much will come, and sends `content` of it."""
    address = urlsplit(upload_address(FileJobId(job.id)))
    assert address.hostname is not None
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE_S)
    connection.putrequest("PUT", f"{address.path}/diagnostics.bin")
    connection.putheader("Content-Length", str(len(CONTENT)))
    connection.endheaders()
    connection.send(content)
    return connection


def sent_again(job: FileJob) -> int:
    connection = begun(job, CONTENT)
    status = connection.getresponse().status
    connection.close()
    return status


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "did not happen"
        time.sleep(0.02)


def on_disk(patient: Program) -> list[Path]:
    return [path for path in patient.settings.files_dir.rglob("*") if path.is_file()]


def in_the_end_there_is_one(patient: Program, station: MadeStation, job: FileJob) -> None:
    """The file of the job is whole, and a day later nothing else lies about."""
    found = received_file(station.owner, FileJobId(job.id))
    assert b"".join(files.read(found.key, 0, found.size)) == CONTENT
    with clock.moved_to(clock.now() + timedelta(days=1, minutes=1)):
        files.remove_loose()
        assert files.remove_loose() == 0
    mine = {row.file_key for row in scene.rows(FileJob)}
    assert {path.name for path in on_disk(patient)} == mine


def test_killed_in_the_middle_of_a_file_it_keeps_nothing_of_it(
    patient: Program, asked: tuple[MadeStation, FileJob]
) -> None:
    station, job = asked
    folder, before = patient.settings.incoming_dir, on_disk(patient)
    connection = begun(job, CONTENT[: len(CONTENT) // 2])
    until(lambda: folder.exists() and any(path.stat().st_size for path in folder.iterdir()))
    os.killpg(patient.processes["all"].pid, signal.SIGKILL)
    patient.wait_until_dead()
    connection.close()
    assert file_job(station.owner, FileJobId(job.id)).job.file_key is None
    assert on_disk(patient) == before
    patient.start()
    assert sent_again(job) == 201
    in_the_end_there_is_one(patient, station, job)
    (left,) = folder.iterdir()
    os.utime(left, (0, 0))
    with pytest.raises(TooLarge):
        files.receive(io.BytesIO(b"ab"), most=1)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", PLACES)
def test_killed_before_the_station_was_answered_it_takes_the_file_once_more(
    patient: Program, asked: tuple[MadeStation, FileJob], place: str
) -> None:
    station, job = asked
    crash = f"stations.use_cases.file_jobs.store_upload:{place}"
    Path(patient.environ["CRASH_FILE"]).write_text(crash, encoding="utf-8")
    connection = begun(job, CONTENT)
    assert patient.wait_until_dead() == -signal.SIGKILL
    connection.close()
    assert (file_job(station.owner, FileJobId(job.id)).job.file_key is None) is (place == "before_commit")
    patient.start()
    assert sent_again(job) == 201
    in_the_end_there_is_one(patient, station, job)

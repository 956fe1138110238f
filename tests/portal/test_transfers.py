"""Addresses of files, tried by plain HTTP against the program itself, the way stations use them."""

import hashlib
import io
import select
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from accounts.access import SYSTEM
from kit import clock, db, files
from stations.file_addresses import download_address, upload_address
from stations.models import FileJob, FileJobStep, Station
from stations.queries import received_file
from stations.uploads import take_firmware
from stations.use_cases import request_file, update_firmware
from stations.values import FileJobId, FileJobKind, FileJobState, FirmwareId, StationId
from tests import scene
from tests.serving import Serving, serving, settled
from tests.wire import PATIENCE_S, until

FIRMWARE = bytes(range(256)) * 400
MB = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    var_dir: Path = tmp_path_factory.mktemp("var")
    environ = {"UPLOAD_MOST_MB": "1", "THREADS": "8"}
    settled(var_dir, **environ)
    with serving(var_dir, **environ) as served:
        yield served
    db.disconnect()


@pytest.fixture
def station(server: Serving) -> Station:
    return scene.station()


@pytest.fixture
def job(station: Station) -> FileJob:
    return request_file(SYSTEM, StationId(station.id), FileJobKind.DIAGNOSTICS)


def local(server: Serving, address: str) -> str:
    """The address on the port where the test's server listens."""
    return f"http://127.0.0.1:{server.port}/{address.split('/', 3)[3]}"


def up(server: Serving, job: FileJob) -> str:
    return local(server, upload_address(FileJobId(job.id)))


def arrived(job: FileJob) -> tuple[str, bytes]:
    found = received_file(SYSTEM, FileJobId(job.id))
    return found.name, b"".join(files.read(found.key, 0, found.size))


def said(server: Serving, head: str, body: bytes = b"") -> bytes:
    """Send exactly this; everything that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as sock:
        sock.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        got = b""
        while chunk := sock.recv(65536):
            got += chunk
        return got


@pytest.mark.parametrize("ending", ["/diag.zip", "//diag.zip", "diag.zip", "/a/b/diag.zip"])
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_station_appends_its_file_name_as_it_likes(server: Serving, job: FileJob, method: str, ending: str) -> None:
    answer = requests.request(method, up(server, job) + ending, data=b"log of today", timeout=PATIENCE_S)
    assert (answer.status_code, answer.text) == (201, "stored\n")
    assert arrived(job) == ("diag.zip", b"log of today")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", None])
def test_a_body_is_taken_whatever_kind_it_says_it_is(server: Serving, job: FileJob, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert requests.post(up(server, job), data=b"a=b&c", headers=headers, timeout=PATIENCE_S).status_code == 201
    assert arrived(job) == ("1", b"a=b&c")


def test_a_form_carries_the_file_and_its_name(server: Serving, job: FileJob) -> None:
    form: dict[str, Any] = {"note": (None, "x"), "file": ("C-log.tgz", b"\x1f\x8b\x00", "application/gzip")}
    assert requests.post(up(server, job) + "/", files=form, timeout=PATIENCE_S).status_code == 201
    assert arrived(job) == ("C-log.tgz", b"\x1f\x8b\x00")


def test_a_body_without_a_length_comes_in_chunks(server: Serving, job: FileJob) -> None:
    parts = (bytes([number]) * 1000 for number in range(50))
    assert requests.put(up(server, job) + "/chunks", data=parts, timeout=PATIENCE_S).status_code == 201
    assert arrived(job) == ("chunks", b"".join(bytes([number]) * 1000 for number in range(50)))


def test_a_station_of_the_old_days_needs_no_host_and_no_newer_protocol(server: Serving, job: FileJob) -> None:
    path = up(server, job).split("/", 3)[3]
    got = said(server, f"PUT /{path}/old.log HTTP/1.0\nContent-Length: 3", b"old")
    assert got.startswith(b"HTTP/1.0 201")
    assert arrived(job) == ("old.log", b"old")


def test_the_newest_complete_file_counts_and_a_broken_one_changes_nothing(server: Serving, job: FileJob) -> None:
    path = up(server, job).split("/", 3)[3]
    for content in (b"first", b"second"):
        requests.put(up(server, job) + "/d.log", data=content, timeout=PATIENCE_S)
    before = scene.row(FileJob, job.id).file_key
    for broken in ("Content-Length: 900\r\n\r\nthird", "Transfer-Encoding: chunked\r\n\r\n5\r\nthird\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), PATIENCE_S) as sock:
            sock.sendall(f"PUT /{path}/d.log HTTP/1.1\r\nHost: x\r\n{broken}".encode())
            sock.shutdown(socket.SHUT_WR)
            while got := sock.recv(1000):
                assert b" 201 " not in got
                assert b" 500 " not in got
    assert arrived(job) == ("d.log", b"second")
    assert scene.row(FileJob, job.id).file_key == before
    told = [(step.status, step.detail) for step in scene.rows(FileJobStep, FileJobStep.job_id == job.id)]
    assert told == [("FileReceived", "5"), ("FileReceived", "6")]


def test_a_part_of_a_file_is_not_taken_for_the_whole(server: Serving, job: FileJob) -> None:
    part = {"Content-Range": "bytes 0-2/6"}
    assert requests.put(up(server, job) + "/d.log", data=b"abc", headers=part, timeout=PATIENCE_S).status_code == 400
    assert scene.row(FileJob, job.id).file_key is None


def test_an_empty_file_is_none(server: Serving, job: FileJob) -> None:
    assert requests.put(up(server, job) + "/d.log", timeout=PATIENCE_S).status_code == 422
    assert scene.row(FileJob, job.id).file_key is None


def test_too_much_is_refused_with_a_length_and_without(server: Serving, job: FileJob) -> None:
    requests.put(up(server, job), data=b"kept", timeout=PATIENCE_S)
    much = bytes(MB + 1)
    assert requests.put(up(server, job), data=much, timeout=PATIENCE_S).status_code == 413
    chunks = (much[start : start + 65536] for start in range(0, len(much), 65536))
    with suppress(requests.ConnectionError):  # the program may close while the rest is still being sent
        assert requests.put(up(server, job), data=chunks, timeout=PATIENCE_S).status_code == 413
    assert requests.put(up(server, job), data=bytes(MB), timeout=PATIENCE_S).status_code == 201
    assert scene.row(FileJob, job.id).file_size == MB


def test_an_address_is_good_for_its_job_its_purpose_and_its_time_only(
    server: Serving, station: Station, job: FileJob
) -> None:
    other = request_file(SYSTEM, StationId(scene.station().id), FileJobKind.SECURITY_LOG)
    mixed = up(server, job)[:-20] + up(server, other)[-20:]
    swapped = up(server, job).replace("/files/up/", "/files/down/")
    assert requests.put(mixed, data=b"x", timeout=PATIENCE_S).status_code == 404
    assert requests.get(swapped, timeout=PATIENCE_S).status_code == 404
    assert requests.get(up(server, job), timeout=PATIENCE_S).status_code == 405
    with db.transaction(writing=True) as unit:
        unit.session.get_one(FileJob, job.id).expires_at = clock.now() - timedelta(seconds=1)
        unit.session.get_one(FileJob, other.id).state = FileJobState.REPLACED
    for closed in (job, other):
        answer = requests.put(up(server, closed), data=b"x", timeout=PATIENCE_S)
        assert (answer.status_code, answer.text) == (410, "address_expired\n")
        assert scene.row(FileJob, closed.id).file_key is None


@pytest.fixture
def firmware(server: Serving, station: Station) -> str:
    """The address that a station was given for a firmware."""
    stored = take_firmware(SYSTEM, station.account_id, io.BytesIO(FIRMWARE), "box 2.5.bin", version="2.5")
    made = update_firmware(SYSTEM, StationId(station.id), FirmwareId(stored.id))
    return local(server, download_address(FileJobId(made.id), stored.file_name))


def test_firmware_is_fetched_whole_with_its_length_and_uncompressed(firmware: str) -> None:
    answer = requests.get(firmware, timeout=PATIENCE_S)
    assert (answer.status_code, answer.content) == (200, FIRMWARE)
    assert answer.headers["Content-Length"] == str(len(FIRMWARE))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert (answer.headers["Accept-Ranges"], answer.headers.get("Content-Encoding")) == ("bytes", None)
    assert answer.headers["ETag"] == f'"{hashlib.sha256(FIRMWARE).hexdigest()[:32]}"'
    head = requests.head(firmware, timeout=PATIENCE_S)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(FIRMWARE)))


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=102000-", 102000, 102400), ("bytes=-5", 102395, 102400)],
)
def test_a_part_is_fetched_where_the_line_was_lost(firmware: str, asked: str, start: int, stop: int) -> None:
    answer = requests.get(firmware, headers={"Range": asked}, timeout=PATIENCE_S)
    assert (answer.status_code, answer.content) == (206, FIRMWARE[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(FIRMWARE)}"
    same = {"Range": asked, "If-Range": answer.headers["ETag"]}
    assert requests.get(firmware, headers=same, timeout=PATIENCE_S).status_code == 206
    other = {"Range": asked, "If-Range": '"another"'}
    assert requests.get(firmware, headers=other, timeout=PATIENCE_S).content == FIRMWARE


def test_a_part_outside_is_refused_and_what_can_not_be_read_means_the_whole_file(firmware: str) -> None:
    outside = requests.get(firmware, headers={"Range": "bytes=102400-"}, timeout=PATIENCE_S)
    assert (outside.status_code, outside.headers["Content-Range"]) == (416, "bytes */102400")
    for odd in ("bytes=0-1,5-6", "lines=1-2", "bytes", "bytes=x-y"):
        assert requests.get(firmware, headers={"Range": odd}, timeout=PATIENCE_S).content == FIRMWARE


def test_firmware_is_read_by_stations_of_the_old_days(server: Serving, firmware: str) -> None:
    got = said(server, f"GET /{firmware.split('/', 3)[3]} HTTP/1.0")
    assert got.partition(b"\r\n\r\n")[2] == FIRMWARE


def test_a_modem_fetches_hundreds_of_small_parts(firmware: str) -> None:
    with requests.Session() as line:
        for start in range(0, len(FIRMWARE), 1024):
            part = {"Range": f"bytes={start}-{start + 1023}"}
            assert line.get(firmware, headers=part, timeout=PATIENCE_S).content == FIRMWARE[start : start + 1024]
        codes = [line.head(firmware, timeout=PATIENCE_S).status_code for _ in range(130)]
    assert 429 in codes  # the whole file is not asked for that often


def test_a_full_house_says_when_to_come_again(server: Serving, job: FileJob, firmware: str) -> None:
    path, guests = up(server, job).split("/", 3)[3], []
    for _ in range(5):  # half of the threads, and one more
        guest = socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)
        guest.sendall(f"PUT /{path}/d.log HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n".encode())
        guests.append(guest)
    (left_over,), _, _ = select.select(guests, [], [], PATIENCE_S)  # whoever is answered found the others sitting
    assert b" 503 " in left_over.recv(1000).splitlines()[0]
    guests.remove(left_over)
    left_over.close()
    for turned_away in (
        requests.get(firmware, timeout=PATIENCE_S),
        requests.put(up(server, job), data=b"x", timeout=PATIENCE_S),
    ):
        assert (turned_away.status_code, turned_away.text) == (503, "files_busy\n")
        assert int(turned_away.headers["Retry-After"]) > 0
    assert requests.get(f"http://127.0.0.1:{server.port}/healthz", timeout=PATIENCE_S).status_code == 200
    for guest in guests:
        guest.sendall(b"done")
        assert b" 201 " in guest.recv(1000).splitlines()[0]
        guest.close()
    until(lambda: requests.get(firmware, timeout=PATIENCE_S).content == FIRMWARE)


def test_a_removed_firmware_is_gone(server: Serving, station: Station, firmware: str) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.query(FileJob).filter_by(station_id=station.id).one().state = FileJobState.REFUSED
    assert requests.get(firmware, timeout=PATIENCE_S).status_code == 410

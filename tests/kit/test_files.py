"""Files are kept whole or not at all, in a folder and in a bucket behind a real server."""

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kit import clock, db, files
from kit.errors import Unavailable
from kit.files import FileGone, TooLarge
from kit.files.loose import LooseFile
from kit.settings import Settings
from tests import make
from tests.databases import free_port
from tests.s3 import s3_server

BYTES = bytes(range(256)) * 5000  # more than one chunk


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    with s3_server() as environ:
        yield environ


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Settings:
    environ = request.getfixturevalue("bucket") if request.param == "bucket" else {}
    return make.settings_for(tmp_path, **environ)


def loose() -> list[str]:
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(LooseFile.key)))


def content(key: str, start: int, length: int) -> bytes:
    return b"".join(files.read(key, start, length))


def test_what_was_received_is_read_back_whole_and_in_parts(kept: Settings) -> None:
    stored = files.receive(io.BytesIO(BYTES), most=len(BYTES))
    assert (stored.size, stored.sha256) == (len(BYTES), hashlib.sha256(BYTES).hexdigest())
    assert content(stored.key, 0, stored.size) == BYTES
    assert content(stored.key, 300_000, 7) == BYTES[300_000:300_007]
    assert content(stored.key, stored.size - 3, 3) == BYTES[-3:]
    assert list(kept.incoming_dir.iterdir()) == []


def test_a_dropped_file_is_gone_and_may_be_dropped_again(kept: Settings) -> None:
    stored = files.receive(io.BytesIO(b"abc"), most=3)
    for _ in range(2):
        files.drop(stored.key)
    with pytest.raises(FileGone):
        files.read(stored.key, 0, 3)
    assert loose() == []


def test_what_no_row_takes_within_a_day_is_removed(kept: Settings) -> None:
    left, taken = (files.receive(io.BytesIO(content), most=3) for content in (b"abc", b"def"))
    with db.transaction(writing=True):
        files.take(taken.key)
    assert files.remove_loose() == 0
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        with db.transaction(writing=True), pytest.raises(FileGone):
            files.take(left.key)
        assert files.remove_loose() == 1
    with pytest.raises(FileGone):
        files.read(left.key, 0, 3)
    assert content(taken.key, 0, 3) == b"def"
    with db.transaction(writing=True):
        files.let_go(taken.key)
    assert files.remove_loose() == 1
    with pytest.raises(FileGone):
        files.read(taken.key, 0, 3)


def test_a_deed_that_is_undone_takes_nothing_and_lets_nothing_go(kept: Settings) -> None:
    new, old = (files.receive(io.BytesIO(content), most=3) for content in (b"new", b"old"))
    with db.transaction(writing=True):
        files.take(old.key)
    with pytest.raises(ZeroDivisionError), db.transaction(writing=True):
        files.take(new.key)
        files.let_go(old.key)
        raise ZeroDivisionError
    assert loose() == [new.key]


def test_what_a_bucket_out_of_reach_keeps_is_removed_when_it_is_back(
    tmp_path: Path, bucket: dict[str, str], database: str
) -> None:
    make.settings_for(tmp_path, **bucket)
    stored = files.receive(io.BytesIO(b"abc"), most=3)
    make.settings_for(tmp_path, **{**bucket, "S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        assert files.remove_loose() == 0
        assert loose() == [stored.key]
        make.settings_for(tmp_path, **bucket)
        assert files.remove_loose() == 1
    with pytest.raises(FileGone):
        files.read(stored.key, 0, 3)


def test_one_byte_too_many_and_a_broken_stream_leave_nothing(kept: Settings) -> None:
    class Broken:
        def read(self, _size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(TooLarge):
        files.receive(io.BytesIO(b"abcd"), most=3)
    with pytest.raises(ConnectionResetError):
        files.receive(Broken(), most=3)
    assert list(kept.incoming_dir.iterdir()) == []
    assert not kept.files_dir.exists()


def test_files_of_the_folder_are_readable_by_the_owner_only(tmp_path: Path, database: str) -> None:
    made = make.settings_for(tmp_path)
    files.receive(io.BytesIO(b"abc"), most=3)
    (place,) = [path for path in made.files_dir.rglob("*") if path.is_file()]
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (b"abc", 0o600)


def test_a_bucket_out_of_reach_is_told_as_such(tmp_path: Path, bucket: dict[str, str], database: str) -> None:
    make.settings_for(tmp_path, **{**bucket, "FILES_URL": "s3://nobody"})
    with pytest.raises(Unavailable):
        files.receive(io.BytesIO(b"abc"), most=3)
    make.settings_for(tmp_path, **{**bucket, "S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(Unavailable):
        files.read("key", 0, 3)

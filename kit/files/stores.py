"""Where files are kept, behind one small port: a folder (the default), or a bucket that speaks S3 (FILES_URL)."""

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import boto3
import boto3.exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kit import settings
from kit.errors import AppError, Unavailable

CHUNK = 256 * 1024
_MISSING = ("404", "NoSuchKey")


class FileGone(AppError):
    """The row is there, its file is not: removed, or lost with the disk."""

    status, code = 410, "file_gone"


class Store(Protocol):
    """Where files are kept. Keys are ours and safe as file names."""

    def keep(self, key: str, source: Path) -> None:
        """Take the file at `source` over under this key, all at once."""

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """So many bytes from `start` on; raises FileGone before the first."""

    def remove(self, key: str) -> None:
        """Forget the file; harmless where there is none."""


class Folder:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, key: str, source: Path) -> None:
        """Flushed to the disk, then moved into its place."""
        place = self._place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """From the open file, which stays readable when it is removed meanwhile."""
        try:
            file = self._place(key).open("rb")
        except FileNotFoundError as error:
            raise FileGone() from error
        return self._chunks(file, start, length)

    @staticmethod
    def _chunks(file: Any, start: int, length: int) -> Iterator[bytes]:
        with file:
            file.seek(start)
            while length > 0 and (chunk := file.read(min(CHUNK, length))):
                length -= len(chunk)
                yield chunk

    def remove(self, key: str) -> None:
        """Gone at once."""
        self._place(key).unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        return self._folder / key[:2] / key


class Bucket:
    """Files in a bucket that speaks S3, under a prefix."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def keep(self, key: str, source: Path) -> None:
        """Sent in parts where it is large."""
        with _outside():
            self._client.upload_file(str(source), self._bucket, self._prefix + key)
        source.unlink()

    def read(self, key: str, start: int, length: int) -> Iterator[bytes]:
        """Only what is asked for leaves the bucket."""
        if length <= 0:
            return iter(())
        wanted = {"Bucket": self._bucket, "Key": self._prefix + key, "Range": f"bytes={start}-{start + length - 1}"}
        with _outside():
            body = self._client.get_object(**wanted)["Body"]
        chunks: Iterator[bytes] = body.iter_chunks(CHUNK)
        return chunks

    def remove(self, key: str) -> None:
        """S3 says yes to what is not there."""
        with _outside():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)


@contextmanager
def _outside() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _MISSING:
            raise FileGone() from error
        raise Unavailable("files_unavailable") from error
    except (BotoCoreError, boto3.exceptions.S3UploadFailedError) as error:
        raise Unavailable("files_unavailable") from error


def store() -> Store:
    """The store that the settings name."""
    made = settings.current()
    if made.files_url is None:
        return Folder(made.files_dir)
    return _bucket(made.files_url, made.s3_endpoint, made.s3_region, made.s3_access_key, made.s3_secret_key)


@functools.lru_cache(maxsize=4)
def _bucket(url: str, endpoint: str | None, region: str, access_key: str | None, secret_key: str | None) -> Bucket:
    parts = urlsplit(url)
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if endpoint else "auto"},  # most others know no bucket in the host's name
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    prefix = parts.path.strip("/")
    return Bucket(client, parts.netloc, f"{prefix}/" if prefix else "")

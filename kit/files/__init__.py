"""Files: received, kept, read in parts, let go.

A file is written once under a key of its own and never changes; whoever replaces one keeps the new key and lets the
old one go. What arrives is first written aside, so a broken transfer leaves nothing behind. A file that belongs to no
row is *loose*: from before it is kept until a door takes it, and again when a door lets it go. Whatever happens in
between, loose files are removed in the end.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kit import settings
from kit.errors import AppError
from kit.files.loose import drop, let_go, note, remove_loose, take
from kit.files.stores import CHUNK, FileGone, store
from kit.ids import secret_hex

_LONGEST_TRANSFER_S = 24 * 3600

__all__ = [
    "FileGone",
    "Readable",
    "StoredFile",
    "TooLarge",
    "drop",
    "let_go",
    "read",
    "receive",
    "remove_loose",
    "take",
]


class TooLarge(AppError):
    """More bytes than this kind of file may have."""

    status, code = 413, "file_too_large"


class Readable(Protocol):
    """Where bytes come from: a request, an open file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class StoredFile:
    """A file that is kept: where, how many bytes, and its SHA-256 in hex."""

    key: str
    size: int
    sha256: str


def receive(stream: Readable, *, most: int) -> StoredFile:
    """Read a stream to its end and keep it; a door has to `take` it within a day.

    Raises TooLarge after `most` bytes; a broken stream leaves nothing. Opens a transaction of its own.
    """
    made = settings.current()
    made.incoming_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _forget_cut_off(made.incoming_dir)
    key = secret_hex(16).lower()
    aside = made.incoming_dir / key
    try:
        size, digest = _write(stream, aside, most)
        note(key)
        store().keep(key, aside)
    finally:
        aside.unlink(missing_ok=True)
    return StoredFile(key, size, digest)


def _forget_cut_off(folder: Path) -> None:
    """What a process was receiving when it was killed."""
    for left in folder.iterdir():
        try:
            if left.stat().st_mtime < time.time() - _LONGEST_TRANSFER_S:
                left.unlink()
        except FileNotFoundError:  # another thread was faster
            continue


def _write(stream: Readable, aside: Path, most: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise TooLarge()
            digest.update(chunk)
            file.write(chunk)
    return size, digest.hexdigest()


def read(key: str, start: int, length: int) -> Iterator[bytes]:
    """Bytes of a kept file. Raises FileGone, Unavailable."""
    return store().read(key, start, length)

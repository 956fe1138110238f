"""What the program stands on gives way: a disk that is full, a database in other hands, a clock that jumps."""

import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@contextmanager
def locked_database(path: Path) -> Iterator[None]:
    """Somebody else holds the write lock of an SQLite file, a backup tool for instance."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@dataclass(frozen=True)
class Disk:
    """A small disk of its own, in memory."""

    folder: Path

    @contextmanager
    def full(self) -> Iterator[None]:
        """Fill what is left of it; free it again at the end of the block."""
        ballast, chunk = self.folder / "ballast", bytes(1 << 24)
        with ballast.open("wb") as file, suppress(OSError):
            while True:
                os.write(file.fileno(), chunk)
        try:
            yield
        finally:
            ballast.unlink()


@contextmanager
def disk_of(size: int) -> Iterator[Disk]:
    """A disk of so many bytes; PostgreSQL's user may pass. Mounting needs root, or a sudo that asks for no password."""
    folder = Path(tempfile.mkdtemp(prefix="disk-", dir="/tmp"))
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    options = f"size={size},mode=0711,uid={os.geteuid()}"
    subprocess.run([*as_root, "mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run([*as_root, "umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


class Clock:
    """The clock of one program (`kit.clock`, the only one it reads), moved while it runs; timers are not touched."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.jump()
        self.environ = {"PYTHONPATH": str(Path(__file__).parent / "jumping_clock"), "CLOCK_FILE": str(file)}

    def jump(self, *, hours: int = 0) -> None:
        """Set it so far ahead of (or behind) the true time."""
        aside = self.file.with_suffix(".new")
        aside.write_text(f"{hours * 3600}", encoding="ascii")
        aside.replace(self.file)

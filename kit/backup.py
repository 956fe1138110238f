"""Backup and restore: one tar.gz with the database, the uploaded files and a manifest, for both databases.

A backup is a consistent picture of one moment, taken while the program runs. The encryption keys are not in it, on
purpose: who finds a backup without them cannot read the provider accounts and tokens inside. Keep them elsewhere.
"""

import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, make_url, text

from kit import clock, shape

FORMAT = 1
_DATABASE = "database"
_MANIFEST = "manifest.json"
_FILES = "files"


class BackupRefused(Exception):
    """The backup or restore was not done; the text says why, for the person at the terminal."""


def backup(database_url: str, var_dir: Path, target: Path) -> None:
    """Write the database and the files under var_dir/files to `target`, readable by the owner only.

    Raises BackupRefused when `target` exists, or the database's own tool fails.
    """
    kind = _kind(database_url)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent) as folder:
        copy = Path(folder) / _DATABASE
        if kind == "sqlite":
            _copy_sqlite(_sqlite_path(database_url), copy)
        else:
            _run_postgresql_tool("pg_dump", database_url, f"--file={copy}", "--format=custom", "--compress=0")
        manifest = Path(folder) / _MANIFEST
        facts = {
            "format": FORMAT,
            "created_at": clock.now().isoformat(),
            "database": kind,
            "revision": shape.revision_of(database_url),
        }
        manifest.write_text(json.dumps(facts, indent=2), encoding="utf-8")
        packed = Path(folder) / "packed"
        with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
            archive.add(manifest, _MANIFEST)
            archive.add(copy, _DATABASE)
            for path in (var_dir / _FILES).rglob("*"):
                with suppress(FileNotFoundError):  # replaced meanwhile
                    archive.add(path, Path(_FILES) / path.relative_to(var_dir / _FILES), recursive=False)
        packed.chmod(0o600)
        try:
            os.link(packed, target)  # all at once, and never over an older backup
        except FileExistsError as error:
            raise BackupRefused(f"{target} exists already") from error


def restore(source: Path, database_url: str, var_dir: Path, *, force: bool = False) -> None:
    """Put a backup back. Run the migrations afterwards: the backup may come from an older version.

    Raises BackupRefused when the database has tables already (unless `force`), or the backup does not fit: damaged,
    made from the other kind of database, or by a newer version of this program.
    """
    with tempfile.TemporaryDirectory(dir=_existing(var_dir)) as folder:
        manifest = _unpack(source, Path(folder))
        _judge(manifest, database_url)
        if _tables(database_url) and not force:
            raise BackupRefused("the database is not empty; --force replaces what is in it")
        copy = Path(folder) / _DATABASE
        if manifest["database"] == "sqlite":
            _check_sqlite(copy)
            _copy_sqlite(copy, _sqlite_path(database_url))
        else:
            _restore_postgresql(copy, database_url)
        _put_files_back(Path(folder) / _FILES, var_dir / _FILES)


def _kind(database_url: str) -> str:
    return "sqlite" if database_url.startswith("sqlite") else "postgresql"


def _sqlite_path(database_url: str) -> Path:
    path = make_url(database_url).database
    assert path, "an SQLite database in memory cannot be backed up"
    return Path(path)


def _existing(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: a consistent picture under load, and safe to write over an open database."""
    if not source.exists():
        raise BackupRefused(f"there is no database at {source}")
    _existing(target.parent)
    with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(target, timeout=30)) as new:
        old.backup(new)


def _check_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        try:
            [(finding,)] = connection.execute("PRAGMA integrity_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            raise BackupRefused(f"the database in the backup is damaged ({error})") from error
    if finding != "ok":
        raise BackupRefused(f"the database in the backup is damaged ({finding})")


def _run_postgresql_tool(tool: str, database_url: str, *arguments: str) -> None:
    url = make_url(database_url).set(drivername="postgresql")
    # the password goes by the environment: a command line can be read by everybody on the machine
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    address = url.set(password=None).render_as_string()
    command = [tool, f"--dbname={address}", "--no-owner", "--no-privileges", *arguments]
    try:
        subprocess.run(command, check=True, env=environment, capture_output=True, text=True)  # noqa: S603  # our own words
    except FileNotFoundError as error:
        raise BackupRefused(f"{tool} is not installed (Debian: postgresql-client)") from error
    except subprocess.CalledProcessError as error:
        raise BackupRefused(f"{tool} failed: {error.stderr.strip()}") from error


def _tables(database_url: str) -> list[str]:
    if _kind(database_url) == "sqlite" and not _sqlite_path(database_url).exists():
        return []
    engine = create_engine(database_url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _restore_postgresql(copy: Path, database_url: str) -> None:
    """What was there is only moved aside until the backup is in, and comes back when that fails."""
    _execute(database_url, "ALTER SCHEMA public RENAME TO before_restore", "CREATE SCHEMA public")
    try:
        _run_postgresql_tool("pg_restore", database_url, "--exit-on-error", "--single-transaction", str(copy))
    except BackupRefused:
        _execute(database_url, "DROP SCHEMA public CASCADE", "ALTER SCHEMA before_restore RENAME TO public")
        raise
    _execute(database_url, "DROP SCHEMA before_restore CASCADE")


def _execute(database_url: str, *statements: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Files and folders below this one, no links. `filter="data"` says so, too, but Debian 12's Python has none."""
    for member in archive:
        inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
        if not inside or not (member.isfile() or member.isdir()):
            raise tarfile.ReadError(f"{member.name} is no file of a backup")
        archive.extract(member, folder)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:gz") as archive:
            _extract(archive, folder)
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, EOFError, tarfile.TarError, ValueError) as error:
        raise BackupRefused(f"{source} is not a readable backup ({error})") from error
    return manifest


def _judge(manifest: dict[str, Any], database_url: str) -> None:
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"this backup has format {manifest.get('format')}; this version reads format {FORMAT}")
    if manifest["database"] != _kind(database_url):
        raise BackupRefused(f"this is a backup of {manifest['database']}; DATABASE_URL is {_kind(database_url)}")
    if manifest["revision"] is not None and not shape.is_known(manifest["revision"]):
        raise BackupRefused("this backup was made by a newer version of the program; install that first")


def _put_files_back(source: Path, target: Path) -> None:
    """Files are named once and never change, so what is there already may stay."""
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            _existing(place.parent)
            path.replace(place)

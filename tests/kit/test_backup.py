"""What was backed up comes back the same, on both databases; everything doubtful is refused."""

import json
import stat
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kit import db
from kit.backup import BackupRefused, backup, restore
from tests.databases import PostgreSQL


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the same kind as `database_url`."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/elsewhere/platform.db"
        return
    cluster: PostgreSQL = request.getfixturevalue("postgresql")
    url = cluster.create(migrated=False)
    yield url
    cluster.drop(url)


def execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> str:
    """A migrated database with two rows in it, and one uploaded file."""
    execute(database_url, "CREATE TABLE notes (id INTEGER PRIMARY KEY, words VARCHAR(40))")
    execute(database_url, "INSERT INTO notes VALUES (1, 'Zürich'), (2, 'Genève')")
    (tmp_path / "var" / "files" / "ab").mkdir(parents=True)
    (tmp_path / "var" / "files" / "ab" / "picture").write_bytes(b"\x00\xff" * 1000)
    return database_url


NOTES = "SELECT id, words FROM notes ORDER BY id"
SAME_NOTES = [(1, "Zürich"), (2, "Genève")]


def test_a_backup_restores_into_an_empty_database(filled: str, fresh_url: str, tmp_path: Path) -> None:
    backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
    restore(tmp_path / "backup.tar.gz", fresh_url, tmp_path / "new-var")
    assert rows(fresh_url, NOTES) == SAME_NOTES
    assert (tmp_path / "new-var" / "files" / "ab" / "picture").read_bytes() == b"\x00\xff" * 1000
    db.migrate(fresh_url)  # nothing to do, and it knows
    assert rows(fresh_url, "SELECT version_num FROM alembic_version") == rows(
        filled, "SELECT version_num FROM alembic_version"
    )
    assert sorted(path.name for path in (tmp_path / "new-var").iterdir()) == ["files"]


def test_a_backup_says_what_it_is_and_is_readable_by_its_owner_only(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    backup(filled, tmp_path / "var", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(target) as archive:
        manifest = archive.extractfile("manifest.json")
        assert manifest is not None
        facts = json.load(manifest)
    assert (facts["format"], facts["database"]) == (1, filled.partition(":")[0].partition("+")[0])
    assert [(facts["revision"],)] == rows(filled, "SELECT version_num FROM alembic_version")


def test_what_is_not_committed_is_not_in_a_backup(filled: str, fresh_url: str, tmp_path: Path) -> None:
    engine = create_engine(filled)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO notes VALUES (3, 'half done')"))
        backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
        connection.rollback()
    engine.dispose()
    restore(tmp_path / "backup.tar.gz", fresh_url, tmp_path / "new-var")
    assert rows(fresh_url, NOTES) == SAME_NOTES


def test_a_restore_does_not_overwrite_unless_forced(filled: str, tmp_path: Path) -> None:
    backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
    execute(filled, "DELETE FROM notes WHERE id = 1")
    execute(filled, "CREATE TABLE newer (id INTEGER)")
    with pytest.raises(BackupRefused, match="not empty"):
        restore(tmp_path / "backup.tar.gz", filled, tmp_path / "var")
    assert rows(filled, NOTES) == [(2, "Genève")]
    restore(tmp_path / "backup.tar.gz", filled, tmp_path / "var", force=True)
    assert rows(filled, NOTES) == SAME_NOTES
    with pytest.raises(Exception, match="newer"):
        rows(filled, "SELECT * FROM newer")


def test_an_older_backup_is_never_overwritten(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    target.write_bytes(b"older")
    with pytest.raises(BackupRefused, match="exists already"):
        backup(filled, tmp_path / "var", target)
    assert target.read_bytes() == b"older"
    assert [path.name for path in tmp_path.glob("tmp*")] == []


def with_manifest(source: Path, change: Callable[[dict[str, object]], None]) -> Path:
    """The same backup with another manifest."""
    changed = source.with_name("changed.tar.gz")
    folder = source.with_name("unpacked")
    with tarfile.open(source) as archive:
        archive.extractall(folder)  # we made it
    facts = json.loads((folder / "manifest.json").read_text())
    change(facts)
    (folder / "manifest.json").write_text(json.dumps(facts))
    with tarfile.open(changed, "w:gz") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, path.name)
    return changed


@pytest.mark.parametrize(
    ("fact", "value", "reason"),
    [
        ("format", 2, "format 2"),
        ("database", "oracle", "backup of oracle"),
        ("revision", "9999_from_the_future", "newer version"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(
    filled: str, fresh_url: str, tmp_path: Path, fact: str, value: object, reason: str
) -> None:
    backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
    changed = with_manifest(tmp_path / "backup.tar.gz", lambda facts: facts.update({fact: value}))
    with pytest.raises(BackupRefused, match=reason):
        restore(changed, fresh_url, tmp_path / "new-var")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../outside", tarfile.REGTYPE), ("/outside", tarfile.REGTYPE), ("link", tarfile.SYMTYPE)],
)
def test_nothing_is_unpacked_outside_of_a_backup(sqlite_url: str, tmp_path: Path, name: str, kind: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/hostname" if kind == tarfile.SYMTYPE else ""
    with tarfile.open(tmp_path / "backup.tar.gz", "w:gz") as archive:
        archive.addfile(member)
    with pytest.raises(BackupRefused, match="is no file of a backup"):
        restore(tmp_path / "backup.tar.gz", sqlite_url, tmp_path / "var")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_a_damaged_backup_is_refused(sqlite_url: str, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.tar.gz").write_bytes(content)
    with pytest.raises(BackupRefused, match="not a readable backup"):
        restore(tmp_path / "backup.tar.gz", sqlite_url, tmp_path / "var", force=True)


def test_a_backup_under_writing_load_is_a_picture_of_one_moment(filled: str, fresh_url: str, tmp_path: Path) -> None:
    stop = threading.Event()

    def write_pairs() -> None:
        number = 10
        while not stop.is_set():
            execute(filled, f"INSERT INTO notes VALUES ({number}, 'left'), ({number + 1}, 'right')")
            number += 2

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "backup.tar.gz", fresh_url, tmp_path / "new-var")
    [(left,)] = rows(fresh_url, "SELECT count(*) FROM notes WHERE words = 'left'")
    assert rows(fresh_url, "SELECT count(*) FROM notes WHERE words = 'right'") == [(left,)]
    assert rows(fresh_url, f"{NOTES} LIMIT 2") == SAME_NOTES


def test_a_restored_database_can_be_backed_up_and_restored_again(filled: str, fresh_url: str, tmp_path: Path) -> None:
    backup(filled, tmp_path / "var", tmp_path / "first.tar.gz")
    restore(tmp_path / "first.tar.gz", fresh_url, tmp_path / "var")
    backup(fresh_url, tmp_path / "var", tmp_path / "second.tar.gz")
    restore(tmp_path / "second.tar.gz", filled, tmp_path / "var", force=True)
    assert rows(filled, NOTES) == SAME_NOTES


def test_a_failed_restore_leaves_everything_as_it_was(filled: str, tmp_path: Path) -> None:
    backup(filled, tmp_path / "var", tmp_path / "backup.tar.gz")
    with_manifest(tmp_path / "backup.tar.gz", lambda facts: None)
    (tmp_path / "unpacked" / "database").write_bytes(b"no database")
    with tarfile.open(tmp_path / "damaged.tar.gz", "w:gz") as archive:
        for path in sorted((tmp_path / "unpacked").iterdir()):
            archive.add(path, path.name)
    with pytest.raises(BackupRefused, match=r"damaged|pg_restore failed"):
        restore(tmp_path / "damaged.tar.gz", filled, tmp_path / "var", force=True)
    assert rows(filled, NOTES) == SAME_NOTES

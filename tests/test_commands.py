"""The command line, as an operator of the software uses it: each command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from kit import shape
from tests.programs import ROOT, run


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DEMO": "1", "VAR_DIR": str(tmp_path / "var")}


def test_a_wrong_setting_ends_the_command_with_its_name_and_no_stack_trace(environment: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "wsgi.py"), "migrate"]
    wrong = {**environment, "PORT": "eighty"}
    done = subprocess.run(command, env=wrong, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: PORT: must be a whole number, not 'eighty'\n"


def test_an_operator_sets_up_backs_up_and_restores(environment: dict[str, str], tmp_path: Path) -> None:
    assert run(environment, "migrate").returncode == 0
    assert run(environment, "migrate").returncode == 0

    target = tmp_path / "backup.tar.gz"
    assert run(environment, "backup", str(target)).stdout == f"Written to {target}.\n"
    again = run(environment, "backup", str(target))
    assert (again.returncode, again.stderr) == (1, f"Error: {target} exists already\n")

    refused = run(environment, "restore", str(target))
    assert refused.returncode == 1
    assert refused.stderr == "Error: the database is not empty; --force replaces what is in it\n"
    assert run(environment, "restore", str(target), "--force").returncode == 0
    elsewhere = {**environment, "VAR_DIR": str(tmp_path / "elsewhere")}
    assert run(elsewhere, "restore", str(target)).returncode == 0
    assert (tmp_path / "elsewhere" / "platform.db").exists()


def test_a_test_letter_is_written_where_the_demo_keeps_its_mail(environment: dict[str, str], tmp_path: Path) -> None:
    done = run(environment, "mail-test", "somebody@example.com")
    assert (done.returncode, done.stdout) == (0, f"Written to {tmp_path}/var/mail.\n")
    [letter] = (tmp_path / "var" / "mail").iterdir()
    assert "To: somebody@example.com" in letter.read_text()


def test_a_mail_server_that_is_not_there_is_said_so(environment: dict[str, str]) -> None:
    done = run({**environment, "SMTP_URL": "smtp://127.0.0.1:1"}, "mail-test", "somebody@example.com")
    assert done.returncode == 1
    assert "the mail server refused: [Errno 111] Connection refused" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_a_registered_person_becomes_administrator(environment: dict[str, str]) -> None:
    assert run(environment, "migrate").returncode == 0
    done = run(environment, "admin", "nobody@example.com")
    assert done.returncode == 1
    assert "nobody has registered with nobody@example.com" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_encryption_key_is_rotated(environment: dict[str, str]) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    assert run({**environment, "ENCRYPTION_KEYS": old}, "migrate").returncode == 0
    done = run({**environment, "ENCRYPTION_KEYS": f"{new},{old}"}, "rotate-keys")
    assert (done.returncode, done.stdout) == (0, "0 values are encrypted with the first key.\n")


def test_a_worker_of_its_own_needs_redis(environment: dict[str, str]) -> None:
    done = run(environment, "worker")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: REDIS_URL: is missing")


@pytest.mark.parametrize("command", ["serve", "worker"])
@pytest.mark.parametrize("revision", [None, "0001"])
def test_nothing_runs_on_a_database_that_lacks_a_migration(
    environment: dict[str, str], sqlite_url: str, command: str, revision: str | None
) -> None:
    if revision is not None:
        _set_revision(sqlite_url, revision)
        environment["DATABASE_URL"] = sqlite_url
    done = run({**environment, "REDIS_URL": "redis://127.0.0.1:1"}, command)
    refusal = "Error: the database is not of this version's shape; run `wsgi.py migrate` first\n"
    assert (done.returncode, done.stderr) == (1, refusal)
    assert not (Path(environment["VAR_DIR"]) / "platform.db").exists(), "nor is one made by looking"


def test_a_shape_is_judged_by_the_migrations_that_are_known(database_url: str) -> None:
    assert not shape.is_behind(database_url)
    head = shape.revision_of(database_url)
    assert head is not None
    try:
        _set_revision(database_url, f"{int(head) - 1:04}")
        assert shape.is_behind(database_url)
        _set_revision(database_url, "9999")
        assert not shape.is_behind(database_url), "the first process of the next version migrated"
    finally:
        _set_revision(database_url, head)


def test_a_database_that_is_away_for_a_moment_is_waited_for() -> None:
    assert not shape.is_behind("postgresql+psycopg://somebody@127.0.0.1:1/platform")


def _set_revision(url: str, revision: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    engine.dispose()

"""The command line, as an operator of the software uses it: each command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

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

"""Writes the next migration from what models and migrations disagree about. Look at it before you keep it."""

import sys
import tempfile
from pathlib import Path

from alembic import command

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kit import db  # noqa: E402  # found by the line above


def main() -> None:
    """Compare with a throw-away SQLite database."""
    subject = " ".join(sys.argv[1:]).strip()
    if not subject:
        sys.exit('Say what changes: make migration SUBJECT="remember the colour of a station"')
    numbers = [int(path.name[:4]) for path in (ROOT / "migrations" / "versions").glob("[0-9][0-9][0-9][0-9]_*.py")]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        db.migrate(url)
        command.revision(
            db.alembic_config(url), subject, autogenerate=True, rev_id=f"{max(numbers, default=0) + 1:04d}"
        )


if __name__ == "__main__":
    main()

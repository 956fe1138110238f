"""The files that the proxy reads, each written whole: who may sign stations' certificates, and what was revoked."""

import os
from pathlib import Path

from accounts.access import SYSTEM
from stations.queries import proxy_files

AUTHORITIES, REVOCATIONS = "station-ca.pem", "station-ca.crl"


def write(folder: Path) -> list[Path]:
    """Write both into the folder; the ones whose content changed. Nothing where there is no authority yet."""
    files = proxy_files(SYSTEM)
    if files is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    wanted = ((AUTHORITIES, files.authorities), (REVOCATIONS, files.revocations))
    return [folder / name for name, text in wanted if _replaced(folder / name, text)]


def _replaced(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="ascii") == text:
        return False
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="ascii")
    aside.chmod(0o644)  # another user's proxy reads it; there is nothing secret in it
    aside.replace(path)
    return True

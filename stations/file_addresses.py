"""Addresses of our own that stations send files to and fetch firmware from.

The sealed text in them stands for one job of one station; the job's row decides how long it is good. Names that
stations append, with a slash or without, are fine: the seal has a fixed length.
"""

from urllib.parse import quote, urlsplit

from kit import settings
from kit.errors import NotFound
from kit.signing import SEAL_LENGTH, LinkBroken, seal, unseal
from stations.values import FileJobId

UPLOAD, DOWNLOAD = "up", "down"


def upload_address(job_id: FileJobId, *, plain: bool = False) -> str:
    """Where a station sends its file: a folder to those who append a name, a file to the others. `plain`: no TLS."""
    return f"{_origin(plain)}/files/{UPLOAD}/{seal(UPLOAD, job_id)}"


def download_address(job_id: FileJobId, name: str, *, plain: bool = False) -> str:
    """Where a station fetches its firmware; the name at the end tells it what kind of file that is."""
    return f"{_origin(plain)}/files/{DOWNLOAD}/{seal(DOWNLOAD, job_id)}/{quote(name)}"


def _origin(plain: bool) -> str:
    """Scheme and host of our addresses. Without TLS it is the usual port, whatever the port for TLS is."""
    public = settings.current().public_url
    parts = urlsplit(public)
    if not plain or parts.scheme == "http":
        return public
    return f"http://{parts.netloc.removesuffix(f':{parts.port}')}"


def read_address(purpose: str, rest: str) -> tuple[FileJobId, str]:
    """The job and the appended name of what follows `/files/up/` or `/files/down/`. Raises NotFound."""
    try:
        job_id = unseal(purpose, rest[:SEAL_LENGTH])
    except LinkBroken as error:
        raise NotFound() from error
    return FileJobId(job_id), rest[SEAL_LENGTH:].strip("/")

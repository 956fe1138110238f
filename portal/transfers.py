"""The addresses that stations send files to and fetch firmware from: no login, no cookie, no form token.

The sealed address is the key. Stations are served as they come: PUT or POST, raw or as a form, with or without a
length, HTTP/1.0, parts of a file, and the same thing again when they were cut off. Bodies are read and written outside
of any transaction; a peer that says nothing for a while loses its connection, and only some threads wait for peers.
"""

import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.http import parse_range_header

from accounts.access import ANYONE
from kit import files, settings
from kit.errors import AppError, Unavailable
from kit.throttle import Throttle, neighbourhood
from portal.actor import public_page
from portal.security import csrf_protect, limiter
from stations.file_addresses import DOWNLOAD, UPLOAD
from stations.queries import OfferedFile, firmware_file
from stations.uploads import MB, take_upload

log = structlog.get_logger()
blueprint = Blueprint("transfers", __name__, url_prefix="/files")
csrf_protect.exempt(blueprint)  # no cookie is looked at here
limiter.exempt(blueprint)  # the limits below stand before everything

SILENCE_S = 60.0
FORM_OVERHEAD = 64 * 1024
TRIES, PARTS = Throttle(60, 60.0), Throttle(6_000, 60.0)  # per address and minute: whole files, and parts of one
WRONG_TRIES = Throttle(30, 60.0)  # per network and minute
OPEN_STATUSES = {"not_found": 404, "address_expired": 410, "file_gone": 410}


class TransferSeats:
    """How many transfers run at once: as many as `most` says."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._lock = threading.Lock()
        self._most, self._taken = most, 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """A seat for the time of an upload. Raises Unavailable where all are taken."""
        self.take()
        try:
            yield
        finally:
            self.leave()

    def until_sent(self, made: Callable[[], Response]) -> Response:
        """The answer that is made, with a seat until all of it has left. Raises Unavailable."""
        self.take()
        try:
            answer = made()
        except BaseException:
            self.leave()
            raise
        answer.call_on_close(self.leave)
        return answer

    def take(self) -> None:
        """Sit down, or raise Unavailable."""
        with self._lock:
            if self._taken >= self._most():
                raise Unavailable("files_busy")
            self._taken += 1

    def leave(self) -> None:
        """Stand up."""
        with self._lock:
            self._taken -= 1


seats = TransferSeats(lambda: settings.current().transfers_at_once)


@blueprint.before_request
def prepare() -> Response | None:
    """Limits per network and address; a body may be as large as the settings say, but must keep coming."""
    network = neighbourhood(request.remote_addr or "")
    tries = PARTS if request.method == "GET" and "Range" in request.headers else TRIES  # modems fetch small parts
    if WRONG_TRIES.full(network) or not tries.hit(request.path[:80]):
        return Response("too many tries\n", 429, {"Retry-After": "60"}, mimetype="text/plain")
    request.max_content_length = settings.current().upload_most_mb * MB + FORM_OVERHEAD
    limit_silence()
    return None


def limit_silence() -> None:
    """Give up a peer of this request that neither sends nor takes anything for a while."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SILENCE_S)


@blueprint.errorhandler(AppError)
def refused(error: AppError) -> Response:
    """A word for the station's own log."""
    status = OPEN_STATUSES.get(error.code, error.status)
    if status == 404:
        WRONG_TRIES.hit(neighbourhood(request.remote_addr or ""))
    headers = {"Retry-After": "30"} if status == 503 else {}
    return Response(f"{error.code}\n", status, {**headers, "Connection": "close"}, mimetype="text/plain")


@blueprint.errorhandler(HTTPException)
def refused_by_server(error: HTTPException) -> Response:
    """The same for what the web framework refuses."""
    answer = error.get_response()
    headers = {name: value for name, value in answer.headers.items() if name == "Allow"}
    return Response(f"{error.name}\n", error.code, {**headers, "Connection": "close"}, mimetype="text/plain")


# Both with POST: some stations know nothing else, some nothing but PUT.
@blueprint.route(f"/{UPLOAD}/<path:address>", methods=["PUT", "POST", "GET"], merge_slashes=False)
@public_page
def upload(address: str) -> Response:
    """A station sends a file. Sent again, the newest complete one counts."""
    if request.method not in ("PUT", "POST"):
        return Response("send a file here\n", 405, {"Allow": "PUT, POST"}, mimetype="text/plain")
    if "Content-Range" in request.headers:  # a part would pass for the whole
        return Response("send it whole\n", 400, {"Connection": "close"}, mimetype="text/plain")
    with seats.one():
        try:
            name, stream, length = "", request.stream, request.content_length
            if request.mimetype == "multipart/form-data":
                sent = next((file for file in request.files.values() if file.filename), None)
                if sent is not None:
                    name, stream, length = sent.filename or "", sent.stream, None
            job = take_upload(address, stream, name, length)
        except RequestEntityTooLarge as error:
            raise files.TooLarge() from error
        except (ClientDisconnected, TimeoutError, ConnectionError, EOFError) as error:
            log.info("upload.cut_off", error=repr(error)[:200])
            return Response("cut off\n", 408, {"Connection": "close"}, mimetype="text/plain")
    log.info("upload.stored", job_id=str(job.id), station_id=str(job.station_id), size=job.file_size)
    return Response("stored\n", 201, mimetype="text/plain")


@blueprint.get(f"/{DOWNLOAD}/<path:address>", merge_slashes=False)
@public_page
def download(address: str) -> Response:
    """A station fetches its firmware: whole, or a part of it where the connection was lost before."""
    found = firmware_file(ANYONE, address)
    return seats.until_sent(lambda: offered(found))


def offered(found: OfferedFile, *, mimetype: str | None = None) -> Response:
    """A kept file as an answer, or the one part of it that was asked for."""
    guessed = mimetype or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-transform",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
        "ETag": f'"{found.sha256[:32]}"',
    }
    start, stop = 0, found.size
    wanted = _wanted_range(found, headers["ETag"])
    if wanted is not None:
        start, stop = wanted
        if start >= stop:
            unsatisfied = {**headers, "Content-Range": f"bytes */{found.size}"}
            return Response("", 416, unsatisfied, mimetype="text/plain")
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    headers["Content-Length"] = str(stop - start)
    body = () if request.method == "HEAD" else files.read(found.key, start, stop - start)
    return Response(body, 200 if wanted is None else 206, headers, mimetype=guessed)


def _wanted_range(found: OfferedFile, etag: str) -> tuple[int, int] | None:
    """The one range that was asked for, as start and stop; stop 0 where it lies outside. None: the whole file."""
    fresh = request.headers.get("If-Range", etag).strip() == etag
    asked = parse_range_header(request.headers.get("Range")) if fresh and request.method == "GET" else None
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return None
    return asked.range_for_length(found.size) or (0, 0)

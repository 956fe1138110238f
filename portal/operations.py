"""For those who run the program: health, numbers, a log line per request; in the demo also the mails it would send."""

import hmac
import time

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, g, request

from accounts import uses
from accounts.access import SYSTEM
from accounts.use_cases import note_grant_uses
from kit import mail, metrics, readiness
from kit.errors import NotFound
from kit.ids import secret_hex
from kit.settings import Settings
from portal.actor import current_person, public_page
from portal.render import page

blueprint = Blueprint("operations", __name__)
log = structlog.get_logger()
METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS")
QUIET = ("static", "operations.favicon", "operations.health", "operations.ready", "operations.numbers")


@blueprint.get("/healthz")
@public_page
def health() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/favicon.ico")
@public_page
def favicon() -> Response:
    """Browsers ask for it by themselves where no page named one, for example beside a PDF."""
    return current_app.send_static_file("favicon.svg")


@blueprint.get("/readyz")
@public_page
def ready() -> Response:
    """It can serve: database and bus answer. 503 with the name of what does not."""
    problems = readiness.problems()
    return Response("\n".join(problems or ["ok"]) + "\n", 503 if problems else 200, mimetype="text/plain")


@blueprint.get("/metrics")
@public_page
def numbers() -> Response:
    """Numbers for Prometheus, for whoever knows METRICS_TOKEN."""
    settings: Settings = current_app.config["SETTINGS"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.metrics_token or not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
        abort(404)
    return Response(metrics.page(), content_type=metrics.CONTENT_TYPE)


@blueprint.get("/dev/mail")
@public_page
def mails() -> Response:
    """The letters that the demo would have sent, newest first."""
    _demo_only()
    return page("platform/mails.html", letters=mail.letters())


@blueprint.get("/dev/mail/<name>")
@public_page
def one_mail(name: str) -> Response:
    """One letter of the demo."""
    _demo_only()
    letter = mail.letter(name)
    if letter is None:
        raise NotFound()
    return page("platform/mail.html", letter=letter)


@blueprint.get("/dev/mail/<name>/<int:number>")
@public_page
def attachment(name: str, number: int) -> Response:
    """An attachment of a letter of the demo."""
    _demo_only()
    letter = mail.letter(name)
    if letter is None or number >= len(letter.attachments):
        raise NotFound()
    file = letter.attachments[number]
    answer = Response(file.content, mimetype=file.kind)
    answer.headers.set("Content-Disposition", "inline", filename=file.name)
    return answer


def _demo_only() -> None:
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.demo or settings.smtp_url is not None:
        raise NotFound()


def watch_requests(app: Flask) -> None:
    """One log line and two numbers per request; once in a while, which roles people used."""

    @app.before_request
    def begin() -> None:
        """Name the request; a proxy's id is taken over when it looks like one."""
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if 8 <= len(given) <= 64 and given.isascii() and given.isalnum() else secret_hex(8)
        g.started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        """Note the answer."""
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        endpoint = request.endpoint or "none"
        method = request.method if request.method in METHODS else "other"  # anybody can invent methods
        metrics.REQUESTS.labels(method, endpoint, response.status_code).inc()
        metrics.REQUEST_SECONDS.labels(endpoint).observe(seconds)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if endpoint not in QUIET:
            person = current_person() if endpoint.partition(".")[0] in app.blueprints else None
            log.info(
                "request",
                method=request.method,
                rule=request.url_rule.rule if request.url_rule else None,
                path=request.path if request.url_rule is None or not _secret_path() else None,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
                user_id=str(person.user_id) if person else None,
            )
        return response

    @app.teardown_request
    def note_uses(_error: BaseException | None) -> None:
        """At most once an hour for each person and account: reading stays reading."""
        if uses.any_due():
            note_grant_uses(SYSTEM)


def _secret_path() -> bool:
    """Whether the address itself opens something: links of mails, payments and stations' files stay out of the log."""
    arguments = request.view_args or {}
    return any(name in arguments for name in ("link_token", "link_key", "name", "ref", "address"))

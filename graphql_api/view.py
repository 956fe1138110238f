"""`/graphql` over HTTP: programs with a token, people with their login, and a page to try it on."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Flask, Response, current_app, render_template, request
from graphql import ExecutionResult

from accounts.access import SYSTEM, Actor
from accounts.queries import actor_of_token
from accounts.use_cases import note_token_use
from accounts.values import ApiTokenId
from graphql_api import oauth, persisted, repeating, socket
from graphql_api.context import Context
from graphql_api.errors import as_json
from graphql_api.execution import run
from graphql_api.reference import HEADINGS, changes, chapters
from graphql_api.schema import schema
from kit import clock
from kit.errors import AppError, Invalid
from kit.ids import secret_text
from kit.settings import Settings
from stations.uploads import MB

# the page's own style sheet brings its fonts as data
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
NOTED_EVERY = timedelta(hours=1)
_noted_at: dict[UUID, datetime] = {}
LOGIN_NEEDED = {"errors": [{"message": "unauthenticated", "extensions": {"code": "unauthenticated"}}]}


TOO_LARGE = {"errors": [{"message": "too_large", "extensions": {"code": "too_large"}}]}
TOO_MANY = {"errors": [{"message": "too_many_requests", "extensions": {"code": "too_many_requests"}}]}
View = Callable[[], Response]


def register(
    app: Flask,
    settings: Settings,
    person: Callable[[], Actor | None],
    limited: Callable[[View], View],
    admit: Callable[[str], None],
    counted_check: Callable[[], AbstractContextManager[None]],
) -> None:
    """Serve `/graphql`. `person()` is the signed-in person of a request that carries no token; `limited` counts the
    wrong tokens of a view, `admit` the requests of whoever asks, `counted_check` wrong passwords of somebody signed in.
    """
    blueprint = Blueprint("graphql", __name__, template_folder="templates")

    @blueprint.get("/graphql")
    def explore() -> Response:
        """The page to try queries on; it asks with the login of whoever looks at it."""
        nonce = secret_text(16)
        html = render_template("graphql_api/graphiql.html", signed_in=person() is not None, nonce=nonce)
        return Response(html, headers={"Content-Security-Policy": POLICY.format(nonce=nonce)})

    _serve_reference(blueprint)

    @blueprint.errorhandler(429)
    def too_many(_error: Exception) -> Response:
        """Asked too often."""
        answer = _json(TOO_MANY, 429)
        answer.headers["Retry-After"] = "60"  # what `admit` knows better, it says itself
        return answer

    blueprint.register_error_handler(413, lambda _: _json(TOO_LARGE, 413))

    @blueprint.post("/graphql")
    @limited
    def execute() -> Response:
        """Run one operation."""
        actor = _token_actor() if "Authorization" in request.headers else _cookie_actor(person)
        if actor is None:
            return _json(LOGIN_NEEDED, 401)
        admit(actor.reference)
        body = _body(settings)
        if body is None:
            return _json({"errors": [{"message": "bad_request", "extensions": {"code": "bad_request"}}]}, 400)
        return _run(body, Context(actor, settings, counted_check=counted_check))

    app.register_blueprint(blueprint)
    socket.register(app, settings)
    oauth.register(app, settings, limited, admit)
    app.extensions["csrf"].exempt(execute)  # a token is no cookie; for people the check is made below


def _serve_reference(blueprint: Blueprint) -> None:
    """The schema's documentation, for everybody."""

    @blueprint.get("/docs/api")
    def reference() -> str:
        """The schema for people who read, with a search."""
        words = request.args.get("q", "")[:100]
        found = [chapter for chapter in chapters() if chapter.mentions(words)]
        sections = [(name, list(group)) for name, group in groupby(found, key=lambda chapter: chapter.section)]
        return render_template("graphql_api/reference.html", sections=sections, words=words, headings=HEADINGS)

    @blueprint.get("/docs/api/changes")
    def schema_changes() -> str:
        """What changed in the schema."""
        return render_template("graphql_api/changes.html", changes=changes())

    @blueprint.get("/docs/api/schema.graphql")
    def schema_text() -> Response:
        """The schema for programs that read."""
        return Response(schema.as_str() + "\n", mimetype="text/plain")


def _run(body: dict[str, Any], context: Context) -> Response:
    try:
        text = persisted.text_of(context.actor, body)
        if text is None:
            return _json({"errors": [{"message": "bad_request", "extensions": {"code": "bad_request"}}]}, 400)
        asked = body | {"query": text}

        def answer() -> tuple[ExecutionResult, bytes]:
            ran = run(text, context, body.get("variables"), body.get("operationName"))
            return ran.result, orjson.dumps(as_json(ran.result, ran.cost), default=str)

        key = request.headers.get("Idempotency-Key")
        if key is not None and repeating.repeatable(text, body.get("operationName")):
            if request.mimetype == "multipart/form-data":
                raise Invalid(idempotency_key="not_repeatable")
            return _answer(repeating.run_once(context, key, asked, answer))
        return _answer(answer()[1])
    except AppError as error:
        return _json(repeating.refusal(error), error.status if error.status == 409 else 200)


def _token_actor() -> Actor | None:
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    actor = actor_of_token(SYSTEM, secret.strip()) if scheme.lower() == "bearer" else None
    if actor is not None and actor.id is not None:
        _note_use(actor.id)
    return actor


def _note_use(token_id: UUID) -> None:
    """Once an hour and process: reading stays reading."""
    now = clock.now()
    if now - _noted_at.get(token_id, datetime.min.replace(tzinfo=UTC)) > NOTED_EVERY:
        _noted_at[token_id] = now
        note_token_use(SYSTEM, ApiTokenId(token_id))


def _cookie_actor(person: Callable[[], Actor | None]) -> Actor | None:
    actor = person()
    if actor is not None:
        current_app.extensions["csrf"].protect()  # in the header X-CSRFToken
    return actor


def _body(settings: Settings) -> dict[str, Any] | None:
    carries_files = request.mimetype == "multipart/form-data" and "Authorization" in request.headers
    try:
        body = _with_files(settings) if carries_files else orjson.loads(request.get_data())
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return None
    if not isinstance(body, dict):
        return None
    if not isinstance(body.get("variables"), dict | None) or not isinstance(body.get("operationName"), str | None):
        return None
    return body


def _with_files(settings: Settings) -> Any:
    """The operation of a program's request that carries files, as the GraphQL multipart request specification has it.

    A file takes the place of one variable: `{"0": ["variables.file"]}`.
    """
    request.max_content_length = (settings.firmware_most_mb + 1) * MB
    body = orjson.loads(request.form["operations"])
    for name, places in orjson.loads(request.form["map"]).items():
        for place in places:
            owner, _, variable = place.partition(".")
            if owner != "variables" or body["variables"][variable] is not None:
                return None
            body["variables"][variable] = request.files[name]
    return body


def _json(body: dict[str, Any], status: int) -> Response:
    return _answer(orjson.dumps(body, default=str), status)


def _answer(body: bytes, status: int = 200) -> Response:
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})

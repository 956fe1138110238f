"""Refusals as pages: the right status, plain words, nothing of the inside."""

import io
import json
import logging
from uuid import uuid4

import pytest
import structlog
from flask import Flask

from kit import errors, log
from portal.actor import public_page
from portal.errors import BY_STATUS, PROBLEMS
from tests import make
from tests.portal.desk import Desk, at_a_desk


def _page_that(app: Flask, error: Exception) -> Desk:
    @public_page
    def fails() -> str:
        """Fails."""
        raise error

    app.add_url_rule("/fails", "fails", fails)
    return Desk(app)


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (errors.NotFound(), 404, "There is nothing here"),
        (errors.Forbidden("account:view"), 403, "You may not do this"),
        (errors.Conflict("not_now"), 409, "This is not possible right now"),
        (errors.Invalid(name="required"), 422, "Something is missing or wrong"),
        (errors.Unavailable("provider"), 503, "Not reachable right now"),
        (RuntimeError("password=hunter2 in /srv/secret.py"), 500, "Something went wrong on our side"),
        (AssertionError("no door is open"), 500, "Something went wrong on our side"),
    ],
)
def test_every_refusal_is_a_page(app: Flask, error: Exception, status: int, title: str) -> None:
    page = _page_that(app, error).get("/fails")
    assert page.status == status
    assert page.html.count("<h1>") == 1
    assert title in page.text
    for inside in ("hunter2", "secret.py", "Traceback", "RuntimeError", "no door", "not_now", "account:view"):
        assert inside not in page.html


def test_a_mistake_of_ours_names_a_number_to_ask_about(app: Flask) -> None:
    page = _page_that(app, RuntimeError("x")).get("/fails")
    assert page.headers["X-Request-Id"] in page.text


@pytest.mark.parametrize("address", ["/s/{key}", "/s/{key}/nothing", "/reset/{key}", "/confirm/{key}"])
def test_what_a_link_opens_never_stands_in_the_log(app: Flask, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    key = "Secret-key_0123456789abcdef"

    def fails(*_arguments: object) -> None:
        raise RuntimeError(f"cannot show {address.format(key=key)}")

    for name in ("portal.driver_sessions.payment_by_link", "portal.auth.reset_link_holder"):
        monkeypatch.setattr(name, fails)
    monkeypatch.setattr("portal.auth.confirmation_link_holder", fails)
    stream = io.StringIO()
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    log.configure("json", "info", stream)
    try:
        page = Desk(app).get(address.format(key=key))
        logging.getLogger("gunicorn.access").info('"GET %s HTTP/1.1" 500', address.format(key=key))
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = handlers
    assert page.status == (404 if "nothing" in address else 500)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert key not in stream.getvalue()
    assert lines[-1]["event"] == f'"GET {address.format(key="***").removesuffix("/nothing")}' + (
        '/nothing HTTP/1.1" 500' if "nothing" in address else ' HTTP/1.1" 500'
    )
    if page.status == 500:
        [failure] = [line for line in lines if line["event"] == "request.failed"]
        assert "<link_" in failure["rule"]
        assert "RuntimeError" in failure["exception"]


def test_wrong_addresses_and_ways_are_pages_too(app: Flask) -> None:
    desk = Desk(app)
    assert desk.get("/nothing").status == 404
    assert desk.get("/accounts/not-a-uuid").status == 404
    wrong_way = desk.get("/logout")
    assert wrong_way.status == 405
    assert "POST" in wrong_way.headers["Allow"]
    assert "This does not work this way" in wrong_way.text
    inside = at_a_desk(app, make.account().login.email)
    assert inside.get(f"/accounts/{uuid4()}").status == 404


def test_a_huge_form_is_refused(app: Flask) -> None:
    page = Desk(app).post("/login", email="x" * (3 * 1024 * 1024), password="x")
    assert page.status == 413


def test_refusals_speak_the_readers_language(app: Flask) -> None:
    assert '<html lang="it">' in Desk(app, language="it").get("/nothing").html


def test_every_status_has_words() -> None:
    for status in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503):
        assert all(BY_STATUS[status])
    assert all(PROBLEMS.values())

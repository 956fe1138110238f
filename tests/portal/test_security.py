"""Headers, forgery, cookies, addresses behind a proxy, and what may be read by whom."""

import re
from pathlib import Path

import pytest
from flask import Flask

import wsgi
from kit import bus
from portal.security import policy
from tests import make
from tests.databases import redis_server
from tests.portal.desk import Desk, at_a_desk

HTTPS = {"PUBLIC_URL": "https://charge.example.com", "TRUSTED_PROXIES": "1"}


def test_every_answer_carries_the_policy(app: Flask) -> None:
    desk = Desk(app)
    for path in ("/", "/login", "/nothing", "/healthz", "/static/app.css"):
        headers = desk.get(path).headers
        rules = headers["Content-Security-Policy"]
        assert rules.startswith("default-src 'none'; script-src 'self' 'nonce-"), path
        assert "unsafe" not in rules
        assert "frame-ancestors 'none'" in rules
        assert "img-src 'self' data: https://wmts.geo.admin.ch;" in rules
        assert "connect-src 'self' ws://localhost" in rules
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_the_nonce_is_new_every_time(app: Flask) -> None:
    desk = Desk(app)
    found = {re.findall(r"nonce-([\w-]+)", desk.get("/login").headers["Content-Security-Policy"])[0] for _ in range(3)}
    assert len(found) == 3


def test_the_policy_knows_tiles_logo_and_the_providers_page(tmp_path: Path) -> None:
    made = make.settings_for(
        tmp_path,
        PAYMENT_PROVIDER="stripe",
        STRIPE_SECRET_KEY="sk_test_x",
        STRIPE_WEBHOOK_SECRET="whsec_x",
        MAP_TILES_URL="https://{s}.tile.example.org/{z}/{x}/{y}.png",
        BRAND_LOGO="https://cdn.example.org/logo.svg",
    )
    rules = policy(made, "n", "wss://x")
    assert "img-src 'self' data: https://*.tile.example.org https://cdn.example.org;" in rules
    assert "form-action 'self' https://checkout.stripe.com https://connect.stripe.com;" in rules


def test_a_form_without_our_token_does_nothing(app: Flask) -> None:
    login = make.account().login
    answer = Desk(app).client.post("/login", data={"email": login.email, "password": make.PASSWORD})
    assert answer.status_code == 400
    assert "This page was open for too long" in answer.get_data(as_text=True)
    desk = at_a_desk(app, login.email)
    assert desk.client.post("/me/sign-out-everywhere", headers={"X-CSRFToken": "forged"}).status_code == 400
    assert desk.get("/me").status == 200


def test_cookies_are_for_http_only_and_for_tls_where_there_is_tls(app: Flask, tmp_path: Path) -> None:
    cookie = Desk(app).get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secure = wsgi.create_app(make.settings_for(tmp_path / "tls", **HTTPS))
    answer = secure.test_client().get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "connect-src 'self' wss://" in answer.headers["Content-Security-Policy"]


def test_a_proxy_is_believed_only_where_one_is_declared(app: Flask) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"}
    answer = app.test_client().get("/login", headers=forged)
    assert "ws://localhost" in answer.headers["Content-Security-Policy"]
    assert "evil" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://localhost.evil.example"])
def test_a_foreign_page_opens_no_live_socket(app: Flask, origin: str | None) -> None:
    desk = at_a_desk(app, make.account().login.email)
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", **({"Origin": origin} if origin else {})}
    assert desk.client.get("/dashboard/live", headers=headers).status_code == 403


def test_numbers_are_for_who_knows_the_token(app: Flask, tmp_path: Path) -> None:
    assert Desk(app).get("/metrics").status == 404
    watched = wsgi.create_app(make.settings_for(tmp_path / "watched", METRICS_TOKEN="a-token-for-prometheus"))
    client = watched.test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    client.get("/login")
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token-for-prometheus"})
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert re.search(r'http_requests_total\{endpoint="auth.login",method="GET",status="200"\} \d', text)
    assert "events_waiting 0.0" in text


def test_health_and_readiness(app: Flask) -> None:
    desk = Desk(app)
    assert [(desk.get(path).status, desk.get(path).raw) for path in ("/healthz", "/readyz")] == [(200, b"ok\n")] * 2


def test_a_bus_that_does_not_answer_is_named(app: Flask) -> None:
    try:
        with redis_server() as url:
            bus.connect(url)
            assert Desk(app).get("/readyz").status == 200
        answer = Desk(app).get("/readyz")
        assert (answer.status, answer.raw) == (503, b"bus\n")
    finally:
        bus.connect(None)


def test_browsers_find_the_sign_of_the_page_where_they_look_for_it(app: Flask) -> None:
    answer = Desk(app).get("/favicon.ico")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    assert answer.raw.startswith(b"<svg")


def test_answers_are_not_kept_by_shared_caches(app: Flask) -> None:
    assert Desk(app).get("/login").headers["Cache-Control"] == "no-store"

"""What is refused of passkeys, and what is refused without one."""

import dataclasses

import pytest
from flask import Flask

from accounts import passkeys, use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import PasskeyRefused
from accounts.queries import passkey_question
from kit import settings
from tests import make
from tests.portal.desk import Desk, at_a_desk


def test_an_answer_that_is_none_is_refused(app: Flask) -> None:
    login = make.account().login
    challenge = passkey_question(SYSTEM).challenge
    for answer in ("", "{}", "[]", "no json", '{"id": 5}', '{"id": "AAAA", "response": {}}'):
        with pytest.raises(PasskeyRefused):
            use_cases.use_passkey(ANYONE, challenge=challenge, answer=answer)
        with pytest.raises(PasskeyRefused):
            passkeys.read_new(answer, challenge)
    desk = at_a_desk(app, login.email)
    refused = desk.post("/me/passkeys", at="/me/security", answer="{}", name="x")
    assert refused.headers["Location"] == "/me/security"
    assert "This passkey was not accepted" in desk.get("/me/security").text
    stranger = Desk(app)
    assert stranger.post("/login/passkey", at="/login", answer="{}").headers["Location"] == "/login"
    assert stranger.get("/me", follow=False).status == 302


def test_staff_reach_the_platform_only_by_passkey(app: Flask) -> None:
    login = make.account(language="en").login
    use_cases.make_staff(SYSTEM, email=login.email)
    desk = at_a_desk(app, login.email)
    assert desk.get("/platform/tenants").status == 200  # the demo's way: its staff has no passkey
    settings.use(dataclasses.replace(settings.current(), demo=False))
    assert desk.get("/platform/tenants").status == 404
    assert "please sign in with a passkey" in desk.get("/me").text

"""Somebody at a desk: signs in, opens pages, sends forms with the token that stands on the page."""

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.make import PASSWORD
from tests.portal.phone import Page, Phone


class Desk(Phone):
    """A browser that knows how to sign in."""

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        """Sign in as people do; the page that follows, not opened yet."""
        return self.post("/login", email=email, password=password)

    def post(self, path: str, *, at: str | None = None, **fields: Any) -> Page:
        """Open the page `at` (or the form's own path), then send these fields to `path`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at or path).html)
        assert token, f"no form at {at or path}"
        answer: TestResponse = self.client.post(
            path,
            data={"csrf_token": token.group(1), **fields},
            environ_base=self._from,
            headers=self._headers,
        )
        return Page(answer)


def at_a_desk(app: Flask, email: str) -> Desk:
    """A signed-in person who reads English."""
    desk = Desk(app)
    answer = desk.sign_in(email)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    desk.post("/language", at="/me", language="en", next="/me")
    return desk

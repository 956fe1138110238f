"""Somebody who uses GraphQL in a browser, with the login's cookie in place of a key."""

import re
from typing import Any

from flask import Flask

from tests import make

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Person:
    """Somebody signed in, who asks with the cookie."""

    def __init__(self, app: Flask, email: str) -> None:
        self.client = app.test_client()
        self.client.post(
            "/login",
            data={"email": email, "password": make.PASSWORD, "csrf_token": self._token("/login")},
            headers={"User-Agent": AGENT},
        )
        self.token = self._token("/me")

    def _token(self, path: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).get_data(as_text=True))
        assert found
        return found.group(1)

    def ask(self, query: str, **variables: Any) -> dict[str, object]:
        """Data, or what stands beside it."""
        answer = self.client.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"X-CSRFToken": self.token}
        )
        body: dict[str, object] = answer.get_json()
        return body

"""smart-me as docs/smart-me.md tells of it, over real HTTP: signing in with PKCE, who somebody is, partner sign-up."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.answering import answer, answering

CLIENT_ID, CLIENT_SECRET, PARTNER_KEY = "the-platform", "a secret", "partner-key"


@dataclass
class Cloud:
    """The other side. `person` sits at its page; `accounts` are those that exist, by name."""

    url: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"Id": "sm-1", "Username": "olga", "Email": "o@x.example"})
    accounts: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)  # by the key of the request
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refreshes: set[str] = field(default_factory=set)
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def authorize(self, asked: dict[str, str]) -> str:
        """The person agrees: the address to go back to."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Tokens for a code, once; or for a refresh token, once."""
        user, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (user, secret) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] not in self.refreshes:
                return 400, {"error": "invalid_grant"}
            self.refreshes.remove(form["refresh_token"])
        else:
            asked = self.codes.pop(form.get("code", ""), None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if asked is None or asked["code_challenge"] != challenge.decode().rstrip("="):
                return 400, {"error": "invalid_grant"}
        access, refresh = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.tokens.add(access)
        self.refreshes.add(refresh)
        return 200, {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3600}

    def user(self, authorization: str) -> tuple[int, dict[str, Any]]:
        """GET User."""
        known = authorization.removeprefix("Bearer ") in self.tokens
        return (200, self.person) if known else (401, {})

    def sign_up(self, body: dict[str, str], authorization: str, key: str) -> tuple[int, dict[str, Any]]:
        """POST SignUpPartner: an account of this name, once per key."""
        if authorization != f"ApiKey {PARTNER_KEY}":
            return 401, {}
        name = body["username"]
        if key not in self.made:
            if name in self.accounts:
                return 409, {}
            self.accounts[name] = self.made[key] = f"sm-{len(self.accounts) + 100}"
        return 201, {"Id": self.made[key], "Username": name, "Email": body["email"]}


@contextmanager
def cloud() -> Iterator[Cloud]:
    """smart-me until the end of the block."""
    made = Cloud()

    class Handler(BaseHTTPRequestHandler):
        """Its addresses."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/oauth/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", made.authorize(asked))
                self.end_headers()
                return
            self._answer(*made.user(self.headers.get("Authorization", "")))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            authorization = self.headers.get("Authorization", "")
            if urlsplit(self.path).path == "/oauth/token":
                form = {name: values[0] for name, values in parse_qs(raw).items()}
                self._answer(*made.token(form, authorization))
            else:
                self._answer(*made.sign_up(json.loads(raw), authorization, self.headers.get("Idempotency-Key", "")))

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            made.asked.append(self.path)
            status = 503 if made.down else status
            answer(self, status, body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with answering(Handler) as made.url:
        yield made

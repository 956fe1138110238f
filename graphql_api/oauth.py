"""`/oauth/token`: a program proves itself by its id and secret and gets a key for a quarter of an hour.

OAuth 2, client credentials (RFC 6749, 4.4), by Authlib; scopes are rights, `station:view session:view`. `/oauth/revoke`
(RFC 7009) ends a key before its time.
"""

from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from uuid import UUID

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Blueprint, Flask, Response, jsonify

from accounts.access import SYSTEM
from accounts.queries import client_secrets
from accounts.rights import Right
from accounts.use_cases import KEY_LASTS, issue_access_token, revoke_access_token
from accounts.values import ApiClientId
from kit.settings import Settings

METHODS = ("client_secret_basic", "client_secret_post")
View = Callable[[], Response]


class Client(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """A client as Authlib asks about it."""

    def __init__(self, client_id: UUID, rights: list[str], fingerprints: frozenset[str]) -> None:
        self.id = client_id
        self._rights = rights
        self._fingerprints = fingerprints

    def get_client_id(self) -> str:
        """Its id."""
        return str(self.id)

    def get_default_redirect_uri(self) -> str:
        """There is no browser in it."""
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        """What it asks for, as far as it may; all that it may, where it asks for nothing."""
        wanted = (scope or "").split() or self._rights
        return " ".join(right for right in wanted if right in self._rights)

    def check_redirect_uri(self, _uri: str) -> bool:
        """There is no browser in it."""
        return False

    def check_client_secret(self, secret: str) -> bool:
        """Whether it is one of its secrets."""
        shown = sha256(secret.encode()).hexdigest()
        return any(compare_digest(shown, known) for known in self._fingerprints)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """In the header or in the form."""
        return method in METHODS

    def check_response_type(self, _kind: str) -> bool:
        """There is no browser in it."""
        return False

    def check_grant_type(self, kind: str) -> bool:
        """Its own credentials only."""
        return bool(kind == ClientCredentialsGrant.GRANT_TYPE)


class Grant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """In the header or in the form."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Key(TokenMixin):  # type: ignore[misc]  # Authlib ships no types
    def __init__(self, secret: str) -> None:
        self.secret = secret

    def check_client(self, _client: Client) -> bool:
        return True  # the door looks for a key of this client only


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Ends a key; it is not told whether there was one."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, _hint: str | None) -> _Key:
        """Any text may be one."""
        return _Key(token_string)

    def revoke_token(self, token: _Key, request: Any) -> None:
        """End it."""
        revoke_access_token(SYSTEM, ApiClientId(request.client.id), token.secret)


def register(app: Flask, settings: Settings, limited: Callable[[View], View], admit: Callable[[str], None]) -> None:
    """Serve the endpoints. `limited` counts wrong secrets, `admit` the keys that a client asks for."""

    def issue(*, client: Client, scope: str | None = None, **_: Any) -> dict[str, Any]:
        admit(f"keys:{client.id}")
        return _issue(client, scope)

    server = AuthorizationServer(app, query_client=_client, save_token=lambda *_: None)
    server.register_grant(Grant)
    server.register_endpoint(Revocation)
    server.register_token_generator("default", issue)
    server.scopes_supported = [right.value for right in Right]
    blueprint = Blueprint("oauth", __name__)
    blueprint.register_error_handler(429, lambda _: (jsonify(error="slow_down"), 429))

    @blueprint.post("/oauth/token")
    @limited
    def token() -> Response:
        """A key for a client."""
        return _counted(server.create_token_response)

    @blueprint.post("/oauth/revoke")
    @limited
    def revoke() -> Response:
        """A key ended."""
        return _counted(lambda: server.create_endpoint_response(Revocation.ENDPOINT_NAME))

    @blueprint.get("/.well-known/oauth-authorization-server")
    def metadata() -> Response:
        """Where everything is (RFC 8414)."""
        return jsonify(
            issuer=settings.public_url,
            token_endpoint=f"{settings.public_url}/oauth/token",
            revocation_endpoint=f"{settings.public_url}/oauth/revoke",
            grant_types_supported=[ClientCredentialsGrant.GRANT_TYPE],
            token_endpoint_auth_methods_supported=METHODS,
            scopes_supported=server.scopes_supported,
            response_types_supported=[],
        )

    app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(blueprint)  # a client proves itself, no browser sends its secret by itself


def _counted(answering: Callable[[], Response]) -> Response:
    """A wrong secret in a form is 400 by the standard; here it is 401 as in the header, which counts as a wrong key. So
    does a header that is no text, which the library does not expect.
    """
    try:
        answer = answering()
    except UnicodeDecodeError:
        answer = jsonify(error="invalid_client")
    if b"invalid_client" in answer.get_data():
        answer.status_code = 401
    return answer


def _client(client_id: str) -> Client | None:
    try:
        found = client_secrets(SYSTEM, UUID(client_id))
    except ValueError:
        return None
    return None if found is None else Client(found[0].id, found[0].rights, found[1])


def _issue(client: Client, scope: str | None) -> dict[str, Any]:
    granted = client.get_allowed_scope(scope)
    secret = issue_access_token(SYSTEM, ApiClientId(client.id), [Right(one) for one in granted.split()])
    return {
        "access_token": secret,
        "token_type": "Bearer",
        "expires_in": int(KEY_LASTS.total_seconds()),
        "scope": granted,
    }

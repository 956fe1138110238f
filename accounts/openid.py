"""Signing in at somebody else's: OpenID Connect, a code with PKCE. Calls the provider; never in a transaction.

Only this part of the standard: discovery, code flow, an ID token signed with a public key of the provider.
"""

import ipaddress
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests
import structlog
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from accounts.errors import ProviderRefused, ProviderSilent
from kit import clock, settings

log = structlog.get_logger()
TIMEOUT_S = 8.0
MOST_BYTES = 256 * 1024
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "EdDSA"]
SCOPE = "openid email profile"
LEEWAY_S = 120


@dataclass(frozen=True)
class Client:
    """Who we are at a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    return_url: str


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and what has to fit when it comes back."""

    url: str
    state: str
    nonce: str
    code_verifier: str = field(repr=False)


@dataclass(frozen=True)
class Claims:
    """Whom the provider vouches for."""

    subject: str
    email: str
    email_verified: bool
    name: str


def depart(client: Client) -> Departure:
    """Begin: the address of the provider's page. Raises ProviderSilent, ProviderRefused."""
    found = _discover(client.issuer)
    nonce, verifier = generate_token(32), generate_token(48)
    with _session(client) as session:
        url, state = session.create_authorization_url(
            _address(found, "authorization_endpoint"), code_verifier=verifier, nonce=nonce
        )
    return Departure(url, state, nonce, verifier)


def arrive(client: Client, departure: Departure, *, code: str) -> Claims:
    """The browser is back with a code: whom does the provider vouch for? Raises ProviderSilent, ProviderRefused."""
    found = _discover(client.issuer)
    try:
        with _session(client) as session:
            answer = session.fetch_token(
                _address(found, "token_endpoint"),
                code=code,
                code_verifier=departure.code_verifier,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
    except requests.RequestException as error:
        raise ProviderSilent() from error
    except Exception as error:  # Authlib's own, and what it makes of an answer that is no JSON
        log.info("openid.refused", issuer=client.issuer, error=type(error).__name__)
        raise ProviderRefused() from error
    keys = _get(_address(found, "jwks_uri"))
    return _read(client, departure, answer.get("id_token"), keys)


def _read(client: Client, departure: Departure, id_token: Any, keys: Any) -> Claims:
    """Judge the ID token: signature, issuer, audience, times, nonce."""
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": client.issuer},
        aud={"essential": True, "value": client.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": departure.nonce},
    )
    try:
        claims = jwt.decode(str(id_token), KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        log.info("openid.bad_token", issuer=client.issuer, error=type(error).__name__)
        raise ProviderRefused() from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if several and claims.get("azp") != client.client_id:
        raise ProviderRefused()
    return Claims(
        subject=str(claims["sub"])[:255],
        email=str(claims.get("email") or "").strip().lower(),
        email_verified=claims.get("email_verified") is True,
        name=str(claims.get("name") or ""),
    )


def _session(client: Client) -> Any:
    return OAuth2Session(
        client.client_id,
        client.client_secret,
        scope=SCOPE,
        redirect_uri=client.return_url,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106  # a method, not a secret
    )


def _discover(issuer: str) -> dict[str, Any]:
    found = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise ProviderRefused()
    return found


def _address(found: dict[str, Any], name: str) -> str:
    url = str(found.get(name) or "")
    check_address(url)
    return url


def _get(url: str) -> Any:
    check_address(url)
    try:
        with requests.get(url, timeout=TIMEOUT_S, allow_redirects=False, stream=True) as answer:
            text = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            if answer.status_code != 200 or len(text) > MOST_BYTES:
                raise ProviderRefused()
            return orjson.loads(text)
    except requests.RequestException as error:
        raise ProviderSilent() from error
    except ValueError as error:
        raise ProviderRefused() from error


def check_address(url: str) -> None:
    """Refuse to call what is not a server of the public internet: an account chooses the address, our network must not
    be looked around by it. The demo may call this machine. Raises ProviderRefused.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if settings.current().demo and host in settings.LOOPBACK and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https" or not host or parts.username is not None:
        raise ProviderRefused()
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)}
    except (OSError, ValueError) as error:
        raise ProviderSilent() from error
    if not all(ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found):
        raise ProviderRefused()

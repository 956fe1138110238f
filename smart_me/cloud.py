"""The one place that speaks to smart-me: signing in there, who somebody is, a new account. Never in a transaction.

Addresses and fields are those of docs/smart-me.md, which says what is confirmed and what is not.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import requests
import structlog
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

from kit import clock, settings
from smart_me.errors import NameTaken, SmartMeRefused, SmartMeSilent
from smart_me.values import Person, Tokens

log = structlog.get_logger()
TIMEOUT_S = 8.0
SCOPE = "device.read offline_access"
LEAST_VALID, USUAL_VALID_S = timedelta(minutes=1), 3600


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and what has to fit when it comes back."""

    url: str
    state: str
    code_verifier: str = field(repr=False)


def offered() -> bool:
    """Whether the operator of this platform has set up smart-me at all."""
    return settings.current().smart_me_url is not None


def depart(return_url: str) -> Departure:
    """Begin to sign in at smart-me: the address of its page."""
    verifier = generate_token(48)
    with _session(return_url) as session:
        url, state = session.create_authorization_url(_address("oauth/authorize"), code_verifier=verifier)
    return Departure(url, state, verifier)


def arrive(departure: Departure, return_url: str, *, code: str) -> Tokens:
    """The browser is back with a code. Raises SmartMeSilent, SmartMeRefused."""
    with _session(return_url) as session:
        return _tokens(
            lambda: session.fetch_token(
                _address("oauth/token"),
                code=code,
                code_verifier=departure.code_verifier,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        )


def renew(tokens: Tokens) -> Tokens:
    """New tokens for old ones. Raises SmartMeSilent, SmartMeRefused."""
    with _session("") as session:
        renewed = _tokens(
            lambda: session.refresh_token(
                _address("oauth/token"), refresh_token=tokens.refresh, timeout=TIMEOUT_S, allow_redirects=False
            )
        )
    return renewed if renewed.refresh else Tokens(renewed.access, tokens.refresh, renewed.expires_at)


def person(tokens: Tokens) -> Person:
    """Whose tokens these are. Raises SmartMeSilent, SmartMeRefused."""
    answer = _send("GET", "User", {"Authorization": f"Bearer {tokens.access}"})
    return _person(answer)


def sign_up(*, email: str, request_key: str) -> Person:
    """Make an account at smart-me of this name. Raises NameTaken, SmartMeSilent, SmartMeRefused.

    Unconfirmed: needs the contract of a partner, and its fields are not published.
    """
    key = settings.current().smart_me_partner_key
    headers = {"Authorization": f"ApiKey {key}", "Idempotency-Key": request_key}
    return _person(_send("POST", "SignUpPartner", headers, {"username": email, "email": email}))


def _send(method: str, path: str, headers: dict[str, str], body: dict[str, str] | None = None) -> Any:
    try:
        answer = requests.request(
            method, _address(path), headers=headers, json=body, timeout=TIMEOUT_S, allow_redirects=False
        )
        if answer.status_code == requests.codes.conflict:
            raise NameTaken()
        if answer.status_code >= requests.codes.server_error:
            raise SmartMeSilent()
        if answer.status_code not in (requests.codes.ok, requests.codes.created):
            log.info("smart_me.refused", path=path, status=answer.status_code)
            raise SmartMeRefused()
        return answer.json()
    except requests.JSONDecodeError as error:
        raise SmartMeRefused() from error
    except requests.RequestException as error:
        raise SmartMeSilent() from error


def _person(answer: Any) -> Person:
    facts = {str(name).lower(): value for name, value in answer.items()} if isinstance(answer, dict) else {}
    subject = str(facts.get("id") or "")[:255]
    if not subject:
        raise SmartMeRefused()
    name = str(facts.get("username") or facts.get("email") or "")[:255]
    return Person(subject, name, str(facts.get("email") or name).strip().lower()[:255])


def _tokens(ask: Any) -> Tokens:
    try:
        answer = ask()
        valid = timedelta(seconds=int(answer.get("expires_in") or USUAL_VALID_S))
        return Tokens(
            str(answer["access_token"]),
            str(answer.get("refresh_token") or ""),
            clock.now() + max(valid, LEAST_VALID),
        )
    except requests.RequestException as error:
        raise SmartMeSilent() from error
    except Exception as error:  # Authlib's own, and what it makes of an answer that is no JSON
        log.info("smart_me.no_tokens", error=type(error).__name__)
        raise SmartMeRefused() from error


def _session(return_url: str) -> Any:
    chosen = settings.current()
    return OAuth2Session(
        chosen.smart_me_client_id,
        chosen.smart_me_client_secret,
        scope=SCOPE,
        redirect_uri=return_url or None,
        code_challenge_method="S256",
    )


def _address(path: str) -> str:
    return f"{settings.current().smart_me_url}/{path}"

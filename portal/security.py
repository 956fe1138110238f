"""What keeps pages safe: a strict policy for what browsers load and run, forgery protection, rate limits."""

import functools
import hashlib
import math
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, g, request
from flask_limiter import Limiter
from flask_wtf.csrf import CSRFProtect
from limits import RateLimitItem, parse, parse_many

from kit.errors import Conflict, Invalid
from kit.settings import Settings
from kit.throttle import neighbourhood

log = structlog.get_logger()
P = ParamSpec("P")


def network_address() -> str:
    """Whom limits count as one: see `kit.throttle.neighbourhood`."""
    return neighbourhood(request.remote_addr or "")


csrf_protect = CSRFProtect()
limiter = Limiter(
    network_address,
    headers_enabled=True,
    swallow_errors=True,
    in_memory_fallback_enabled=True,  # Redis out of reach: each process counts for itself
)

PROGRAMS, WRONG_TOKENS = parse("600 per minute"), parse("30 per minute")


def credential() -> str:
    """Whom limits for programs count as one: the token, or the browser's login; of neither anything can be read."""
    name = request.headers.get("Authorization") or request.cookies.get("login") or network_address()
    return f"credential:{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"


def limit_programs(view: Callable[P, Response]) -> Callable[P, Response]:
    """Count the wrong tokens of each address strictly. Who has a right one is counted by `admit`, which the view calls
    as soon as it knows who asks.
    """

    @functools.wraps(view)
    def counted(*args: P.args, **kwargs: P.kwargs) -> Response:
        address = network_address()
        if not _count("test", WRONG_TOKENS, address):
            abort(429)
        response = view(*args, **kwargs)
        if response.status_code == 401:
            _count("hit", WRONG_TOKENS, address)
        return response

    return counted


def admit(name: str) -> None:
    """Count one request of this program or person, however it proved who it is; the answer's headers tell what is left.

    Answers 429 when nothing is.
    """
    admitted = _count("hit", PROGRAMS, name)
    try:
        resets_at, left = limiter.limiter.get_window_stats(PROGRAMS, "programs", name)
    except Exception:  # Redis is out of reach, which `_count` has told
        return
    resets_in_s = max(1, math.ceil(resets_at - time.time()))
    g.limit_headers = {
        "RateLimit-Limit": str(PROGRAMS.amount),
        "RateLimit-Remaining": str(left),
        "RateLimit-Reset": str(resets_in_s),
    }
    if not admitted:
        g.limit_headers["Retry-After"] = str(resets_in_s)
        abort(429)


@contextmanager
def counting_wrong(name: str, most: str) -> Iterator[None]:
    """Let somebody try what must not be guessed, as long as not too many tries were wrong.

    Raises Conflict("too_many_requests").
    """
    limits = parse_many(most)
    if not all(_count("test", limit, name) for limit in limits):
        raise Conflict("too_many_requests")
    try:
        yield
    except Invalid:
        for limit in limits:
            _count("hit", limit, name)
        raise


def _count(step: str, limit: RateLimitItem, key: str) -> bool:
    """Whether the limit has room left; it has when nobody can count, because Redis is out of reach."""
    try:
        return bool(getattr(limiter.limiter, step)(limit, "programs", key))
    except Exception as error:
        log.warning("limits.not_counted", error=str(error))
        return True


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRIPE_PAGES = "https://checkout.stripe.com https://connect.stripe.com"


def csp_nonce() -> str:
    """The one-time word that lets this page's own scripts run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def origin_of(url: str) -> str:
    """Scheme and host of an address, as policies name it; `{s}` in tile hosts becomes a wildcard."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"


def policy(settings: Settings, nonce: str, websocket_origin: str) -> str:
    """The Content-Security-Policy of a page."""
    pay_pages = ""
    if settings.payment_provider == "stripe":
        # a form that is answered by a redirect to the provider counts as sent there
        pay_pages = f" {origin_of(settings.stripe_api_base) if settings.stripe_api_base else STRIPE_PAGES}"
    logo = settings.brand_logo if settings.brand_logo and "://" in settings.brand_logo else None
    images = ["'self'", "data:", origin_of(settings.map_tiles_url), *([origin_of(logo)] if logo else [])]
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": f"'self' 'nonce-{nonce}'",
        "img-src": " ".join(images),
        "font-src": "'self'",
        "connect-src": f"'self' {websocket_origin}",
        "manifest-src": "'self'",
        "form-action": f"'self'{pay_pages}",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def own_origin(origin: str | None, settings: Settings) -> bool:
    """Whether a browser's Origin header names ourselves."""
    return origin is not None and origin in (settings.public_url, request.host_url.rstrip("/"))


def register_security(app: Flask, settings: Settings) -> None:
    """Bind protection to the program."""
    app.config |= {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "login",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 30 * 86400,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: people leave pages open
        "WTF_CSRF_SSL_STRICT": False,  # the token alone decides; a missing Referer is no sin
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_KEY_PREFIX": "limit",
    }
    csrf_protect.init_app(app)
    limiter.init_app(app)

    @app.before_request
    def refuse_foreign_sockets() -> None:
        """A live page's socket is opened by our own pages only (chargers have a surface of their own)."""
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        ours = request.blueprint in app.blueprints
        if is_socket and ours and not own_origin(request.headers.get("Origin"), settings):
            abort(403)

    @app.after_request
    def add_headers(response: Response) -> Response:
        """Every answer says what it allows; a surface with needs of its own sets its policy itself."""
        scheme = "wss" if request.is_secure else "ws"
        response.headers.setdefault(
            "Content-Security-Policy", policy(settings, csp_nonce(), f"{scheme}://{request.host}")
        )
        response.headers.update(g.get("limit_headers", {}))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.secure_cookies:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

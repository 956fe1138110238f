"""Pages that follow what happens: a socket that the hub owns sends fragments, HTMX swaps them by their ids.

The connection costs no thread. Every fragment is rendered as if the browser had asked again with the cookie it had at
the start, so a login or right that ended also ends the socket.
"""

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from flask_sock import Sock
from simple_websocket import Server

from kit import hub
from kit.errors import AppError
from portal.actor import current_person, speak
from portal.seats import groups, knocked_too_often, seats

log = structlog.get_logger()
LIVE_BLUEPRINTS: set[str] = set()
POLICY_VIOLATION = 1008
_sock = Sock()


@dataclass(frozen=True)
class LivePage:
    """What a live page hears (bus topics, see `kit.notes`), and how it looks now: fragments whose roots have ids."""

    topics: Collection[str]
    render: Callable[[], str]


def live_page(
    blueprint: Blueprint, rule: str, *, every_s: float = 10.0, public: bool = False
) -> Callable[[Callable[..., LivePage]], Callable[..., LivePage]]:
    """Serve a function that returns a LivePage as a socket: `{{ live(url_for("stations.live", station_id=...)) }}`.

    The function is called again before every rendering: a refusal (NotFound, Forbidden) closes the socket. `public`:
    no login is needed, the function decides itself.
    """

    def decorate(view: Callable[..., LivePage]) -> Callable[..., LivePage]:
        LIVE_BLUEPRINTS.add(blueprint.name)

        @functools.wraps(view)
        def connected(ws: Server, **ids: Any) -> None:
            _hand_over(ws, view, ids, every_s=every_s, public=public)

        connected.public = public  # type: ignore[attr-defined]
        _sock.route(rule, bp=blueprint)(connected)
        return view

    return decorate


def register_live(app: Flask) -> None:
    """Judge live pages before their sockets are opened."""

    @app.before_request
    def admit() -> Response | None:
        """Take a seat; it is given back with the socket, or with a request that came to nothing."""
        if request.url_rule is None or not request.url_rule.websocket or request.blueprint not in LIVE_BLUEPRINTS:
            return None
        if knocked_too_often() or not seats.take(wanted := groups()):
            return Response(status=429, headers={"Retry-After": "60"})
        g.seat = wanted
        return None

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        """Nobody took the seat over."""
        seat = g.pop("seat", None)
        if seat is not None:
            seats.leave(seat)


def _hand_over(ws: Server, view: Callable[..., LivePage], ids: dict[str, Any], *, every_s: float, public: bool) -> None:
    owner = hub.current()
    try:
        topics = set(view(**ids).topics)
    except AppError as refused:
        ws.close(POLICY_VIOLATION, refused.code)
        return
    assert owner is not None, "live pages need the hub"
    person = current_person()
    if person is not None:
        topics.add(f"user:{person.user_id}")  # told when a login or a role ends
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    render = functools.partial(_render_again, app, _lasting(request.environ), view, ids, public)
    ends = frozenset({f"login:{person.login_id}"} if person is not None else ())
    sock, early = hub.take_over(ws)
    owner.adopt_page(
        sock,
        early=early,
        topics=frozenset(topics),
        render=render,
        every_s=every_s,
        ends=ends,
        closed=functools.partial(seats.leave, g.pop("seat")),
    )


def _lasting(environ: dict[str, Any]) -> dict[str, Any]:
    """What may outlive the request: headers and address, no streams and no sockets."""
    kept = {name: value for name, value in environ.items() if isinstance(value, str | int | tuple | bool)}
    return kept | {"REQUEST_METHOD": "GET", "wsgi.url_scheme": environ["wsgi.url_scheme"]}


def _render_again(
    app: Flask, environ: dict[str, Any], view: Callable[..., LivePage], ids: dict[str, Any], public: bool
) -> str | None:
    with app.request_context(dict(environ)):
        speak()
        if not public and current_person() is None:
            return None
        try:
            return view(**ids).render()
        except AppError:
            return None
        except Exception:
            log.exception("live.failed", rule=request.url_rule.rule if request.url_rule else None)
            return None

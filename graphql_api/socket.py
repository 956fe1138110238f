"""`/graphql/socket`: subscriptions by the protocol graphql-transport-ws, on a socket that the hub owns.

It costs no thread. Each subscription is a live page (`kit.pages`) whose text is JSON: rendered on the few threads for
that, when something it shows has changed, with the rights that its token has then. A token that ended ends the socket.
"""

import functools
from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeGuard

import orjson
from flask import Flask, Response, request
from flask_sock import Sock
from graphql import ExecutionResult
from simple_websocket import Server

from accounts.access import SYSTEM, Actor
from accounts.queries import actor_of_token
from graphql_api.context import Context
from graphql_api.errors import as_json
from graphql_api.execution import run
from kit import hub, websocket
from kit.pages import PING_AFTER_S, SILENCE_S, Page
from kit.settings import Settings
from kit.throttle import Throttle, neighbourhood

if TYPE_CHECKING:
    from asyncio import TimerHandle

SUBPROTOCOL, PATH = "graphql-transport-ws", "/graphql/socket"
INIT_WITHIN_S, LOOKED_AT_EVERY_S = 10.0, 15.0
MOST_SOCKETS, MOST_SUBSCRIPTIONS = 20, 20  # of one program, of one socket
WISHES_A_MINUTE = 600  # subscriptions that a program begins, however many sockets it has
BAD_MESSAGE, UNAUTHORIZED, FORBIDDEN, TOO_LATE, TWICE, INIT_TWICE = 4400, 4401, 4403, 4408, 4409, 4429
TOO_MANY = 4429

_knocks = Throttle(120, 60.0)
_wishes = Throttle(WISHES_A_MINUTE, 60.0)
_open: Counter[str] = Counter()
_lock = Lock()


def register(app: Flask, settings: Settings) -> None:
    """Serve the socket. It stands outside of all blueprints: programs send no Origin, and no cookie counts here."""

    @app.before_request
    def judge() -> Response | None:
        """Who knocks too often waits."""
        if request.path == PATH and not _knocks.hit(neighbourhood(request.remote_addr or "")):
            return Response(status=429, headers={"Retry-After": "60"})
        return None

    def connected(ws: Server) -> None:
        owner = hub.current()
        if owner is None or ws.subprotocol != SUBPROTOCOL:
            ws.close(websocket.PROTOCOL_ERROR, SUBPROTOCOL)
            return
        sock, early = hub.take_over(ws)
        owner.adopt(sock, Subscriber(owner, settings), early=early)

    Sock(app).route(PATH)(connected)


class Subscriber:
    """The other end of one socket. All methods run on the hub's thread but those that say otherwise."""

    silence_s = SILENCE_S
    ping_after_s = PING_AFTER_S

    def __init__(self, owner: hub.Hub, settings: Settings) -> None:
        self.hub = owner
        self.settings = settings
        self.connection: hub.Connection | None = None
        self.secret = ""
        self._asked = False
        self._actor: Actor | None = None
        self._streams: dict[str, _Stream] = {}
        self._timer: TimerHandle | None = None

    def opened(self, connection: hub.Connection) -> None:
        """Wait a little for a token."""
        self.connection = connection
        self._timer = self.hub.call_later(INIT_WITHIN_S, self.close, TOO_LATE, "Connection initialisation timeout")

    def received(self, message: bytes) -> None:
        """One message of the protocol."""
        try:
            told = orjson.loads(message)
            kind = told["type"]
            deed = {
                "connection_init": self._init,
                "ping": self._ping,
                "pong": lambda _: None,
                "subscribe": self._subscribe,
                "complete": self._complete,
            }[kind]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            self.close(BAD_MESSAGE, "Invalid message")
            return
        deed(told)

    def closed(self) -> None:
        """The socket is gone."""
        self.connection = None
        for stream in tuple(self._streams.values()):
            stream.end()
        if self._timer is not None:
            self._timer.cancel()
        if self._actor is not None:
            self.hub.unlisten(f"token:{self._actor.id}", self._look_again)
            _leave(self._actor.reference)

    def send(self, message: Mapping[str, Any]) -> None:
        """Say something, if anybody is there."""
        if self.connection is not None:
            self.connection.send(orjson.dumps(message))

    def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        if self.connection is not None:
            self.connection.close(code, reason)

    def _init(self, told: dict[str, Any]) -> None:
        if self._asked:
            self.close(INIT_TWICE, "Too many initialisation requests")
            return
        self._asked = True
        payload = told.get("payload")
        header = payload.get("Authorization", payload.get("authorization")) if isinstance(payload, dict) else None
        scheme, _, secret = header.partition(" ") if isinstance(header, str) else ("", "", "")
        self.secret = secret.strip() if scheme.lower() == "bearer" else ""
        self.hub.on_pool(self._sign_in)

    def _sign_in(self) -> None:
        """On a thread of the pool."""
        actor = actor_of_token(SYSTEM, self.secret) if self.secret else None
        self.hub.call_soon(self._signed_in, actor)

    def _signed_in(self, actor: Actor | None) -> None:
        if self.connection is None:
            return
        if actor is None:
            self.close(FORBIDDEN, "Forbidden")
        elif not _take(actor.reference):
            self.close(TOO_MANY, "Too many sockets")
        else:
            assert self._timer is not None, "opened"
            self._timer.cancel()
            self._actor = actor
            self.hub.listen(f"token:{actor.id}", self._look_again)
            self.send({"type": "connection_ack"})

    def _look_again(self, _data: bytes) -> None:
        """The token has news: it may have ended."""
        self.hub.on_pool(self._check)

    def _check(self) -> None:
        """On a thread of the pool."""
        if actor_of_token(SYSTEM, self.secret) is None:
            self.hub.call_soon(self.close, FORBIDDEN, "Forbidden")

    def _ping(self, _told: dict[str, Any]) -> None:
        self.send({"type": "pong"})

    def _subscribe(self, told: dict[str, Any]) -> None:
        name, asked = told.get("id"), told.get("payload")
        if self._actor is None:
            self.close(UNAUTHORIZED, "Unauthorized")
        elif not isinstance(name, str) or not _is_request(asked):
            self.close(BAD_MESSAGE, "Invalid message")
        elif name in self._streams:
            self.close(TWICE, f"Subscriber for {name} already exists")
        elif not _wishes.hit(self._actor.reference):
            self.send({"id": name, "type": "error", "payload": _problem("too_many_requests")})
        elif len(self._streams) >= MOST_SUBSCRIPTIONS:
            self.send({"id": name, "type": "error", "payload": _problem("too_many_subscriptions")})
        else:
            self._streams[name] = _Stream(self, name, asked)
            self.hub.draw(self._streams[name].begin)

    def _complete(self, told: dict[str, Any]) -> None:
        stream = self._streams.get(str(told.get("id")))
        if stream is not None:
            stream.end()

    def forget(self, name: str) -> None:
        """A subscription is over."""
        self._streams.pop(name, None)


class _Stream:
    """One subscription: stands between a live page and the socket that it shares with others."""

    def __init__(self, owner: Subscriber, name: str, asked: dict[str, Any]) -> None:
        self._owner = owner
        self._name = name
        self._asked = asked
        self._page: Page | None = None
        self._over = False

    @property
    def closing(self) -> bool:
        """Whether nothing is to be sent any more."""
        return self._over or self._owner.connection is None or self._owner.connection.closing

    def begin(self) -> None:
        """On a thread of the pool: what it listens to is known once it has run."""
        topics: set[str] = set()
        result = self._run(topics)
        owner = self._owner
        if result is None:
            owner.hub.call_soon(owner.close, FORBIDDEN, "Forbidden")
        elif result.data is None:
            owner.hub.call_soon(self._refuse, as_json(result)["errors"])
        else:
            owner.hub.call_soon(self._follow, frozenset(topics))

    def _follow(self, topics: frozenset[str]) -> None:
        if not self.closing:
            self._page = Page(self._owner.hub, topics, self._render, LOOKED_AT_EVERY_S)
            self._page.opened(self)  # type: ignore[arg-type]  # it needs no more of a connection than is here

    def send(self, raw: bytes) -> None:
        """The page looks different; text that tells of an error is the last one."""
        message = orjson.loads(raw)
        if message["type"] == "error":
            self._refuse(message["payload"])
        else:
            self._owner.send(message)

    def close(self, code: int) -> None:
        """The page ends: its token did, or it broke."""
        if code == websocket.NORMAL:
            self._owner.close(FORBIDDEN, "Forbidden")
        else:
            self._owner.close(code, "internal")

    def end(self) -> None:
        """Nobody follows it any more."""
        self._over = True
        self._owner.forget(self._name)
        if self._page is not None:
            self._page.closed()

    def _refuse(self, errors: list[Any]) -> None:
        if not self.closing:
            self._owner.send({"id": self._name, "type": "error", "payload": errors})
        self.end()

    def _render(self) -> str | None:
        """On a thread of the pool; None: the token ended."""
        result = self._run(None)
        if result is None:
            return None
        body = as_json(result)
        kind, payload = ("error", body["errors"]) if result.data is None else ("next", body)
        return orjson.dumps({"id": self._name, "type": kind, "payload": payload}).decode()

    def _run(self, topics: set[str] | None) -> ExecutionResult | None:
        actor = actor_of_token(SYSTEM, self._owner.secret)
        if actor is None:
            return None
        context = Context(actor, self._owner.settings, topics=topics)
        follow = functools.partial(run, self._asked["query"], context, subscription=True)
        return follow(variables=self._asked.get("variables"), operation_name=self._asked.get("operationName")).result


def _is_request(asked: Any) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(asked, dict)
        and isinstance(asked.get("query"), str)
        and isinstance(asked.get("variables"), dict | None)
        and isinstance(asked.get("operationName"), str | None)
    )


def _problem(code: str) -> list[dict[str, Any]]:
    return [{"message": code, "extensions": {"code": code}}]


def _take(name: str) -> bool:
    with _lock:
        if _open[name] >= MOST_SOCKETS:
            return False
        _open[name] += 1
        return True


def _leave(name: str) -> None:
    with _lock:
        _open[name] -= 1
        if not _open[name]:
            del _open[name]

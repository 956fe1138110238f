"""One signed call to an address that a stranger chose: no redirects, no private addresses, little time.

The address is judged when the socket is opened, and that very address is called: a name that points elsewhere a moment
later changes nothing.
"""

import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import urllib3
from standardwebhooks import Webhook
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from accounts.access import SYSTEM
from kit import clock, settings
from webhooks import use_cases
from webhooks.queries import Outgoing
from webhooks.values import LONGEST_ANSWER

CONNECT_S, READ_S, IN_ALL_S = 3.0, 8.0, 12.0


class PrivateAddress(NewConnectionError):
    """The name leads to an address that is not on the open internet."""


@dataclass(frozen=True)
class Try:
    """What came of a call: a status, or an error's code."""

    status: int | None
    error: str
    took_ms: int
    answer: str


def try_delivery(delivery_id: UUID) -> None:
    """One try, between two doors: nothing of ours waits in a transaction for somebody else's server."""
    call = use_cases.claim_delivery(SYSTEM, delivery_id)
    if call is not None:
        came = send(call)
        use_cases.note_try(SYSTEM, delivery_id, **vars(came))


def send(call: Outgoing) -> Try:
    """Make the call now; never raises for what the other side does."""
    body = call.payload.encode()
    started = time.perf_counter()
    status, error, answer = None, "", ""
    try:
        with urllib3.PoolManager(1, retries=False) as manager:
            manager.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
            response = manager.request(
                "POST",
                call.url,
                body=body,
                headers=_headers(call),
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            )
            status, answer = response.status, _begin_of(response, started + IN_ALL_S)
            response.release_conn()
    except PrivateAddress:
        error = "private_address"
    except (HTTPError, OSError, ValueError) as failed:
        error = type(failed).__name__
    return Try(status, error, round((time.perf_counter() - started) * 1000), answer)


def _headers(call: Outgoing) -> dict[str, str]:
    now = clock.now()
    signatures = [Webhook(secret).sign(call.message_id, now, call.payload) for secret in call.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"{settings.current().brand_name}-webhooks/1",
        "webhook-id": call.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _begin_of(response: Any, deadline: float) -> str:
    """The first part of the answer; who trickles is not waited for."""
    found = b""
    while len(found) < LONGEST_ANSWER and time.perf_counter() < deadline:
        piece = response.read1(LONGEST_ANSWER - len(found))
        if not piece:
            break
        found += piece
    return found.decode(errors="replace").replace("\0", "")


def _open(connection: Any, host: str, port: int) -> socket.socket:
    anywhere = settings.current().webhook_private_addresses
    found = [info[4] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    open_ones = [address for address in found if anywhere or ip_address(str(address[0]).partition("%")[0]).is_global]
    if not open_ones:
        raise PrivateAddress(connection, "private address")
    failure: OSError | None = None
    for address in open_ones[:3]:
        try:
            return socket.create_connection((str(address[0]), port), CONNECT_S)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, str(failure)) from failure


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host, self.port)


class _SafeConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, self._dns_host, self.port or 443)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _SafeConnection

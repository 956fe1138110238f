"""One signed call to an address that a stranger chose: no redirects, no private addresses, little time.

The address is judged when the socket is opened, and that very address is called: a name that points elsewhere a moment
later changes nothing.
"""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
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
HUNG_UP_AFTER_S = 20.0  # whatever is being read then: who sends a byte now and then keeps no thread of ours
UNICAST, NAT64 = ip_network("2000::/3"), ip_network("64:ff9b::/96")


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
                decode_content=False,  # a few bytes can unpack to gigabytes
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
    open_ones = [address for address in found if anywhere or _on_the_internet(str(address[0]))]
    if not open_ones:
        raise PrivateAddress(connection, "private address")
    failure: OSError | None = None
    for address in open_ones[:3]:
        try:
            return socket.create_connection((str(address[0]), port), CONNECT_S)
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, str(failure)) from failure


def _on_the_internet(text: str) -> bool:
    """Whether an address is everybody's. One that a gateway translates is judged by the IPv4 address inside; other
    forms that wrap one (6to4, IPv4-compatible) are refused.
    """
    address = ip_address(text.partition("%")[0])
    if address in NAT64:
        address = IPv4Address(int(address) & 0xFFFF_FFFF)
    if isinstance(address, IPv6Address) and (address not in UNICAST or address.sixtofour is not None):
        return False
    return address.is_global and not address.is_multicast


class _Bounded(HTTPConnection):
    """A connection to an open address that is hung up after a while, in the middle of whatever it does."""

    _end: tuple[Timer, socket.socket] | None = None

    def _new_conn(self) -> socket.socket:
        line = _open(self, self._dns_host, self.port)
        twin = line.dup()  # TLS takes the line itself over
        self._end = Timer(HUNG_UP_AFTER_S, _hang_up, (twin,)), twin
        self._end[0].start()
        return line

    def close(self) -> None:
        super().close()
        if self._end is not None:
            timer, twin = self._end
            timer.cancel()
            timer.join()
            twin.close()
            self._end = None


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):  # it is gone
        line.shutdown(socket.SHUT_RDWR)


class _Safe(_Bounded, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _SafePool(HTTPSConnectionPool):
    ConnectionCls = _Safe

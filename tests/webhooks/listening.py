"""A program that webhooks can be sent to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


@dataclass
class Program:
    """A program that listens, keeps what it is told, and answers what it is asked to."""

    url: str
    status: int = 204
    answer: bytes = b""
    location: str = ""
    encoding: str = ""
    trickles: int = 0
    trickled: int = 0
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Program]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.calls.append((dict(self.headers), body))
            self.send_response(told.status)
            for number in range(told.trickles):
                self.send_header(f"X-{number}", "a")
                self.flush_headers()
                told.trickled += 1
                time.sleep(0.1)
            if told.encoding:
                self.send_header("Content-Encoding", told.encoding)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(told.answer)))
            self.end_headers()
            self.wfile.write(told.answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Program(f"http://127.0.0.1:{server.server_port}/hook")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()

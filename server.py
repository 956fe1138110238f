"""The server of one process: gunicorn, and beside its pages the hub, the embedded worker and a port for numbers."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

import ocpp_ws
from kit import bus, db, hub, log, metrics, process, worker
from kit.queue import Queue
from kit.settings import Settings

PROGRAM = Path(__file__).parent / "wsgi.py"
GRACEFUL_S = 10  # longer than the hub needs (kit.hub.STOP_S)
RESERVE_S = 1.0  # of it, for what comes after the last wait


class ServerLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own lines, in the shape of ours."""

    def setup(self, cfg: Any) -> None:
        """gunicorn sets its handlers up; ours are there already."""
        super().setup(cfg)
        log.adopt_libraries()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's process of threads, whose hub begins to say goodbye as soon as the process is told to end: beside the
    last requests, and not behind them.
    """

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM."""
        super().handle_exit(sig, frame)
        threading.Thread(target=self.app.background.end_sockets, name="end", daemon=True).start()


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with our settings: one process, a thread per request; sockets live in the hub, so there is no limit of
    requests after which a worker restarts.
    """

    def __init__(self, settings: Settings, build: Callable[[], Flask]) -> None:
        self.settings = settings
        self.build = build
        self.background = Background(settings)
        super().__init__()

    def load_config(self) -> None:
        """gunicorn asks for its configuration."""
        options: dict[str, Any] = {
            "bind": f"{self.settings.host}:{self.settings.port}",
            "worker_class": Worker,
            "workers": 1,
            "threads": self.settings.threads,
            "worker_connections": 20_000,
            "keepalive": 30,
            "graceful_timeout": GRACEFUL_S,
            "timeout": 120,
            "control_socket_disable": True,
            "preload_app": False,
            "proc_name": "charging",
            "logger_class": ServerLog,
            "forwarded_allow_ips": "",  # ProxyFix alone decides what a proxy may say
            "post_worker_init": lambda _worker: self.background.start(),
            "worker_exit": lambda _arbiter, _worker: self.background.stop(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """In the forked process."""
        return self.build()


class Background:
    """What runs beside the pages of one process: the hub, the embedded worker, a port for numbers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._hub: hub.Hub | None = None
        self._worker: worker.Worker | None = None
        self._consumer: subprocess.Popen[bytes] | None = None
        self._end_by: float | None = None  # then gunicorn kills what is left

    def start(self) -> None:
        """After the fork, before the first request."""
        settings = self.settings
        self._hub = hub.Hub()
        self._hub.start()
        if settings.role in ("all", "hub"):
            ocpp_ws.start(self._hub)
        if settings.redis_url is None:
            self._worker = worker.Worker()
            self._worker.start()
        else:
            Queue(settings.redis_url).ring_after_commits()
            if settings.role == "all":
                self._consumer = process.spawn([sys.executable, str(PROGRAM), "worker"])
        if settings.metrics_port is not None:
            metrics.serve(settings.metrics_port)

    def end_sockets(self) -> None:
        """Answer what came, and say goodbye; told twice, the second waits for the first. Nothing new is worked on."""
        if self._end_by is None:
            self._end_by = time.monotonic() + GRACEFUL_S - RESERVE_S
        if self._hub is not None:
            self._hub.stop()
        if self._consumer is not None:
            self._consumer.terminate()

    def stop(self) -> None:
        """The sockets first, so that what they brought is still worked on."""
        self.end_sockets()
        if self._worker is not None:
            self._worker.stop()
        if self._consumer is not None:
            process.end(self._consumer, by=self._end_by or 0.0)  # what is cut short is done again by the next one
        bus.current().close()
        db.disconnect()

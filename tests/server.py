"""The service as a process of its own: started, asked over the wire, killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from service.settings import Settings

ROOT = Path(__file__).parents[1]
STARTS_WITHIN = 60


def hears_ctrl_c() -> None:
    """As in a terminal, even where these tests are run in the background, which would ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Server:
    """``python -m service serve`` on a port of its own; it may be started again after it was killed."""

    def __init__(self, settings: Settings, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.options = options
        self.environment = os.environ | {
            "SECRET_KEY": settings.secret_key,
            "DATABASE_URL": settings.database_url,
            "JOBS_URL": settings.jobs_url,
            "PORT": str(port),
        }

    def start(self) -> None:
        command = [sys.executable, "-m", "service", "serve", *self.options]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.DEVNULL,
            preexec_fn=hears_ctrl_c,
        )
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                httpx2.get(f"{self.address}/static/nastavnik.svg")
                return
            except httpx2.TransportError:
                assert self.process.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.02)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def children(self) -> list[int]:
        return [pid for pid in _processes() if _parent(pid) == self.process.pid]


@contextmanager
def serving(settings: Settings, *options: str) -> Iterator[Server]:
    server = Server(settings, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

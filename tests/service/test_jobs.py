"""A job is wanted by a commit, is done at least once, is given up with a reason, and survives its process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy import text
from sqlmodel import select

from service import jobs
from service.database import EVERY_ORGANISATION, Database
from service.jobs import Engine, Handler, Work
from service.settings import Settings
from service.tables import Heartbeat, Job, Organisation, now
from tests.conftest import SECRET

pytestmark = pytest.mark.own_database

ROOT = Path(__file__).parents[2]


@pytest.fixture
def organisation(database: Database) -> int:
    with database.writing(EVERY_ORGANISATION) as session:
        organisation = Organisation(full_name="Дом", short_name="Дом", order_texts={})
        session.add(organisation)
        session.flush()
        return organisation.id


Want = Callable[..., str]


@pytest.fixture
def want(database: Database, organisation: int) -> Want:
    def enqueue(kind: str, **payload: Any) -> str:
        with database.writing(organisation) as session:
            return jobs.enqueue(session, kind, **payload)

    return enqueue


def the(database: Database, job_id: str) -> Job:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.get_one(Job, job_id)


@contextmanager
def doing(database: Database, settings: Settings, **handlers: Handler) -> Iterator[Engine]:
    engine = Engine(database, settings, handlers)
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def change(database: Database, job_id: str, **columns: Any) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        session.get_one(Job, job_id).sqlmodel_update(columns)


def test_a_job_is_wanted_with_the_commit_and_never_without_it(database: Database, organisation: int) -> None:
    with suppress(ZeroDivisionError), database.writing(organisation) as session:
        jobs.enqueue(session, "note", number=1)
        raise ZeroDivisionError
    with database.writing(organisation) as session:
        job_id = jobs.enqueue(session, "note", number=1)
    with database.reading(EVERY_ORGANISATION) as session:
        assert [row.id for row in session.exec(select(Job)).all()] == [job_id]


def test_jobs_are_done_once_each_and_those_wanted_while_nobody_did_them_at_the_start(
    database: Database, settings: Settings, want: Want, organisation: int
) -> None:
    done: list[tuple[int, int]] = []

    def note(work: Work, number: int) -> None:
        done.append((work.organisation_id, number))

    early = want("note", number=1)
    with doing(database, settings, note=note) as engine:
        late = want("note", number=2)
        engine.wait_until_idle()
    assert done == [(organisation, 1), (organisation, 2)]
    for job_id in (early, late):
        job = the(database, job_id)
        assert job.handed_at
        assert job.finished_at
        assert (job.attempts, job.failure) == (1, None)


def test_a_job_that_was_handed_over_twice_or_left_midway_is_done_once(
    database: Database, settings: Settings, want: Want
) -> None:
    done: list[str] = []
    job_id = want("note")
    with doing(database, settings, note=lambda work: done.append(work.job_id)) as engine:
        engine.wait_until_idle()
        change(database, job_id, handed_at=None)
        last = want("note")
        engine.wait_until_idle()
        engine.do(job_id)
    assert done == [job_id, last]


def test_a_job_that_the_engine_forgot_or_believes_done_is_done(
    database: Database, settings: Settings, want: Want
) -> None:
    """Either database may come back from a backup without the other."""
    done: list[str] = []
    job_id = want("note")
    change(database, job_id, handed_at=now())
    with doing(database, settings, note=lambda work: done.append(work.job_id)) as engine:
        engine.wait_until_idle()
        change(database, job_id, finished_at=None, attempts=0)
        engine.wait_until_idle()
    assert done == [job_id, job_id]


def test_a_job_outlives_an_outage_of_the_database(database: Database, settings: Settings, want: Want) -> None:
    away = Event()

    def rename(table: str, name: str) -> None:
        with database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))

    def note(work: Work) -> None:
        if not away.is_set():
            rename("job", "gone")
            away.set()

    job_id = want("note")
    with doing(database, settings, note=note) as engine:
        assert away.wait(10)
        time.sleep(0.5)  # the end of the job cannot be written down meanwhile
        rename("gone", "job")
        engine.wait_until_idle()
    assert (the(database, job_id).attempts, the(database, job_id).failure) == (2, None)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_is_killed_while_taking_over_from_the_dead_leaves_them_to_the_next(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(dead: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DBOS, "_recover_pending_workflows", killed)
    with database.writing(EVERY_ORGANISATION) as session:
        session.add(Heartbeat(executor="dead", seen_at=now() - jobs.DEAD_AFTER * 2))
    with suppress(KeyboardInterrupt):
        Engine(database, settings, {})._take_over_from_the_dead()
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.get(Heartbeat, "dead")


def test_a_failed_job_is_kept_with_its_reason_and_does_not_stop_the_next(
    database: Database, settings: Settings, want: Want
) -> None:
    done: list[str] = []

    def fail(work: Work) -> None:
        raise ZeroDivisionError("with a name in it")

    with doing(database, settings, fail=fail, note=lambda work: done.append(work.job_id)) as engine:
        failed, unknown, good = want("fail"), want("nobody knows how"), want("note")
        engine.wait_until_idle()
    assert [the(database, job_id).failure for job_id in (failed, unknown, good)] == [
        "ZeroDivisionError",
        "KeyError",
        None,
    ]
    assert done == [good]


def test_a_job_is_given_up_after_its_last_attempt_and_says_so(
    database: Database, settings: Settings, want: Want
) -> None:
    done: list[str] = []
    job_id = want("note")
    change(database, job_id, attempts=jobs.ATTEMPTS)
    with doing(database, settings, note=lambda work: done.append(work.job_id)) as engine:
        engine.wait_until_idle()
    assert (done, the(database, job_id).failure) == ([], "attempts")


def test_a_job_cancelled_before_its_start_never_starts(
    database: Database, settings: Settings, want: Want, organisation: int
) -> None:
    done: list[str] = []
    job_id = want("note")
    with database.writing(organisation) as session:
        jobs.cancel(session, job_id)
    with doing(database, settings, note=lambda work: done.append(work.job_id)) as engine:
        engine.wait_until_idle()
    assert (done, the(database, job_id).failure) == ([], None)


def test_a_job_learns_that_it_was_cancelled(
    database: Database, settings: Settings, want: Want, organisation: int
) -> None:
    began, stopped = Event(), Event()

    def wait(work: Work) -> None:
        began.set()
        while not work.cancelled():
            time.sleep(0.01)
        stopped.set()

    with doing(database, settings, wait=wait) as engine:
        job_id = want("wait")
        assert began.wait(10)
        with database.writing(organisation) as session:
            jobs.cancel(session, job_id)
        assert stopped.wait(10)
        engine.wait_until_idle()


def test_whoever_follows_sees_the_progress_and_then_the_end(
    database: Database, settings: Settings, want: Want
) -> None:
    seen = Event()

    def report(work: Work) -> None:
        work.report({"at": 1})
        assert seen.wait(10)
        work.report({"at": 2})

    async def watch(job_id: str) -> list[Any]:
        shown = []
        async for progress in jobs.follow(database, job_id):
            shown.append(progress)
            seen.set()
        return shown

    with doing(database, settings, report=report):
        shown = asyncio.run(watch(want("report")))
    assert shown[0] == {"at": 1}
    assert shown[-1] in ({"at": 1}, {"at": 2})


WORKER = """
import os, sys, time
from service.database import Database
from service.jobs import Engine
from service.settings import Settings

def slow(work):
    print("began", flush=True)
    time.sleep(600)

settings = Settings.from_env(os.environ)
Engine(Database(settings.database_url), settings, {"slow": slow}).start()
time.sleep(600)
"""


@contextmanager
def another_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has begun the job it was given, and never ends it."""
    environment = {"SECRET_KEY": SECRET, "DATABASE_URL": settings.database_url, "JOBS_URL": settings.jobs_url}
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == b"began\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.slow
def test_a_job_of_a_process_that_was_killed_is_done_by_another(
    database: Database, settings: Settings, want: Want, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SQLite by the next start of the only process, with PostgreSQL by whichever process lives."""
    monkeypatch.setattr(jobs, "DEAD_AFTER", timedelta(seconds=3))
    done: list[str] = []
    job_id = want("slow")
    with another_process(settings) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert the(database, job_id).attempts == 1
        with doing(database, settings, slow=lambda work: done.append(work.job_id)) as engine:
            engine.wait_until_idle()
    assert done == [job_id]
    assert the(database, job_id).attempts == 2

"""Durable jobs: the only file that knows the job engine (DBOS).

A job is wanted by a transaction: ``enqueue`` saves it in the same commit. A process that does jobs hands it to the
engine afterwards, and again whenever the engine has nothing under way for it: after an outage of the database, or
when one of the two databases came back from a backup. So it runs **at least once**: a process that was killed does
it over at its next start, and on PostgreSQL another process takes over from one that no longer gives signs of life.
A handler reads, thinks and writes, and running it twice changes nothing. After ``ATTEMPTS`` starts a job is given up
and says so.

The engine keeps its own tables: on SQLite in a file apart, so that its writer never meets ours.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, delete, func, select

from service import grants
from service.database import EVERY_ORGANISATION, Database, organisation_of
from service.settings import Settings
from service.tables import Heartbeat, Job, now

QUEUE = "jobs"
ATTEMPTS, MOST_AT_A_LOOK = 3, 100
STEPS_VERSION = "1"  # the engine leaves jobs of another version alone: raise it only when the steps change
LOOK_SECONDS, WATCH_SECONDS, DUTY_SECONDS = 1.0, 0.3, 60.0
UNDER_WAY = ("ENQUEUED", "PENDING", "DELAYED")  # the engine will end it by itself
DEAD_AFTER, REAPER_LOCK = timedelta(seconds=30), 7220
_log = logging.getLogger("nastavnik.jobs")
_wanted = Event()


def prepare(jobs_url: str) -> None:
    """Make the engine's own tables on PostgreSQL, for whoever does the jobs there and may not make any."""
    if not jobs_url.startswith("sqlite"):
        DBOS.migrate(jobs_url.replace("+psycopg", ""), application_role=grants.WORKER)


def enqueue(session: Session, kind: str, **payload: int | str) -> str:
    """Want a job, with this transaction. Returns its id."""
    job = Job(id=secrets.token_hex(16), kind=kind, payload=payload, organisation_id=organisation_of(session))
    session.add(job)
    session.info.setdefault("after_commit", []).append(_wanted.set)
    return job.id


def cancel(session: Session, job_id: str) -> None:
    """Ask a job to stop, with this transaction; it stops within a second, or never starts."""
    job = session.get_one(Job, job_id)
    job.cancelled_at = job.cancelled_at or now()


async def follow(database: Database, job_id: str) -> AsyncIterator[dict[str, Any]]:
    """What the job reports, as it changes, until it ends."""
    shown: dict[str, Any] | None = None
    while True:
        job = await asyncio.to_thread(_look, database, job_id)
        if job.progress and job.progress != shown:
            yield (shown := job.progress)
        if job.finished_at:
            return
        await asyncio.sleep(WATCH_SECONDS)


def _look(database: Database, job_id: str) -> Job:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.get_one(Job, job_id)


@dataclass(frozen=True)
class Work:
    """What a handler is given: its organisation's database, and a way to tell how it goes."""

    database: Database
    settings: Settings
    organisation_id: int
    job_id: str

    def report(self, progress: dict[str, Any]) -> None:
        """Tell whoever watches."""
        with self.database.writing(self.organisation_id) as session:
            session.get_one(Job, self.job_id).progress = progress

    def cancelled(self) -> bool:
        return _look(self.database, self.job_id).cancelled_at is not None


Handler = Callable[..., None]
Duty = Callable[[Database], None]  # done about once a minute, by every process that does jobs: twice is once


class Engine:
    """Does the jobs of this process, from ``start`` to ``stop``. There is one in a process."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        handlers: Mapping[str, Handler],
        duties: Sequence[Duty] = (),
    ) -> None:
        self.database, self.settings, self.handlers = database, settings, handlers
        self.duties, self._duties_at = duties, time.monotonic()
        self.alone = settings.jobs_url.startswith("sqlite")
        self.executor = "alone" if self.alone else secrets.token_hex(8)
        self._stopping = Event()
        self._thread = Thread(target=self._hand_over_for_ever, name="jobs", daemon=True)

    def start(self) -> None:
        global _engine
        _engine = self
        if not self.alone:
            self._give_sign_of_life()  # before the first job, which nobody would take over otherwise
        DBOS(config=self._config())
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=WATCH_SECONDS)
        self._thread.start()

    def wait_until_idle(self) -> None:
        """Until every job that is wanted now has ended."""
        while True:
            with self.database.reading(EVERY_ORGANISATION) as session:
                if not session.exec(select(Job.id).where(col(Job.finished_at).is_(None)).limit(1)).first():
                    return
            time.sleep(WATCH_SECONDS / 3)

    def stop(self) -> None:
        """Leave unfinished jobs to the next start."""
        self._stopping.set()
        _wanted.set()
        self._thread.join(LOOK_SECONDS * 5)
        DBOS.destroy(workflow_completion_timeout_sec=0)

    def _config(self) -> DBOSConfig:
        return {
            "name": "nastavnik",
            "system_database_url": self.settings.jobs_url.replace("+psycopg", ""),
            "executor_id": self.executor,
            "application_version": STEPS_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            "console_log_level": "WARNING",
            "notification_listener_polling_interval_sec": WATCH_SECONDS,
        }

    def _hand_over_for_ever(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hand_over()
                if not self.alone:
                    self._take_over_from_the_dead()
                self._do_duties()
            except Exception:  # the database may be away for a while; the jobs stay wanted
                _log.exception("jobs could not be handed over; trying again")
            _wanted.wait(LOOK_SECONDS)
            _wanted.clear()

    def _do_duties(self) -> None:
        if time.monotonic() >= self._duties_at:
            self._duties_at = time.monotonic() + DUTY_SECONDS
            for duty in self.duties:
                try:
                    duty(self.database)
                except Exception:  # the others are done all the same, and this one is tried again
                    _log.exception("a regular duty failed; trying again")

    def _hand_over(self) -> None:
        with self.database.reading(EVERY_ORGANISATION) as session:
            unfinished = session.exec(
                select(Job.id)
                .where(col(Job.finished_at).is_(None))
                .order_by(col(Job.created_at))
                .limit(MOST_AT_A_LOOK),
            ).all()
        handings = _handings(list(unfinished))
        for job_id in unfinished:
            if not any(status in UNDER_WAY for status in handings[job_id]):
                # the engine takes one id once: two processes that look at the same moment name the same one
                with SetWorkflowID(f"{job_id}.{len(handings[job_id])}"):
                    DBOS.enqueue_workflow(QUEUE, _perform, job_id)
                self._change(job_id, handed_at=now())

    def _give_sign_of_life(self) -> None:
        with self.database.writing(EVERY_ORGANISATION) as session:
            session.merge(Heartbeat(executor=self.executor, seen_at=now()))

    def _take_over_from_the_dead(self) -> None:
        self._give_sign_of_life()
        with self.database.writing(EVERY_ORGANISATION) as session:
            if not session.scalar(select(func.pg_try_advisory_xact_lock(REAPER_LOCK))):
                return
            dead = session.scalars(
                delete(Heartbeat)
                .where(col(Heartbeat.seen_at) < now() - DEAD_AFTER)
                .returning(col(Heartbeat.executor)),
            ).all()
            if dead:  # before the commit: whoever is killed here leaves the dead to the next who looks
                DBOS._recover_pending_workflows(list(dead))

    def do(self, job_id: str) -> None:
        job = self._begin(job_id)
        if job is None:
            return
        if job.cancelled_at or job.attempts > ATTEMPTS:
            self._change(job_id, finished_at=now(), failure=None if job.cancelled_at else "attempts")
            return
        failure = None
        try:
            work = Work(self.database, self.settings, job.organisation_id, job_id)
            self.handlers[job.kind](work, **job.payload)
        except DBAPIError as error:  # whose text may hold a row
            _log.error("job %s (%s) failed: %s", job_id, job.kind, type(error.orig).__name__)
            failure = type(error).__name__
        except Exception as error:  # a failed job is kept with its reason and must not stop the others
            _log.exception("job %s (%s) failed", job_id, job.kind)
            failure = type(error).__name__
        self._change(job_id, finished_at=now(), failure=failure)

    def _begin(self, job_id: str) -> Job | None:
        """None when there is nothing to do any more, or the job is newer than a restored database."""
        with self.database.writing(EVERY_ORGANISATION) as session:
            job = session.get(Job, job_id, with_for_update=True)
            if job is None or job.finished_at:
                return None
            job.attempts += 1
            return job

    def _change(self, job_id: str, **moments: Any) -> None:
        with self.database.writing(EVERY_ORGANISATION) as session:
            session.get_one(Job, job_id).sqlmodel_update(moments)


def _handings(job_ids: list[str]) -> dict[str, list[str]]:
    """{job: how each handing over of it stands with the engine}."""
    statuses: dict[str, list[str]] = {job_id: [] for job_id in job_ids}
    if job_ids:
        for handed in DBOS.list_workflows(workflow_id_prefix=job_ids, load_input=False, load_output=False):
            statuses[handed.workflow_id.partition(".")[0]].append(handed.status)
    return statuses


_engine: Engine


@DBOS.workflow(name="perform", max_recovery_attempts=ATTEMPTS + 2)
def _perform(job_id: str) -> None:
    _do(job_id)


@DBOS.step(name="do", retries_allowed=True, max_attempts=6)  # half a minute of a database that is away
def _do(job_id: str) -> None:
    _engine.do(job_id)

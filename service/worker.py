"""Every kind of job, and the process that does nothing else (PostgreSQL; with SQLite the server does the jobs)."""

from __future__ import annotations

import signal
from collections.abc import Mapping

from service.database import Database
from service.jobs import Engine, Handler
from service.runs import actions as runs
from service.settings import Settings

HANDLERS: Mapping[str, Handler] = {
    "solve-run": runs.solve_run,
}


def work(settings: Settings, database: Database) -> None:
    """Until SIGTERM or Ctrl-C."""
    engine = Engine(database, settings, HANDLERS)
    engine.start()
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        engine.stop()

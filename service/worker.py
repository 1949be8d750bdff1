"""Every kind of job, every regular duty, and the process that does nothing else (PostgreSQL; with SQLite the server
does them)."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence

from service.database import Database
from service.jobs import Duty, Engine, Handler
from service.questionnaires import series
from service.runs import actions as runs
from service.settings import Settings
from service.submissions import drafts

HANDLERS: Mapping[str, Handler] = {
    "solve-run": runs.solve_run,
}
DUTIES: Sequence[Duty] = (series.open_due, series.seal_ended, drafts.forget_ended)


def work(settings: Settings, database: Database) -> None:
    """Until SIGTERM or Ctrl-C."""
    engine = Engine(database, settings, HANDLERS, DUTIES)
    engine.start()
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        engine.stop()

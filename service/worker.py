"""Every kind of job, every regular duty, and the process that does nothing else (PostgreSQL; with SQLite the server
does them)."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from functools import partial

from service import daily_backup
from service.consents import retention
from service.database import Database
from service.jobs import Duty, Engine, Handler
from service.people.importing import actions as imports
from service.questionnaires import letters, series
from service.runs import actions as runs
from service.settings import Settings
from service.submissions import drafts

HANDLERS: Mapping[str, Handler] = {
    "send-letters": letters.send,
    "solve-run": runs.solve_run,
    "read-import": imports.look_through,
    "apply-import": imports.apply_planned,
}
DUTIES: Sequence[Duty] = (
    series.open_due,
    series.seal_ended,
    drafts.forget_ended,
    imports.forget,
    retention.let_go,
)


def duties(settings: Settings) -> Sequence[Duty]:
    daily = partial(daily_backup.make_due, settings=settings)
    return (*DUTIES, daily) if settings.backup_folder else DUTIES


def work(settings: Settings, database: Database) -> None:
    """Until SIGTERM or Ctrl-C."""
    engine = Engine(database, settings, HANDLERS, duties(settings))
    engine.start()
    try:
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    finally:
        engine.stop()

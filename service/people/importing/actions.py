"""A list of people is received, looked through, decided about, and applied exactly as its preview said; or undone.

The plan is kept row by row with the fingerprint of the people that it was made from. Applying it is one transaction
that finds the same fingerprint or does nothing and has the file looked through anew.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, delete, func, select

from service import audit, child, jobs
from service.child import ChildFailed, Limits
from service.database import EVERY_ORGANISATION, Database
from service.errors import Conflict
from service.i18n import N_
from service.jobs import Work
from service.people.importing import applying, bank, undoing
from service.people.importing.entries import Reading, all_entries, reading_of
from service.people.importing.plan import Verdict, verdicts
from service.people.importing.reading import Sheet
from service.tables import Account, Import, ImportRow, now

LIMITS = Limits(seconds=120, megabytes=2_000)
CHUNK = 1_000
SAMPLE = 3
UNDECIDED_FOR, UNDOABLE_FOR = timedelta(days=7), timedelta(days=30)
Item = TypeVar("Item")
_log = logging.getLogger("nastavnik.people")


def receive(session: Session, account: Account, filename: str, content: bytes, role: str) -> Import:
    row = Import(filename=filename, content=content, role=role, choices={}, account_id=account.id)
    session.add(row)
    session.flush()
    look_again(session, row)
    return row


def look_again(session: Session, row: Import, changed: bool = False) -> None:
    """Read the file and compare it with the banks anew, by the choices there are now; ``changed``: because they did."""
    row.planned_at, row.failure = None, None
    row.found = {"sheets": [], **(row.found or {}), "changed": changed}
    row.job_id = jobs.enqueue(session, "read-import", import_id=row.id)


def choose(session: Session, row: Import, choices: dict[str, Any]) -> None:
    """``choices`` are added to those made before: {"sheets": …, "rows": …, "people": …} (plan.py, entries.py)."""
    _refuse_settled(session, row)
    row.choices = {
        kind: {**row.choices.get(kind, {}), **choices.get(kind, {})} for kind in ("sheets", "rows", "people")
    }
    look_again(session, row)


def apply(session: Session, row: Import) -> None:
    _refuse_settled(session, row)
    if row.planned_at is None or row.failure:
        raise Conflict(N_("The file is still being looked through."), N_("Wait until the preview is there."))
    row.job_id = jobs.enqueue(session, "apply-import", import_id=row.id)


def undo(session: Session, row: Import) -> None:
    """All of it, or nothing when somebody has built on it: then whose and what is told."""
    session.refresh(row, with_for_update=True)
    if row.applied_at is None or row.undone_at:
        raise Conflict(N_("There is nothing to take back."))
    if not rows_left(session, row):
        raise Conflict(
            N_("This was loaded more than %(days)s days ago.", days=UNDOABLE_FOR.days),
            N_("What it changed is no longer kept: put it right by hand."),
        )
    undoing.undo(session, row)
    session.exec(delete(ImportRow).where(col(ImportRow.import_id) == row.id))
    row.undone_at = now()


def discard(session: Session, row: Import) -> None:
    """A file that was not loaded, with all that was read of it."""
    _refuse_settled(session, row)
    session.exec(delete(ImportRow).where(col(ImportRow.import_id) == row.id))
    session.delete(row)


def rows_left(session: Session, row: Import) -> bool:
    return (
        session.exec(select(ImportRow.id).where(ImportRow.import_id == row.id).limit(1)).first() is not None
    )


def _refuse_settled(session: Session, row: Import) -> None:
    """Locked from here on: nobody loads what somebody else is changing."""
    session.refresh(row, with_for_update=True)
    if row.applied_at:
        raise Conflict(N_("This file has been loaded already."))


def forget(database: Database) -> None:
    """Files that nobody decided about, and what could be undone long ago: nothing is kept longer than it is needed."""
    with database.writing(EVERY_ORGANISATION) as session:
        undecided = select(Import.id).where(
            col(Import.applied_at).is_(None), Import.created_at < now() - UNDECIDED_FOR
        )
        settled = select(Import.id).where(col(Import.applied_at) < now() - UNDOABLE_FOR)
        for old in (undecided, settled):
            session.exec(delete(ImportRow).where(col(ImportRow.import_id).in_(old)))
        session.exec(
            delete(Import).where(
                col(Import.applied_at).is_(None), col(Import.created_at) < now() - UNDECIDED_FOR
            )
        )


# --- jobs


def look_through(work: Work, import_id: int) -> None:
    with work.database.reading(work.organisation_id) as session:
        row = session.get(Import, import_id)
    if row is None or row.applied_at or row.content is None:
        return
    work.report({"step": "reading"})
    sheets = _read(row.content)
    if isinstance(sheets, str):
        _settle(work, import_id, failure=sheets, planned_at=now())
        return
    readings = {
        sheet[0]: reading
        for sheet in sheets
        if (reading := reading_of(sheet, row.choices.get("sheets", {}).get(sheet[0], {}), row.role))
    }
    entries = all_entries(sheets, readings, date.today())
    work.report({"step": "comparing", "of": len(entries)})
    with work.database.reading(work.organisation_id) as session:
        known = bank.everybody(session)
    _keep_rows(work, import_id, verdicts(entries, known, row.choices), len(entries))
    described = [_described(sheet, readings.get(sheet[0])) for sheet in sheets]
    found = {**(row.found or {}), "sheets": described}
    _settle(work, import_id, found=found, bank=bank.fingerprint(known), planned_at=now())


def apply_planned(work: Work, import_id: int) -> None:
    work.report({"step": "writing"})
    with work.database.writing(work.organisation_id) as session:
        row = session.get(Import, import_id, with_for_update=True)
        if row is None or row.applied_at or row.planned_at is None:
            return
        applying.hold_people(session)
        if bank.fingerprint(bank.everybody(session)) != row.bank:
            look_again(session, row, changed=True)
            return
        applying.apply(session, row)
        row.applied_at, row.content = now(), None
        audit.identify(session, "job")
        audit.record(session, "people.imported", import_id=row.id)


def _read(content: bytes) -> list[Sheet] | str:
    """The sheets, or the code of what is wrong with the file."""
    try:
        sheets: list[Sheet] = json.loads(
            child.run("service.people.importing.reading", given=content, limits=LIMITS)
        )
    except ChildFailed as failure:
        _log.warning("a list could not be read: %s", failure.reason)
        if failure.reason == "refused":
            return failure.detail
        return "too_heavy" if failure.reason in ("time", "memory") else "unreadable"
    return sheets


def _described(sheet: Sheet, reading: Reading | None) -> dict[str, Any]:
    """For the page: how the sheet was read, with a few cells of each column."""
    name, lines, _ = sheet
    if reading is None:
        return {"name": name, "lines": len(lines), "line": None}
    below = [cells for _, cells in lines[reading.header + 1 : reading.header + 1 + SAMPLE]]
    return {
        "name": name,
        "lines": len(lines),
        "line": lines[reading.header][0],
        "role": reading.role,
        "columns": [
            [at, heading, reading.columns.get(at, ""), [cells[at] for cells in below if at < len(cells)]]
            for at, heading in enumerate(reading.headings)
            if heading
        ],
    }


def _keep_rows(work: Work, import_id: int, planned: Iterable[Verdict], of: int) -> None:
    with work.database.writing(work.organisation_id) as session:
        session.exec(delete(ImportRow).where(col(ImportRow.import_id) == import_id))
    done = 0
    for chunk in _chunks(planned):
        with work.database.writing(work.organisation_id) as session:
            lines = [_row(work.organisation_id, import_id, verdict) for verdict in chunk]
            session.connection().execute(SQLModel.metadata.tables["importrow"].insert(), lines)
        done += len(chunk)
        work.report({"step": "comparing", "done": done, "of": of})


def _row(organisation_id: int, import_id: int, verdict: Verdict) -> dict[str, Any]:
    """Of ImportRow; without an object for each line of a large file."""
    entry = verdict.entry
    return {
        "organisation_id": organisation_id,
        "import_id": import_id,
        "number": verdict.number,
        "sheet": entry.sheet,
        "line": entry.line,
        "role": entry.role,
        "name": entry.name.text if entry.name else entry.written,
        "verdict": verdict.verdict,
        "person_id": verdict.person_id,
        "changes": verdict.changes,
        "notes": verdict.notes,
        "asks": verdict.asks,
    }


def _chunks(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _settle(work: Work, import_id: int, **facts: Any) -> None:
    with work.database.writing(work.organisation_id) as session:
        row = session.get(Import, import_id, with_for_update=True)
        if (
            row and row.applied_at is None and row.job_id == work.job_id
        ):  # the last of several readings counts
            row.sqlmodel_update(facts)


def counts(session: Session, row: Import) -> Counter[str]:
    """verdict → how many rows."""
    asked = select(ImportRow.verdict, func.count()).where(ImportRow.import_id == row.id)
    return Counter(dict(session.exec(asked.group_by(col(ImportRow.verdict))).all()))

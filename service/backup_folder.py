"""The folder of daily backups: one file for a day, kept three weeks; the people who were destroyed since, by number.

A file gets its name only when a restore from it has been tried, so what is there is good.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from service.tables import now

KEPT = timedelta(days=21)  # a destroyed person lives no longer in any of them
ALARM_AFTER = timedelta(days=2)
NEXT_TRY_AFTER = timedelta(hours=1)
DESTROYED = "destroyed.json"


class Destroyed(NamedTuple):
    """A person's row; by when it was made it is told from one that got the same id after a restore."""

    organisation_id: int
    person_id: int
    created_at: str


def file_of(folder: Path, day: date) -> Path:
    return folder / f"nastavnik-{day.isoformat()}.backup"


def is_due(folder: Path) -> bool:
    """Nobody made today's, and nobody is making it or has failed to within the hour."""
    made = file_of(folder, now().date())
    try:
        begun = datetime.fromtimestamp(made.with_suffix(".part").stat().st_mtime, tz=now().tzinfo)
    except FileNotFoundError:
        return not made.exists()
    return not made.exists() and now() - begun > NEXT_TRY_AFTER


def last_good(folder: Path) -> datetime | None:
    moments = [made.stat().st_mtime for made in folder.glob("nastavnik-*.backup")]
    return datetime.fromtimestamp(max(moments), tz=now().tzinfo) if moments else None


def is_alarming(folder: Path) -> bool:
    made = last_good(folder)
    return made is None or now() - made > ALARM_AFTER


def forget_old(folder: Path) -> None:
    for made in (*folder.glob("nastavnik-*.backup"), *folder.glob("nastavnik-*.part")):
        if now() - datetime.fromtimestamp(made.stat().st_mtime, tz=now().tzinfo) > KEPT:
            made.unlink()


def destroyed(folder: Path) -> set[Destroyed]:
    """Everybody whom no restore may bring back."""
    try:
        return {Destroyed(*person) for person in json.loads((folder / DESTROYED).read_text())}
    except FileNotFoundError:
        return set()


def note_destroyed(folder: Path, people: Iterable[Destroyed]) -> None:
    """They are added to those who are known: the database that knew them may be lost."""
    known = destroyed(folder)
    if not known.issuperset(people := set(people)):
        fresh = folder / f"{DESTROYED}.part"
        fresh.write_text(json.dumps(sorted(known | people)))
        os.replace(fresh, folder / DESTROYED)

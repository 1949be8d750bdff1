"""The backup of every day: made, tried, and only then given its name; destroyed people stay destroyed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from sqlmodel import col, select
from starlette.types import Message

from service import backup, backup_folder
from service.app import create_app
from service.backup import Backup, Unusable
from service.backup_folder import Destroyed
from service.consents import erasing
from service.database import EVERY_ORGANISATION, Database
from service.settings import Settings
from service.tables import Person, now

AGAIN = "восстановление из резервной копии, сделанной до уничтожения"


def make_due(database: Database, settings: Settings) -> None:
    """A regular duty: today's backup, unless it is there, is being made or has just failed."""
    folder = Path(settings.backup_folder)
    backup_folder.note_destroyed(folder, destroyed(database))
    if not backup_folder.is_due(folder):
        return
    made = backup_folder.file_of(folder, now().date())
    begun = made.with_suffix(".part")
    begun.unlink(missing_ok=True)
    backup.write(database, settings.backup_key, begun)
    rehearse(Backup(begun, settings.backup_key), database, settings)
    os.replace(begun, made)
    backup_folder.forget_old(folder)


def rehearse(found: Backup, database: Database, settings: Settings) -> None:
    """Restore it into a scratch place and open the service there."""
    backup.drill(found, database, destroy_again, lambda scratch: _look(scratch, settings))


def _look(scratch: Database, settings: Settings) -> None:
    app = create_app(replace(settings, database_url=scratch.url), scratch)
    status = 0

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/sign-in", "query_string": b"", "headers": []}

    async def ask() -> None:
        await app(scope, receive, send)

    asyncio.run(ask())
    if status != 200:
        raise Unusable(f"the service did not open on the restored database: {status}")


def destroyed(database: Database) -> set[Destroyed]:
    """Everybody whose data were destroyed."""
    with database.reading(EVERY_ORGANISATION) as session:
        return {_identity(person) for person in session.exec(select(Person).where(_IS_DESTROYED))}


_IS_DESTROYED = col(Person.erased_at).is_not(None)


def destroy_again(database: Database, people: Collection[Destroyed]) -> None:
    """Those of them who came back with a backup that is older than their destruction."""
    for known in people:
        with database.writing(known.organisation_id) as session:
            person = session.get(Person, known.person_id)
            if person and not person.erased_at and _identity(person) == known:
                erasing.destroy(session, database, person, AGAIN)


def _identity(person: Person) -> Destroyed:
    return Destroyed(person.organisation_id, person.id, person.created_at.astimezone(UTC).isoformat())

"""Anonymous answers, kept apart from all that knows people: what is stored tells nobody whose they are.

A link is exchanged once for a ticket that is nobody's; a ticket gives the right to one answer; an answer does not say
by which ticket it came, and names its files by random keys. A change rewrites its neighbours in one transaction, so
neither the places of rows nor PostgreSQL's transaction numbers tell who came first. When a wave has ended all of its
answers are rewritten once more, and a file that none of them names goes.

Whoever copies the disk or reads the memory while people answer is not kept out; the page of a respondent says so.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from sqlalchemy import Connection, Table, func, literal, select
from sqlmodel import Session

from service.ballot_store import (
    ANSWER,
    ATTACHMENT,
    TAKEN,
    TICKET,
    rewrite,
    rows_of,
    settle,
    settle_both,
    writing,
)
from service.database import Database
from service.errors import Conflict
from service.i18n import N_
from service.seals import new_key

SPARE = 1.2  # tickets for everybody who is asked, and a fifth more
FILE = {"id", "name", "type", "size"}  # what an answer says of a file
BATCH = 16  # answers, or files, that are rewritten together with a new one
MEDIA = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}  # files that can be made nobody's
ENDINGS = ("jpeg", *MEDIA)


class AlreadyTaken(Conflict):
    message = N_("A ticket has already been given out for this link.")
    advice = N_(
        "Go back to the page that opened then, by the history of the browser: the ticket is in its address. "
        "If it is lost, ask the curator for a spare card: nobody can tell which ticket was yours."
    )


@dataclass(frozen=True)
class Pool:
    """How the tickets of a wave stand."""

    tickets: int
    taken: int
    used: int


def fill(database: Database, wave_id: int, people: int) -> None:
    """See that there are enough tickets for so many ``people``."""
    with writing(database) as connection:
        rows = _tickets(connection, wave_id)
        missing = ceil(people * SPARE) - len(rows)
        fresh = (_ticket(wave_id) for _ in range(missing))
        rewrite(connection, TICKET, [*rows, *fresh], wave_id=wave_id)
    settle(database)


def _ticket(wave_id: int) -> dict[str, Any]:
    return {
        "key": new_key(),
        "wave_id": wave_id,
        "taken": False,
        "used": False,
        "page": secrets.token_bytes(32),
    }


def exchange(database: Database, session: Session, wave_id: int, person_id: int, page: str) -> str:
    """A ticket's key for the holder of a link; the same ``page`` gets the same one, another page none.

    That the person has taken one is saved by ``session`` last: a crash in between costs a spare ticket, not a voice.
    """
    connection = session.connection()
    if not database.embedded:  # not a lock on rows: that would be left in them
        connection.exec_driver_sql("LOCK TABLE tickettaken IN SHARE ROW EXCLUSIVE MODE")
    taken = set(connection.scalars(select(TAKEN.c.person_id).where(TAKEN.c.wave_id == wave_id)))
    key = _take(database, wave_id, hashlib.sha256(page.encode()).digest(), again=person_id in taken)
    if person_id not in taken:
        rows = [{"wave_id": wave_id, "person_id": known} for known in sorted({*taken, person_id})]
        rewrite(connection, TAKEN, rows, wave_id=wave_id)
        session.info.setdefault("after_commit", []).append(partial(settle_both, database))
    return key


def _take(database: Database, wave_id: int, page: bytes, *, again: bool) -> str:
    with writing(database) as connection:
        rows = _tickets(connection, wave_id)
        if known := [row for row in rows if row["page"] == page]:
            return str(known[0]["key"])
        if again:
            raise AlreadyTaken
        [ticket] = _hand_out(wave_id, rows, 1)
        ticket["page"] = page
        rewrite(connection, TICKET, rows, wave_id=wave_id)
    return str(ticket["key"])


def cards(database: Database, wave_id: int, number: int) -> list[str]:
    """Keys of so many tickets to be printed and drawn, instead of links or in place of lost ones."""
    with writing(database) as connection:
        rows = _tickets(connection, wave_id)
        drawn = _hand_out(wave_id, rows, number)
        rewrite(connection, TICKET, rows, wave_id=wave_id)
    settle(database)
    return sorted(ticket["key"] for ticket in drawn)


def _hand_out(wave_id: int, rows: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Any of ``rows`` that is free; when none is, one more is made and put to them."""
    drawn = []
    for _ in range(number):
        free = [row for row in rows if not row["taken"]]
        if not free:
            rows.append(_ticket(wave_id))
        ticket = secrets.choice(free or rows[-1:])
        ticket["taken"] = True
        drawn.append(ticket)
    return drawn


def look(database: Database, key: str) -> tuple[int, bool] | None:
    """(wave, whether it is used) of the ticket with this key, if it has been given out."""
    asked = select(TICKET.c.wave_id, TICKET.c.used).where(TICKET.c.key == key, TICKET.c.taken)
    with database.ballots.connect() as connection:
        row = connection.execute(asked).first()
    return (row.wave_id, row.used) if row else None


def cast(database: Database, key: str, answers: Mapping[str, Any]) -> None:
    """Keep an answer, once for a ticket: whatever comes by a used one changes nothing."""
    with writing(database) as connection:
        wave_id = connection.scalars(select(TICKET.c.wave_id).where(TICKET.c.key == key)).one()
        rows = _tickets(connection, wave_id)
        ticket = next(row for row in rows if row["key"] == key)
        if ticket["used"]:
            return
        ticket["used"] = True
        rewrite(connection, TICKET, rows, wave_id=wave_id)
        written = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        _add(connection, ANSWER, {"wave_id": wave_id, "key": new_key(), "answers": written})
    settle(database)


def _add(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Into the last batch of its wave, with all that is there; into a new one when that is full."""
    last = connection.scalar(select(func.max(table.c.batch)).where(table.c.wave_id == row["wave_id"])) or 1
    there = rows_of(connection, table, wave_id=row["wave_id"], batch=last)
    batch, neighbours = (last, there) if len(there) < BATCH else (last + 1, [])
    rewrite(connection, table, [*neighbours, row | {"batch": batch}], wave_id=row["wave_id"], batch=batch)


def attach(database: Database, wave_id: int, ending: str, content: bytes) -> str:
    """Keep a file that tells nothing of whose it is; the key that an answer names it by."""
    row = {"wave_id": wave_id, "key": new_key(), "ending": ending, "content": content}
    with writing(database) as connection:
        _add(connection, ATTACHMENT, row)
    settle(database)
    return str(row["key"])


def attached(database: Database, wave_id: int, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """By key what an answer says of each file that is there."""
    size = func.length(ATTACHMENT.c.content)
    asked = select(ATTACHMENT.c.key, ATTACHMENT.c.ending, size).where(
        ATTACHMENT.c.wave_id == wave_id, ATTACHMENT.c.key.in_(keys)
    )
    with database.ballots.connect() as connection:
        return {key: _told(key, ending, size) for key, ending, size in connection.execute(asked)}


def _told(key: str, ending: str, size: int) -> dict[str, Any]:
    return {"id": key, "name": f"file.{ending}", "type": MEDIA[ending], "size": size}


def attachment(database: Database, wave_id: int, key: str) -> bytes | None:
    asked = select(ATTACHMENT.c.content).where(ATTACHMENT.c.wave_id == wave_id, ATTACHMENT.c.key == key)
    with database.ballots.connect() as connection:
        content: bytes | None = connection.scalar(asked)
        return content


def answers_of(database: Database, wave_id: int) -> list[dict[str, Any]]:
    with database.ballots.connect() as connection:
        return [json.loads(row["answers"]) for row in rows_of(connection, ANSWER, wave_id=wave_id)]


def pool(database: Database, wave_id: int) -> Pool:
    with database.ballots.connect() as connection:
        rows = _tickets(connection, wave_id)
    return Pool(len(rows), sum(row["taken"] for row in rows), sum(row["used"] for row in rows))


def unsealed(database: Database) -> list[int]:
    """Waves whose answers or files still lie in batches."""
    answers, files = (select(table.c.wave_id).where(table.c.batch > 0) for table in (ANSWER, ATTACHMENT))
    with database.ballots.connect() as connection:
        return list(connection.scalars(answers.union(files)))


def seal(database: Database, wave_id: int) -> None:
    """A wave that has ended: all its answers under new keys, written at once, and the files that they name. Not even
    the batches are left."""
    with writing(database) as connection:
        rows = rows_of(connection, ANSWER, wave_id=wave_id)
        fresh = [row | {"batch": 0, "key": new_key()} for row in rows]
        rewrite(connection, ANSWER, fresh, wave_id=wave_id)
        _seal_files(connection, wave_id, {key for row in rows for key in _files(json.loads(row["answers"]))})
    settle(database)


def _files(answers: Mapping[str, Any]) -> list[str]:
    return [said["id"] for said in answers.values() if isinstance(said, dict) and said.keys() == FILE]


def _seal_files(connection: Connection, wave_id: int, named: Collection[str]) -> None:
    """One by one, by the order of their keys: together they may be larger than the memory."""
    table, loose = ATTACHMENT, (ATTACHMENT.c.wave_id == wave_id, ATTACHMENT.c.batch > 0)
    for key in sorted(connection.scalars(select(table.c.key).where(*loose))):
        if key in named:
            columns = (table.c.wave_id, literal(0), table.c.key, table.c.ending, table.c.content)
            row = select(*columns).where(*loose, table.c.key == key)
            connection.execute(table.insert().from_select([*table.c.keys()], row))
    connection.execute(table.delete().where(*loose))


def _tickets(connection: Connection, wave_id: int) -> list[dict[str, Any]]:
    return rows_of(connection, TICKET, wave_id=wave_id)

"""Anonymous answers, kept apart from all that knows people: what is stored tells nobody whose they are.

A link is exchanged once for a ticket that is nobody's; a ticket gives the right to one answer; an answer does not say
by which ticket it came. Nothing here has a date. A change rewrites its neighbours by random keys in one transaction,
so neither the places of rows nor PostgreSQL's transaction numbers tell who came first; afterwards SQLite's log is
emptied into its file, and PostgreSQL's dead rows go. When a wave has ended all of its answers are rewritten once more.

SQLite: a file of its own beside the database. PostgreSQL: a schema of its own, which may be given to another role.
Whoever copies the disk or reads the memory while people answer is not kept out; the page of a respondent says so.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from service.database import Database
from service.errors import Conflict
from service.i18n import N_
from service.seals import new_key
from service.tables import TicketTaken

SPARE = 1.2  # tickets for everybody who is asked, and a fifth more
BATCH = 16  # answers that are rewritten together with a new one
CHECKPOINT_PATIENCE = 100  # milliseconds; who reads meanwhile is not waited for longer
METADATA = MetaData(schema="ballots")

# ``page``: a hash of the page by which a ticket was taken, that its retry may get the same; random until then
TICKET = Table(
    "ticket",
    METADATA,
    Column("key", String, primary_key=True),
    Column("wave_id", Integer, nullable=False, index=True),
    Column("taken", Boolean, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("page", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
ANSWER = Table(
    "answer",
    METADATA,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("batch", Integer, primary_key=True, autoincrement=False),  # 0: the wave has ended
    Column("key", String, primary_key=True),
    Column("answers", Text, nullable=False),
    sqlite_with_rowid=False,
)
TAKEN: Table = SQLModel.metadata.tables[str(TicketTaken.__tablename__)]


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


def create(database: Database) -> None:
    with database.ballots.begin() as connection:
        if not database.embedded:
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ballots")
        METADATA.create_all(connection)


def fill(database: Database, wave_id: int, people: int) -> None:
    """See that there are enough tickets for so many ``people``."""
    with _writing(database) as connection:
        rows = _tickets(connection, wave_id)
        missing = ceil(people * SPARE) - len(rows)
        fresh = (_ticket(wave_id) for _ in range(missing))
        _rewrite(connection, TICKET, [*rows, *fresh], wave_id=wave_id)
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
        _rewrite(connection, TAKEN, rows, wave_id=wave_id)
        session.info.setdefault("after_commit", []).append(partial(_settle_both, database))
    return key


def _take(database: Database, wave_id: int, page: bytes, *, again: bool) -> str:
    with _writing(database) as connection:
        rows = _tickets(connection, wave_id)
        if known := [row for row in rows if row["page"] == page]:
            return str(known[0]["key"])
        if again:
            raise AlreadyTaken
        [ticket] = _hand_out(wave_id, rows, 1)
        ticket["page"] = page
        _rewrite(connection, TICKET, rows, wave_id=wave_id)
    return str(ticket["key"])


def cards(database: Database, wave_id: int, number: int) -> list[str]:
    """Keys of so many tickets to be printed and drawn, instead of links or in place of lost ones."""
    with _writing(database) as connection:
        rows = _tickets(connection, wave_id)
        drawn = _hand_out(wave_id, rows, number)
        _rewrite(connection, TICKET, rows, wave_id=wave_id)
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
    with _writing(database) as connection:
        wave_id = connection.scalars(select(TICKET.c.wave_id).where(TICKET.c.key == key)).one()
        rows = _tickets(connection, wave_id)
        ticket = next(row for row in rows if row["key"] == key)
        if ticket["used"]:
            return
        ticket["used"] = True
        _rewrite(connection, TICKET, rows, wave_id=wave_id)
        batch, neighbours = _last_batch(connection, wave_id)
        _rewrite(
            connection, ANSWER, [*neighbours, _answer(wave_id, batch, answers)], wave_id=wave_id, batch=batch
        )
    settle(database)


def _answer(wave_id: int, batch: int, answers: Mapping[str, Any]) -> dict[str, Any]:
    written = json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"wave_id": wave_id, "batch": batch, "key": new_key(), "answers": written}


def _last_batch(connection: Connection, wave_id: int) -> tuple[int, list[dict[str, Any]]]:
    """Its number and its answers; a new one when it is full."""
    last = connection.scalar(select(func.max(ANSWER.c.batch)).where(ANSWER.c.wave_id == wave_id)) or 1
    rows = _rows(connection, ANSWER, wave_id=wave_id, batch=last)
    return (last, rows) if len(rows) < BATCH else (last + 1, [])


def answers_of(database: Database, wave_id: int) -> list[dict[str, Any]]:
    with database.ballots.connect() as connection:
        return [json.loads(row["answers"]) for row in _rows(connection, ANSWER, wave_id=wave_id)]


def pool(database: Database, wave_id: int) -> Pool:
    with database.ballots.connect() as connection:
        rows = _tickets(connection, wave_id)
    return Pool(len(rows), sum(row["taken"] for row in rows), sum(row["used"] for row in rows))


def unsealed(database: Database) -> list[int]:
    """Waves whose answers still lie in batches."""
    with database.ballots.connect() as connection:
        return list(connection.scalars(select(ANSWER.c.wave_id).where(ANSWER.c.batch > 0).distinct()))


def seal(database: Database, wave_id: int) -> None:
    """A wave that has ended: all its answers under new keys, written at once. Not even the batches are left."""
    with _writing(database) as connection:
        rows = _rows(connection, ANSWER, wave_id=wave_id)
        fresh = [row | {"batch": 0, "key": new_key()} for row in rows]
        _rewrite(connection, ANSWER, fresh, wave_id=wave_id)
    settle(database)


# --- inside the store


@contextmanager
def _writing(database: Database) -> Iterator[Connection]:
    """A transaction of one writer at a time."""
    with database.ballots.begin() as connection:
        if not database.embedded:
            connection.exec_driver_sql("LOCK TABLE ballots.ticket IN SHARE ROW EXCLUSIVE MODE")
        yield connection


def _tickets(connection: Connection, wave_id: int) -> list[dict[str, Any]]:
    return _rows(connection, TICKET, wave_id=wave_id)


def _rows(connection: Connection, table: Table, **of: int) -> list[dict[str, Any]]:
    asked = table.select().filter_by(**of).order_by(table.c.key)
    return [dict(row) for row in connection.execute(asked).mappings()]


def _rewrite(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], **of: int) -> None:
    """``rows`` in place of those that are ``of`` a wave or a batch, by the order of their keys."""
    connection.execute(table.delete().where(*(table.c[name] == value for name, value in of.items())))
    if written := sorted(rows, key=lambda row: tuple(row[column.name] for column in table.primary_key)):
        connection.execute(table.insert(), written)


def settle(database: Database) -> None:
    """Leave no trace of the order of changes outside the tables."""
    _settle(database, database.ballots, "ballots.ticket, ballots.answer")


def _settle_both(database: Database) -> None:
    settle(database)
    _settle(database, database.engine, TAKEN.name)


def _settle(database: Database, engine: Engine, tables: str) -> None:
    """What is saved stays saved when this cannot be done: somebody reads just now, and the next change does it."""
    library: Any = engine.dialect.loaded_dbapi  # the safe one
    with suppress(DBAPIError, library.Error):
        if database.embedded:
            with closing(library.connect(engine.url.database)) as connection:
                connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_PATIENCE}")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql(f"VACUUM {tables}")

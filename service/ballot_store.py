"""Where anonymous answers lie, and how they are written so that nothing tells who came first.

SQLite: a file of its own beside the database. PostgreSQL: a schema of its own, which may be given to another role.
Nothing here has a date. Rows are written together with their neighbours, by random keys; afterwards SQLite's log is
emptied into its file, and PostgreSQL's dead rows go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
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
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from service.database import Database
from service.tables import TicketTaken

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
ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("wave_id", Integer, primary_key=True, autoincrement=False),
    Column("batch", Integer, primary_key=True, autoincrement=False),
    Column("key", String, primary_key=True),
    Column("ending", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
TAKEN: Table = SQLModel.metadata.tables[str(TicketTaken.__tablename__)]


def create(database: Database) -> None:
    with database.ballots.begin() as connection:
        if not database.embedded:
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ballots")
        METADATA.create_all(connection)


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A transaction of one writer at a time."""
    with database.ballots.begin() as connection:
        if not database.embedded:
            connection.exec_driver_sql("LOCK TABLE ballots.ticket IN SHARE ROW EXCLUSIVE MODE")
        yield connection


def rows_of(connection: Connection, table: Table, **of: int) -> list[dict[str, Any]]:
    asked = table.select().filter_by(**of).order_by(table.c.key)
    return [dict(row) for row in connection.execute(asked).mappings()]


def rewrite(connection: Connection, table: Table, rows: Iterable[dict[str, Any]], **of: int) -> None:
    """``rows`` in place of those that are ``of`` a wave or a batch, by the order of their keys."""
    connection.execute(table.delete().where(*(table.c[name] == value for name, value in of.items())))
    if written := sorted(rows, key=lambda row: tuple(row[column.name] for column in table.primary_key)):
        connection.execute(table.insert(), written)


def settle(database: Database) -> None:
    """Leave no trace of the order of changes outside the tables."""
    _settle(database, database.ballots, ", ".join(METADATA.tables))


def settle_both(database: Database) -> None:
    settle(database)
    _settle(database, database.engine, TAKEN.name)


def settle_all(database: Database) -> None:
    """Leave no trace of what was deleted: on PostgreSQL in any table, on SQLite in either file's log."""
    settle(database)
    _settle(database, database.engine, "")


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

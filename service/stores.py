"""All rows of either database as a stream of bytes, as they stood at one moment, and back into empty tables.

SQLite: both files are locked for the instant in which their read transactions begin, so what is read of them is of one
moment; writers wait for that instant only. PostgreSQL: one REPEATABLE READ transaction. Rows go in with triggers and
foreign keys put aside, and every foreign key is checked before the commit.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg import sql

from service.database import Database

ROWS = 500  # that are read, or put in, together
NOT_ROWS = ("alembic_version",)  # says which schema the rows are of


class Unfit(RuntimeError):
    """The rows do not fit one another, or these tables."""


@dataclass(frozen=True)
class Table:
    """``store``: "main", or "ballots" for what knows no person."""

    store: str
    name: str
    columns: tuple[str, ...]
    rows: int


class Store(Protocol):
    """Within one transaction: what is read is of one moment, what is put in is there as a whole or not at all."""

    def rows(self, question: str) -> list[tuple[Any, ...]]: ...

    def tables(self) -> list[Table]: ...

    def counters(self) -> dict[str, int]: ...

    def read(self, table: Table) -> Iterator[bytes]: ...

    def fill(self, table: Table, parts: Iterable[bytes]) -> None: ...

    def count_on(self, counters: dict[str, int]) -> None: ...


@contextmanager
def reading(database: Database) -> Iterator[Store]:
    with _sqlite_moment(database) if database.embedded else _postgresql(database, for_reading=True) as store:
        yield store


@contextmanager
def filling(database: Database) -> Iterator[Store]:
    if database.embedded:
        with _sqlite_unguarded(database) as file:
            yield file
    else:
        with _postgresql(database, for_reading=False) as store, store.unguarded():
            yield store


# --- SQLite


@contextmanager
def _sqlite_moment(database: Database) -> Iterator[_SQLite]:
    with ExitStack() as stack:
        turn, reader = _connections(database, stack), _connections(database, stack)
        for connection in turn.values():  # in the order in which requests lock them
            connection.execute("BEGIN IMMEDIATE")
        for connection in reader.values():
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for connection in turn.values():
            connection.execute("ROLLBACK")
        yield _SQLite(reader)


@contextmanager
def _sqlite_unguarded(database: Database) -> Iterator[_SQLite]:
    with ExitStack() as stack:
        connections = _connections(database, stack)
        for connection in connections.values():
            connection.execute("PRAGMA foreign_keys = off")
            connection.execute("BEGIN IMMEDIATE")
        triggers = connections["main"].execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = triggers.fetchall()
        for name, _ in kept:
            connections["main"].execute(f"DROP TRIGGER {name}")
        yield _SQLite(connections)
        for _, statement in kept:
            connections["main"].execute(statement)
        for connection in connections.values():
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise Unfit("a row refers to one that is not there")
        for connection in connections.values():
            connection.execute("COMMIT")


def _connections(database: Database, stack: ExitStack) -> dict[str, Any]:
    engines = {"main": database.engine, "ballots": database.ballots}
    library: Any = database.engine.dialect.loaded_dbapi  # the safe one
    return {
        store: stack.enter_context(
            closing(library.connect(engine.url.database, isolation_level=None, timeout=30))
        )
        for store, engine in engines.items()
    }


class _SQLite:
    def __init__(self, connections: dict[str, Any]) -> None:
        self.connections = connections

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = self.connections["main"].execute(question).fetchall()
        return found

    def tables(self) -> list[Table]:
        asked = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name"
        )
        return [
            self._table(store, name)
            for store, connection in self.connections.items()
            for (name,) in connection.execute(asked).fetchall()
            if name not in NOT_ROWS
        ]

    def _table(self, store: str, name: str) -> Table:
        connection = self.connections[store]
        columns = tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{name}")'))
        [rows] = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
        return Table(store, name, columns, rows)

    def counters(self) -> dict[str, int]:
        return {}  # the next id is the largest and one more

    def read(self, table: Table) -> Iterator[bytes]:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        found = self.connections[table.store].execute(f'SELECT {columns} FROM "{table.name}"')  # noqa: S608
        while rows := found.fetchmany(ROWS):
            yield "".join(json.dumps(row, default=_of_bytes) + "\n" for row in rows).encode()

    def fill(self, table: Table, parts: Iterable[bytes]) -> None:
        connection = self.connections[table.store]
        connection.execute(f'DELETE FROM "{table.name}"')  # noqa: S608
        columns = ", ".join(f'"{name}"' for name in table.columns)
        put = f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * len(table.columns))})'  # noqa: S608
        for part in parts:
            rows = (json.loads(line, object_hook=_as_bytes) for line in part.splitlines())
            connection.executemany(put, rows)

    def count_on(self, counters: dict[str, int]) -> None:
        pass


def _of_bytes(value: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode()}


def _as_bytes(written: dict[str, str]) -> bytes:
    return base64.b64decode(written["base64"])


# --- PostgreSQL


@contextmanager
def _postgresql(database: Database, *, for_reading: bool) -> Iterator[_PostgreSQL]:
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
        if for_reading:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
        connection.execute("SET nastavnik.reach = 'every'")  # see grants.py
        store = _PostgreSQL(connection)
        store.refuse_but_the_owner()
        yield store


class _PostgreSQL:
    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def refuse_but_the_owner(self) -> None:
        """To any other login rows could be invisible, and nobody would notice."""
        asked = "SELECT 1 FROM pg_tables WHERE schemaname IN ('ballots', current_schema())"
        if self.rows(f"{asked} AND NOT pg_has_role(tableowner, 'USAGE') LIMIT 1"):
            raise Unfit("give in DATABASE_URL the login that owns the tables")

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(question.encode()).fetchall()

    def tables(self) -> list[Table]:
        names = self.rows(
            "SELECT CASE schemaname WHEN 'ballots' THEN 'ballots' ELSE 'main' END AS store, tablename"
            " FROM pg_tables WHERE schemaname IN ('ballots', current_schema()) ORDER BY store DESC, tablename"
        )
        return [self._table(store, name) for store, name in names if name not in NOT_ROWS]

    def _table(self, store: str, name: str) -> Table:
        table = _named(store, name)
        columns = self.connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(table)).description
        [[rows]] = self.connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchall()
        return Table(store, name, tuple(column.name for column in columns or ()), rows)

    def counters(self) -> dict[str, int]:
        asked = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        return {name: last for name, last in self.rows(asked) if last}

    def read(self, table: Table) -> Iterator[bytes]:
        question = sql.SQL("COPY (SELECT {columns} FROM {table} ORDER BY {key}) TO STDOUT").format(
            columns=_listed(table), table=_named(table.store, table.name), key=self._key(table)
        )
        with self.connection.cursor() as cursor, cursor.copy(question) as copy:
            for part in copy:
                yield bytes(part)

    def _key(self, table: Table) -> sql.Composable:
        """The columns that give the rows an order."""
        asked = (
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey)"
            " WHERE indisprimary AND indrelid = %s::regclass ORDER BY array_position(indkey, attnum)"
        )
        named = _named(table.store, table.name).as_string(self.connection)
        return sql.SQL(", ").join(
            sql.Identifier(name) for (name,) in self.connection.execute(asked, [named]).fetchall()
        )

    def fill(self, table: Table, parts: Iterable[bytes]) -> None:
        named = _named(table.store, table.name)
        self.connection.execute(sql.SQL("DELETE FROM {}").format(named))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(named, _listed(table))
        with self.connection.cursor() as cursor, cursor.copy(statement) as copy:
            for part in parts:
                copy.write(part)

    def count_on(self, counters: dict[str, int]) -> None:
        for name, value in counters.items():
            self.connection.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', value])

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        asked = (
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
        references = self.rows(asked)
        tables = [_named(table.store, table.name) for table in self.tables()]
        walled = self.rows(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relrowsecurity AND relnamespace = current_schema()::regnamespace"
        )
        for table, name, _ in references:
            self._change(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for (table,) in walled:
            self._change(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for named in tables:
            self.connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(named))
        yield
        for table, name, rule in references:
            self._change(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
        for (table,) in walled:
            self._change(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for named in tables:
            self.connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(named))

    def _change(self, statement: str) -> None:
        self.connection.execute(statement.encode())


def _named(store: str, name: str) -> sql.Identifier:
    return sql.Identifier("ballots", name) if store == "ballots" else sql.Identifier(name)


def _listed(table: Table) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, table.columns))

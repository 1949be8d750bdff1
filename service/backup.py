"""A backup: all rows of one moment in one sealed file. A restore: verified to its end before anything is touched.

The file does not depend on how a database lies on the disk: rows are put into tables made anew by the migrations, up
to the version that the backup was made with, and brought to today's. Whoever was destroyed meanwhile is destroyed
again before anybody can look.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import inspect, make_url

from service import audit, ballot_store, schema
from service.audit import Head
from service.backup_folder import Destroyed
from service.database import Database
from service.sealed_file import NotWhole, seal, unseal
from service.stores import Store, Table, Unfit, filling, reading
from service.tables import now

LENGTH = 4  # bytes before each record that say how long it is
Erase = Callable[[Database, Collection[Destroyed]], None]


class Unusable(Unfit):
    """What cannot be done with this backup or into this database; the text is one line for whoever asked."""


@dataclass(frozen=True)
class Manifest:
    """``kind``: of which database the rows are. ``revision``: of its schema."""

    kind: str
    revision: str
    made_at: str
    tables: list[Table]
    counters: dict[str, int]
    heads: list[Head]

    def __str__(self) -> str:
        rows = sum(table.rows for table in self.tables)
        return (
            f"{self.made_at}: {rows} rows in {len(self.tables)} tables, {self.kind}, version {self.revision}"
        )


# --- to a file


def write(database: Database, key: str, file: Path) -> Manifest:
    """Make ``file``, which must not be there yet, while the database is in use."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as target, reading(database) as store:
            manifest = _manifest(database, store)
            seal(_records(manifest, store), key, target)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        file.unlink()
        raise
    if database.embedded:
        ballot_store.settle(database)  # while we read, those who voted could not
    return manifest


def _manifest(database: Database, store: Store) -> Manifest:
    tables = store.tables()
    has_trail = "auditentry" in {table.name for table in tables}
    return Manifest(
        kind=database.engine.dialect.name,
        revision=str(store.rows("SELECT version_num FROM alembic_version")[0][0]),
        made_at=now().isoformat(),
        tables=tables,
        counters=store.counters(),
        heads=[Head(*row) for row in store.rows(_HEADS)] if has_trail else [],
    )


_HEADS = """SELECT organisation_id, number, hash FROM auditentry AS entry WHERE number =
    (SELECT max(number) FROM auditentry WHERE organisation_id = entry.organisation_id)"""


def _records(manifest: Manifest, store: Store) -> Iterator[bytes]:
    """The manifest; then for each of its tables the rows in parts, and an empty part."""
    yield _record(json.dumps(asdict(manifest)).encode())
    for table in manifest.tables:
        yield from map(_record, store.read(table))
        yield _record(b"")


def _record(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH, "big") + content


# --- from a file


class Backup:
    """A file that was read to its end and found whole; ``digests`` are those of the rows of each table."""

    def __init__(self, file: Path, key: str) -> None:
        self.file, self.key = file, key
        try:
            with self._opened() as (manifest, records):
                self.manifest = manifest
                self.digests = [_digest(_until_empty(records)) for _ in manifest.tables]
                if next(records, None) is not None:
                    raise NotWhole(NotWhole.__doc__)
        except OSError as error:
            raise Unusable(f"{file}: {error.strerror}") from error
        except NotWhole as error:
            raise Unusable(f"{file} is damaged, was changed, or belongs to another key") from error

    def fill(self, store: Store) -> None:
        with self._opened() as (_, records):
            for table in self.manifest.tables:
                store.fill(table, _until_empty(records))
        store.count_on(self.manifest.counters)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
        with self.file.open("rb") as source:
            records = _split(unseal(source, self.key))
            yield _read_manifest(next(records)), records


def _split(parts: Iterator[bytes]) -> Iterator[bytes]:
    waiting = bytearray()
    for part in parts:
        waiting += part
        while len(waiting) >= LENGTH and len(waiting) >= (
            end := LENGTH + int.from_bytes(waiting[:LENGTH], "big")
        ):
            yield bytes(waiting[LENGTH:end])
            del waiting[:end]
    if waiting:
        raise NotWhole(NotWhole.__doc__)


def _until_empty(records: Iterator[bytes]) -> Iterator[bytes]:
    while part := next(records, b""):
        yield part


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _read_manifest(written: bytes) -> Manifest:
    said: dict[str, Any] = json.loads(written)
    tables = [Table(**table | {"columns": tuple(table["columns"])}) for table in said.pop("tables")]
    return Manifest(tables=tables, heads=[Head(**head) for head in said.pop("heads")], **said)


def restore(backup: Backup, database: Database, destroyed: Collection[Destroyed], erase: Erase) -> None:
    """Into an empty ``database``. ``erase`` is given those who were ``destroyed`` since."""
    manifest = backup.manifest
    if manifest.kind != database.engine.dialect.name:
        raise Unusable(
            f"the backup is of {manifest.kind}, and DATABASE_URL names {database.engine.dialect.name}"
        )
    if not schema.is_known(manifest.revision):
        raise Unusable("the backup was made by a newer version of the service")
    if not is_empty(database):
        raise Unusable("the database is not empty; --replace moves what is there aside")
    if schema.revision_of(database) not in (None, manifest.revision):
        set_aside(database)
    schema.upgrade(database, manifest.revision)
    with filling(database) as store:
        if _names(store.tables()) != _names(manifest.tables):
            raise Unusable("the tables of the backup are not those of its version")
        backup.fill(store)
        _refuse_unlike(backup, store)
    schema.upgrade(database)
    erase(database, destroyed)
    if found := audit.breaks(database, manifest.heads):
        raise Unusable(f"the audit trail does not hold: {found[0].fault}")


def _refuse_unlike(backup: Backup, store: Store) -> None:
    """What can be read now must be what is in the file, to the byte."""
    for table, digest in zip(backup.manifest.tables, backup.digests, strict=True):
        if _digest(store.read(table)) != digest:
            raise Unusable(f"{table.name} came back different")


def _names(tables: Iterable[Table]) -> set[tuple[str, str]]:
    return {(table.store, table.name) for table in tables}


def is_empty(database: Database) -> bool:
    if database.embedded and not Path(str(database.engine.url.database)).exists():
        return True
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("organisation"):
            return True
    with reading(database) as store:
        return not store.rows("SELECT 1 FROM organisation LIMIT 1")


# --- what is in the way


def set_aside(database: Database) -> None:
    """Nothing is deleted: files, or the schemas of PostgreSQL, get a name with "replaced"."""
    mark = f"replaced_{now():%Y%m%d_%H%M%S_%f}"
    database.close()
    if database.embedded:
        for engine in (database.ballots, database.engine):
            _move_file(engine, Path(str(engine.url.database)), mark)
        return
    with psycopg.connect(database.url.replace("+psycopg", "")) as connection:
        there = "SELECT nspname FROM pg_namespace WHERE nspname IN ('ballots', 'public')"
        for (name,) in connection.execute(there).fetchall():
            moved = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
            connection.execute(moved.format(sql.Identifier(name), sql.Identifier(f"{name}_{mark}")))
        connection.execute("CREATE SCHEMA public")


def _move_file(engine: Any, file: Path, mark: str) -> None:
    """Its log goes into it first, which is only possible when nobody has it open."""
    library: Any = engine.dialect.loaded_dbapi
    if not file.exists():
        return
    with closing(library.connect(file, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = delete")
        except library.OperationalError as error:
            raise Unusable(f"{file} is in use: stop the service first") from error
    file.rename(file.with_suffix(f".{mark}{file.suffix}"))


# --- a rehearsal


def drill(backup: Backup, database: Database, erase: Erase, look: Callable[[Database], None]) -> None:
    """Restore into a scratch place beside ``database``, look at it, and leave nothing."""
    with _scratch(database) as scratch:
        restore(backup, scratch, (), erase)
        look(scratch)


@contextmanager
def _scratch(database: Database) -> Iterator[Database]:
    if database.embedded:
        beside = Path(str(database.engine.url.database)).parent  # a disk that holds the same data anyway
        with (
            tempfile.TemporaryDirectory(prefix="drill-", dir=beside) as folder,
            closing(Database(f"sqlite:///{folder}/drill.db")) as scratch,
        ):
            yield scratch
        return
    name = f"nastavnik_drill_{secrets.token_hex(8)}"
    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            url = make_url(database.url).set(database=name).render_as_string(hide_password=False)
            with closing(Database(url)) as scratch:
                yield scratch
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

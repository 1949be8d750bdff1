"""The only two ways to a session: reading() cannot write, writing() commits on return and rolls back on raise.

Every session belongs to one organisation. Reads, updates and deletes of ``Owned`` rows are filtered and new rows are
stamped here and nowhere else. A session that is not bound yet may only ask ``EVERYWHERE`` questions by a secret it was
given (a link, a sign-in), and binds itself to what it found. Only the job engine and the command line work for
``EVERY_ORGANISATION``. Every transaction tells PostgreSQL whose rows are meant, and it refuses the others by itself:
the second wall, for a statement that went round the filter (grants.py).

SQLite: WAL with synchronous=FULL (NORMAL loses receipts in a power cut), writers take the lock at once (BEGIN
IMMEDIATE), queue fairly and share the wait for the disk (writer.py); readers never wait. A library with the WAL-reset
bug is refused.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Result, column, event, make_url
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, SessionTransaction, with_loader_criteria
from sqlmodel import Session, create_engine

from service.tables import Owned
from service.writer import Writer

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the bundled library, if it is new enough
    sqlite = sqlite3

EVERYWHERE = {"everywhere": True}
OFTEN = {"often": True}  # of a statement that is made once, with bindparams: its filtered form is remembered
EVERY_ORGANISATION = 0
Owned.organisation_id = column("organisation_id")  # type: ignore[assignment]  # the filter is first tried on Owned itself
READERS = 16
WAIT_SECONDS = 5
_OF_ITS_OWN: dict[str, Any] = {"expire_on_commit": False, "join_transaction_mode": "create_savepoint"}


class UnsafeSQLite(RuntimeError):
    """This SQLite library may corrupt a WAL database when connections reset the log at once (fixed in 3.51.3)."""


class Database:
    """``engine`` writes; ``ballots`` knows no person (service/ballots.py)."""

    _turn: Callable[[], AbstractContextManager[Connection | Engine]]
    ballots: Engine

    def __init__(self, url: str, ballots_url: str = "") -> None:
        """``ballots_url``: anonymous answers over another login (PostgreSQL)."""
        self.url = url
        if url.startswith("sqlite"):
            refuse_unsafe_sqlite(sqlite.sqlite_version_info)
            self.engine = _sqlite_engine(url, 1, "immediate")
            self._reader = _sqlite_engine(url, READERS, "deferred")
            self._turn = Writer(self.engine, WAIT_SECONDS).turn
            apart = _sqlite_engine(_beside(url), 1, "immediate")
            self.ballots = apart.execution_options(schema_translate_map={"ballots": None})
        else:
            self.engine, self.ballots = _postgresql_engine(url), _postgresql_engine(ballots_url or url)
            self._reader = self.engine.execution_options(postgresql_readonly=True)
            self._turn = lambda: nullcontext(self.engine)

    @contextmanager
    def reading(self, organisation_id: int | None = None) -> Iterator[Session]:
        with OrganisationSession(self._reader) as session:
            _bind_if_known(session, organisation_id)
            yield session
            _end_reading(session)

    @contextmanager
    def writing(self, organisation_id: int | None = None) -> Iterator[Session]:
        with self._turn() as place, OrganisationSession(place, **_OF_ITS_OWN) as session, session.begin():
            _bind_if_known(session, organisation_id)
            yield session
        for call in session.info.pop("after_commit", ()):
            call()

    @property
    def embedded(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        self.engine.dispose()
        self._reader.dispose()
        self.ballots.dispose()


class OrganisationSession(Session):
    """A session whose ``info["organisation_id"]`` filters and stamps every ``Owned`` row."""


def bind(session: Session, organisation_id: int) -> None:
    """Make ``session`` the organisation's, for good."""
    if session.info.setdefault("organisation_id", organisation_id) != organisation_id:
        raise RuntimeError("this session belongs to another organisation")
    _tell(session)


def organisation_of(session: Session) -> int:
    """The organisation that ``session`` is bound to."""
    organisation_id: int = session.info["organisation_id"]
    return organisation_id


def _bind_if_known(session: Session, organisation_id: int | None) -> None:
    if organisation_id is not None:
        bind(session, organisation_id)


@event.listens_for(OrganisationSession, "do_orm_execute")
def _filter(state: ORMExecuteState) -> Result[Any] | None:
    if state.is_column_load:
        return None
    if state.execution_options.get("everywhere"):
        return _asked_everywhere(state)
    organisation_id = state.session.info.get("organisation_id")
    if organisation_id is None:
        raise RuntimeError("a session without an organisation may not ask for the rows of one")
    if organisation_id == EVERY_ORGANISATION:
        return None
    if state.is_insert or not state.is_orm_statement:
        raise RuntimeError("a statement that could not be filtered")
    filtered = _remembered if state.execution_options.get("often") else _filtered
    state.statement = filtered(state.statement, organisation_id)
    return None


def _filtered(statement: Any, organisation_id: int) -> Any:
    return statement.options(_of(organisation_id))


_remembered = lru_cache(maxsize=1000)(_filtered)


@cache
def _of(organisation_id: int) -> LoaderCriteriaOption:
    return with_loader_criteria(
        Owned, lambda table: table.organisation_id == organisation_id, include_aliases=True
    )


def _asked_everywhere(state: ORMExecuteState) -> Result[Any] | None:
    """A session that is not bound yet goes on to bind itself, or ends."""
    session: Any = state.session  # an OrganisationSession
    _tell(session, "everywhere")
    if "organisation_id" not in session.info:
        return None
    result = state.invoke_statement()
    _tell(session)
    return result


@event.listens_for(OrganisationSession, "after_begin")
def _begin_by_telling(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if connection.dialect.name == "postgresql" and not transaction.nested:
        read_only = connection.connection.dbapi_connection.read_only  # type: ignore[union-attr]
        _say(session, connection, "BEGIN READ ONLY; " if read_only else "BEGIN; ")


def _tell(session: Session, reach: str = "") -> None:
    """Let PostgreSQL know what ``session`` may reach, now or when its transaction begins."""
    organisation_id = session.info.get("organisation_id")
    every = organisation_id == EVERY_ORGANISATION
    session.info["reach"] = ("", "every") if every else (str(organisation_id or ""), reach)
    if session.get_bind().dialect.name == "postgresql" and session.in_transaction():
        connection = session.connection()  # which may begin only here, and by telling
        if session.info["told"] != session.info["reach"]:
            _say(session, connection)


def _say(session: Session, connection: Connection, begin: str = "") -> None:
    """Until the transaction ends. BEGIN goes along, past the driver, which would send it apart: nobody waits twice.
    If it fails, so does the next statement, or it finds nothing."""
    session.info["told"] = organisation, reach = session.info.get("reach", ("", ""))
    said = (
        f"{begin}SET LOCAL nastavnik.organisation = '{organisation}'; SET LOCAL nastavnik.reach = '{reach}'"
    )
    connection.connection.dbapi_connection.pgconn.exec_(said.encode())  # type: ignore[union-attr]


def _end_reading(session: Session) -> None:
    """By COMMIT: after a ROLLBACK the driver forgets its prepared statements, and planning them anew costs PostgreSQL
    ten times what asking them does."""
    if session.is_active and session.in_transaction() and "told" in session.info:
        session.connection().connection.commit()


@event.listens_for(OrganisationSession, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Owned):
            row.organisation_id = row.organisation_id or organisation_of(session)
            if organisation_of(session) not in (row.organisation_id, EVERY_ORGANISATION):
                raise RuntimeError("this row belongs to another organisation")


def refuse_unsafe_sqlite(version: tuple[int, ...]) -> None:
    fixed = version >= (3, 51, 3) or (
        version[:2] in ((3, 50), (3, 44)) and version >= _BACKPORTS[version[:2]]
    )
    if not fixed or version[:2] == (3, 52):
        raise UnsafeSQLite(
            f"SQLite {'.'.join(map(str, version))} may corrupt the database; version 3.51.3 or newer is needed"
        )


_BACKPORTS: dict[tuple[int, ...], tuple[int, ...]] = {(3, 50): (3, 50, 7), (3, 44): (3, 44, 6)}


def _beside(url: str) -> str:
    """Where anonymous answers lie: in a file of their own, nastavnik.ballots.db beside nastavnik.db."""
    file = Path(make_url(url).database or "")
    return f"sqlite:///{file.with_suffix(f'.ballots{file.suffix}')}"


def _postgresql_engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=READERS,
        max_overflow=READERS,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": "-c lock_timeout=5s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s "
            "-c nastavnik.reach=every"  # of migrations and backups; a session says its own
        },
    )


def _sqlite_engine(url: str, connections: int, begin: Literal["immediate", "deferred"]) -> Engine:
    engine = create_engine(
        url,
        module=sqlite,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    if begin == "deferred":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = on"))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(f"BEGIN {begin}"))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode = wal",
        "synchronous = full",
        "foreign_keys = on",
        f"busy_timeout = {WAIT_SECONDS * 1000}",
        "secure_delete = on",
    ):
        connection.execute(f"PRAGMA {pragma}")

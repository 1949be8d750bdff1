"""What every test may ask for. Both databases are real; only the clock and transports are ever replaced."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from service import ballot_store, schema
from service.database import Database
from service.jobs import Engine as Jobs
from service.jobs import prepare
from service.settings import Settings
from service.worker import HANDLERS
from tests.factories import World, served
from tests.postgres import NoPostgreSQL, add_logins, add_owner, log_out, logged_in, named, postgresql

ROOT = Path(__file__).parents[1]
SECRET = "a secret of the tests, 32 characters or more"
IN_CI = os.environ.get("CI") == "true"


def skip_unless_ci(reason: str) -> None:
    """Nothing may be skipped in CI."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Sample inputs that stand beside the checkout."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        skip_unless_ci(f"no sample inputs at {folder}")
    return folder


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def _postgresql_server() -> Iterator[str]:
    try:
        with postgresql() as url:
            _at_server(url, add_owner)
            _make_database(url, "template_nastavnik")
            database = Database(named(url, "owner", "template_nastavnik"))
            schema.upgrade(database)
            prepare(database.url)
            database.close()
            _at_server(url, add_logins)
            yield url
    except NoPostgreSQL as reason:
        skip_unless_ci(str(reason))


def _at_server(url: str, do: Callable[[Connection], object]) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        do(connection)
    engine.dispose()


def _make_database(url: str, name: str, template: str = "template1") -> None:
    _at_server(
        url, lambda server: server.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} OWNER owner"))
    )


def _drop_database(url: str, name: str) -> None:
    log_out(name)
    _at_server(url, lambda server: server.execute(text(f"DROP DATABASE {name} WITH (FORCE)")))


@pytest.fixture(scope="session")
def _shared_postgresql(_postgresql_server: str) -> Iterator[Engine]:
    """One database that tests use in turn: emptying it is ten times cheaper than making another."""
    _make_database(_postgresql_server, "shared", "template_nastavnik")
    engine = Database(named(_postgresql_server, "owner", "shared")).engine
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database, whose ids begin at 1. On PostgreSQL it is the owner's: what is served connects by
    logins of its own (``served``, ``jobs``)."""
    if request.param == "sqlite":
        for part in ("", ".ballots"):
            template = request.getfixturevalue("_sqlite_template").with_suffix(f"{part}.db")
            shutil.copy(template, tmp_path / f"test{part}.db")
        yield f"sqlite:///{tmp_path}/test.db"
    elif "jobs" in request.fixturenames or request.node.get_closest_marker("own_database"):
        server, name = request.getfixturevalue("_postgresql_server"), f"test_{uuid4().hex}"
        _make_database(server, name, "template_nastavnik")
        yield named(server, "owner", name)
        _drop_database(server, name)
    else:
        engine = request.getfixturevalue("_shared_postgresql")
        yield engine.url.render_as_string()
        log_out("shared")
        _empty(engine)


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit trail only grows
        for table in (*reversed(SQLModel.metadata.sorted_tables), *ballot_store.METADATA.sorted_tables):
            connection.execute(table.delete())
        connection.execute(text("SELECT setval(c.oid, 1, false) FROM pg_class c WHERE c.relkind = 'S'"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    jobs_url = f"sqlite:///{tmp_path}/jobs.db" if database_url.startswith("sqlite") else database_url
    return Settings(
        secret_key=SECRET, database_url=database_url, jobs_url=jobs_url, address="http://testserver"
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.database_url)
    yield database
    database.close()


@pytest.fixture
def client(settings: Settings, database: Database) -> TestClient:
    """A stranger's browser."""
    return TestClient(served(settings, database), follow_redirects=False)


@pytest.fixture
def world(settings: Settings, database: Database, client: TestClient) -> World:
    """An organisation with our questionnaires and a curator, and ways to put more into it."""
    return World.make(settings, database, client)


@pytest.fixture
def jobs(settings: Settings, database: Database) -> Iterator[Callable[[], None]]:
    """Jobs are really done while the test lasts; the call waits until none is left."""
    if not database.embedded:
        database = logged_in("worker", database)
        settings = replace(settings, database_url=database.url, jobs_url=database.url)
    engine = Jobs(database, settings, HANDLERS)
    engine.start()
    yield engine.wait_until_idle
    engine.stop()

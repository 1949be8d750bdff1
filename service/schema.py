"""The schema's version: upgrade it, write its next step, or refuse to start on an old one (Alembic without an .ini)."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

from service import ballot_store, grants
from service.database import Database


class OldSchema(RuntimeError):
    """The database was made by another version of the service: run `python -m service migrate`."""


def upgrade(database: Database, revision: str = "head") -> None:
    with database.engine.begin() as connection:
        command.upgrade(_config(connection), revision)
    ballot_store.create(database)
    if not database.embedded and revision == "head":
        with database.engine.begin() as connection:
            grants.apply(connection)


def revise(database: Database, message: str) -> None:
    """Write the migration that brings the database to what tables.py says. CHECK constraints are added by hand."""
    with database.engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def is_current(database: Database) -> bool:
    return revision_of(database) == ScriptDirectory.from_config(_config()).get_current_head()


def revision_of(database: Database) -> str | None:
    """Which version of the service the tables are of; None where there are no tables yet."""
    with database.engine.connect() as connection:
        revision: str | None = MigrationContext.configure(connection).get_current_revision()
        return revision


def is_known(revision: str) -> bool:
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def refuse_an_old_one(database: Database) -> None:
    if not is_current(database):
        raise OldSchema(OldSchema.__doc__)


def drift(database: Database) -> list[Any]:
    """What tables.py says that the database does not. Empty in a healthy checkout."""
    ours = {"compare_type": True, "include_name": lambda name, kind, _: kind != "schema" or name is None}
    with database.engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), SQLModel.metadata))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "service:migrations")
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config

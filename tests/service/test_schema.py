"""The schema's version, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import CheckConstraint, inspect
from sqlmodel import SQLModel

from service import schema
from service.database import Database
from service.schema import OldSchema

pytestmark = pytest.mark.own_database


def test_the_migrations_make_exactly_the_tables_of_this_version(database: Database) -> None:
    assert schema.drift(database) == []
    made = inspect(database.engine)
    assert {table.name for table in SQLModel.metadata.sorted_tables} <= set(made.get_table_names())


def test_every_check_of_the_tables_is_in_the_database(database: Database) -> None:
    """Autogeneration does not see CHECK constraints, so this test does."""
    made = inspect(database.engine)
    for table in SQLModel.metadata.sorted_tables:
        wanted = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in made.get_check_constraints(table.name)} == wanted, table.name


def test_a_current_schema_is_served_and_upgrading_it_again_changes_nothing(database: Database) -> None:
    assert schema.is_current(database)
    schema.refuse_an_old_one(database)
    schema.upgrade(database)
    assert schema.is_current(database)


def test_another_versions_schema_is_refused_and_the_refusal_says_what_to_do(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '000000000000'")
    assert not schema.is_current(database)
    with pytest.raises(OldSchema, match="migrate"):
        schema.refuse_an_old_one(database)

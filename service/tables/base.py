"""What every table is made of: ids, the organisation that owns a row, JSON columns, moments, names of constraints."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def now() -> datetime:
    return datetime.now(UTC)


def Document(*, nullable: bool = False) -> Any:  # noqa: N802  (reads as a column type)
    """A JSON value, replaced whole and never changed in place (changes in place are not seen)."""
    return Field(sa_column=Column(JSON().with_variant(JSONB(), "postgresql"), nullable=nullable))


def one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Owned(SQLModel):
    """Ids are given by the database, so a row that was never flushed has None in their place."""

    id: int = Field(default=None, primary_key=True)
    organisation_id: int = Field(default=None, foreign_key="organisation.id", index=True, nullable=False)

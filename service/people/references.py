"""Every column that names a person, found in the tables themselves: nobody has to remember a new one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import SQLModel

from service.tables import Person

Column = InstrumentedAttribute[Any]


@cache
def references() -> tuple[tuple[type[SQLModel], Column], ...]:
    """(table, column) of every reference to a person; whatever refers to another of them comes before it."""
    order = {table: at for at, table in enumerate(SQLModel.metadata.sorted_tables)}
    return tuple(sorted(_references(), key=lambda named: -order[inspect(named[0]).local_table]))


def _references() -> Iterator[tuple[type[SQLModel], Column]]:
    person = inspect(Person).local_table
    for mapper in SQLModel._sa_registry.mappers:
        for attribute in mapper.column_attrs:
            if any(key.column.table is person for key in attribute.columns[0].foreign_keys):
                yield mapper.class_, getattr(mapper.class_, attribute.key)

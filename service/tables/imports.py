"""Files of people on their way into the banks, and what each of their rows will do or did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field

from service.tables.base import Document, Owned, now, one_of
from service.tables.people import ROLES

VERDICTS = ("new", "update", "same", "repeated", "ask", "skip", "error")


class Import(Owned, table=True):
    """A file of people on its way into the banks. ``choices`` are what the curator has decided about its columns and
    doubtful rows, ``found`` what was read, ``bank`` the fingerprint of the people that the verdicts were made from.

    ``content`` goes when it is applied; the rows go with ``undone_at``, or when too much time has passed.
    """

    __table_args__ = (one_of("role", "", *ROLES, "nobody"),)

    filename: str
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    role: str = ""
    choices: dict[str, Any] = Document()
    found: dict[str, Any] | None = Document(nullable=True)
    bank: str = ""
    job_id: str = ""
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    planned_at: datetime | None = None
    applied_at: datetime | None = None
    undone_at: datetime | None = None
    failure: str | None = None


class ImportRow(Owned, table=True):
    """What one row of the file will do, or did: ``changes`` are {field: [old, new]}, ``notes`` [[code, values], …],
    ``asks`` [[what is asked, as written, [person ids]], …]. ``person_id`` is whom it is about, once there."""

    __table_args__ = (
        one_of("verdict", *VERDICTS),
        one_of("role", *ROLES, "nobody"),
        UniqueConstraint("import_id", "number"),
    )

    import_id: int = Field(foreign_key="import.id", ondelete="CASCADE")
    number: int
    sheet: str
    line: int
    role: str
    name: str
    verdict: str
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE", index=True)
    changes: dict[str, Any] = Document()
    notes: list[Any] = Document()
    asks: list[Any] = Document()

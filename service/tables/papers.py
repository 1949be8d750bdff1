"""Orders and the templates of documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field

from service.tables.base import Document, Owned, now


class AssignmentOrder(Owned, table=True):
    """A draft order. ``texts`` are its editable parts; ``content`` and ``file`` are frozen when the director
    approves it as final. ``version`` grows with every change, so that nobody overwrites what they have not seen."""

    __table_args__ = (
        Index(
            "uq_assignmentorder_one_draft",
            "organisation_id",
            unique=True,
            sqlite_where=text("approved_at IS NULL"),
            postgresql_where=text("approved_at IS NULL"),
        ),
    )

    texts: dict[str, Any] = Document()
    version: int = 1
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    content: dict[str, Any] | None = Document(nullable=True)
    file: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    approved_at: datetime | None = None
    approved_by: int | None = Field(default=None, foreign_key="account.id")


class DocumentTemplate(Owned, table=True):
    """The organisation's own .docx in place of ours; the latest one that is not withdrawn is used."""

    name: str
    file: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    hash: str
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None

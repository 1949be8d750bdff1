"""Jobs, and the processes that do them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.tables.base import Document, now


class Job(SQLModel, table=True):
    """A job wanted by a committed transaction; ``handed_at`` says when the job engine had it for sure."""

    id: str = Field(primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    kind: str
    payload: dict[str, Any] = Document()
    progress: dict[str, Any] | None = Document(nullable=True)
    attempts: int = 0
    created_at: datetime = Field(default_factory=now)
    handed_at: datetime | None = Field(default=None, index=True)
    cancelled_at: datetime | None = None
    finished_at: datetime | None = None
    failure: str | None = None


class Heartbeat(SQLModel, table=True):
    """A process that does jobs and was alive at ``seen_at``; asked only where there may be several (PostgreSQL)."""

    executor: str = Field(primary_key=True)
    seen_at: datetime

"""Matching runs and the pairs that come of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from service.tables.base import Document, Owned, now, one_of


class Decision(Owned, table=True):
    """What the curator wants of the next runs: keep a pair, forbid it, or leave a person out."""

    __table_args__ = (one_of("kind", "lock", "forbid", "exclude"),)

    kind: str
    mentor_id: int | None = Field(default=None, foreign_key="person.id")
    mentee_id: int | None = Field(default=None, foreign_key="person.id")
    reason: str = ""
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None


class Run(Owned, table=True):
    """One matching run. ``snapshot`` is all that it decides by, so it can be repeated and explained later.

    The job (``started_at``, ``failure``) and the outcome are two facts. ``outcome`` is the engine's answer,
    ``explanation`` what it says of other answers, and the referee's word (runs/explanation.py).
    """

    snapshot: dict[str, Any] = Document()
    outcome: dict[str, Any] | None = Document(nullable=True)
    explanation: dict[str, Any] | None = Document(nullable=True)
    job_id: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    failure: str | None = None
    approved_at: datetime | None = None
    approved_by: int | None = Field(default=None, foreign_key="account.id")


class ProposedPair(Owned, table=True):
    """A pair of a run's proposal with its score broken down: {criterion: points}."""

    __table_args__ = (UniqueConstraint("run_id", "mentee_id"),)

    run_id: int = Field(foreign_key="run.id", index=True)
    mentor_id: int = Field(foreign_key="person.id")
    mentee_id: int = Field(foreign_key="person.id")
    score: int
    breakdown: dict[str, Any] = Document()


class Assignment(Owned, table=True):
    """An approved pair through its life. A mentee has one mentor at a time: ``ended_at`` frees them."""

    __table_args__ = (
        Index(
            "uq_assignment_one_mentor",
            "mentee_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("mentor_id <> mentee_id", name="not_oneself"),
    )

    run_id: int | None = Field(default=None, foreign_key="run.id", index=True)
    mentor_id: int = Field(foreign_key="person.id", index=True)
    mentee_id: int = Field(foreign_key="person.id", index=True)
    order_id: int | None = Field(default=None, foreign_key="assignmentorder.id", index=True)
    form: str = "teacher_teacher"
    kind: str = "traditional"
    topic: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    mentor_accepted_at: datetime | None = None
    mentee_accepted_at: datetime | None = None
    approved_by: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None

"""By what right data of people are kept: texts of consents, what people said to them, other grounds; and what is done
when the right ends: requests, destruction, retention."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from service.tables.base import Document, Owned, now, one_of

CONSENTS = ("processing", "dissemination", "image", "labour", "participation", "guardian")
ASKED = ("no", "optional", "needed")
GROUNDS = ("labour_law", "contract", "law", "before")
REQUESTS = ("withdrawal", "access")
RETAINED = ("participation", "records")


class ConsentText(Owned, table=True):
    """One version of a document, replaced by a newer one: ``body`` is what people read, ``parts`` what it was made of
    ({"purpose": …, "facts": …}; of dissemination also "categories" and "resources", lists). ``months`` is its term.

    Only ``asked`` changes: whether people who come by a link are shown it, and whether matching needs it. Of the older
    versions it is "no"."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "hash"),
        one_of("kind", *CONSENTS),
        one_of("asked", *ASKED),
        CheckConstraint("months BETWEEN 1 AND 600", name="months"),
    )

    kind: str = "processing"
    title: str
    body: str
    hash: str
    parts: dict[str, Any] = Document()
    months: int | None = None
    asked: str = "no"
    checked_on: date | None = None
    created_at: datetime = Field(default_factory=now)


class Consent(Owned, table=True):
    """What a person said about one version of a document; of each ``kind`` the latest row counts, until ``expires_at``.

    ``choices`` are {"categories": […], "prohibitions": …} of dissemination, {"name": …, "relation": …} of a guardian's.
    ``seen`` is what stood around the text then (names, zone), so that the proof says the same for ever; ``signed_on``
    and ``scan`` are the paper's."""

    __table_args__ = (
        one_of("kind", *CONSENTS),
        one_of("state", "given", "refused", "withdrawn"),
        one_of("channel", "link", "paper"),
        Index(
            "ix_consent_no",
            "person_id",
            sqlite_where=text("state <> 'given'"),
            postgresql_where=text("state <> 'given'"),
        ),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    text_id: int = Field(foreign_key="consenttext.id")
    kind: str = "processing"
    state: str
    channel: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    said_at: datetime = Field(default_factory=now)
    expires_at: datetime | None = None
    signed_on: date | None = None
    scan: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    scan_type: str = ""
    choices: dict[str, Any] = Document()
    seen: dict[str, Any] = Document()


class LegalGround(Owned, table=True):
    """Another ground than consent, as somebody recorded it for a person, a wave, or a person in a wave. It serves
    whoever has not refused. Grounds of the kind "before" stand for answers older than this table."""

    __table_args__ = (
        one_of("kind", *GROUNDS),
        CheckConstraint("kind = 'before' OR person_id IS NOT NULL OR wave_id IS NOT NULL", name="whose"),
    )

    kind: str
    citation: str
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    wave_id: int | None = Field(default=None, foreign_key="wave.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    recorded_at: datetime = Field(default_factory=now)
    ended_at: datetime | None = None


class SubjectRequest(Owned, table=True):
    """A person has withdrawn their consent, or asks what is kept about them: to be answered by ``due_on``."""

    __table_args__ = (one_of("kind", *REQUESTS), one_of("channel", "link", "paper"))

    kind: str
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    received_at: datetime = Field(default_factory=now)
    due_on: date
    closed_at: datetime | None = None
    outcome: str = ""


class Destruction(Owned, table=True):
    """That a person's data were destroyed: what the act and the export from the log say. It names nobody."""

    person_id: int = Field(foreign_key="person.id", index=True)
    subject: str
    categories: list[str] = Document()
    reason: str
    by: str
    destroyed_at: datetime = Field(default_factory=now)
    keep_until: date


class Retention(Owned, table=True):
    """For how many months after the purpose is reached data of a kind are kept; nothing goes sooner than a month after
    the term was ``set_at``."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "purpose"),
        one_of("purpose", *RETAINED),
        CheckConstraint("months BETWEEN 1 AND 600", name="months"),
    )

    purpose: str
    months: int
    account_id: int = Field(foreign_key="account.id")
    set_at: datetime = Field(default_factory=now)

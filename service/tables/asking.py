"""Questionnaires, waves, links, and what people answer by name."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from service.tables.base import Document, Owned, now, one_of
from service.tables.people import ROLES

MODES = (
    "named",
    "anonymous",
)  # "blind", where not even we could tell, has its place here and is not offered yet
AUDIENCES = (*ROLES, "everybody")
RHYTHMS = ("monthly", "quarterly", "yearly", "on_completion")
LETTER_STATES = ("waiting", "sending", "sent", "failed", "unknown", "needless")


class Questionnaire(Owned, table=True):
    """``role`` is the bank that the answers fill; a survey fills none."""

    __table_args__ = (UniqueConstraint("organisation_id", "key"), one_of("role", *ROLES))

    key: str
    role: str | None = None
    title: str
    created_at: datetime = Field(default_factory=now)


class QuestionnaireVersion(Owned, table=True):
    """An immutable definition; ``hash`` is its content's SHA-256. The one with the
    greatest ``edition`` is asked: returning to a version is publishing it again."""

    __table_args__ = (UniqueConstraint("questionnaire_id", "hash"),)

    questionnaire_id: int = Field(foreign_key="questionnaire.id", index=True)
    hash: str
    definition: dict[str, Any] = Document()
    created_at: datetime = Field(default_factory=now)
    edition: int = 0


class QuestionnaireDraft(Owned, table=True):
    """A questionnaire that is being written; it may have defects. Curators share it: whoever changes a part says what
    they have seen of it. ``version`` grows with every change; without ``questionnaire_id`` it will be a new one."""

    questionnaire_id: int | None = Field(default=None, foreign_key="questionnaire.id", unique=True)
    definition: dict[str, Any] = Document()
    version: int = 1
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)
    changed_at: datetime = Field(default_factory=now)


class DraftStep(Owned, table=True):
    """The draft before a change of that ``part``; once ``undone``, the draft as the change had left it."""

    __table_args__ = (UniqueConstraint("draft_id", "number"),)

    draft_id: int = Field(foreign_key="questionnairedraft.id", ondelete="CASCADE")
    number: int
    deed: str
    part: str
    definition: dict[str, Any] = Document()
    account_id: int = Field(foreign_key="account.id")
    made_at: datetime = Field(default_factory=now)
    undone: bool = False


class Series(Owned, table=True):
    """Waves that open by themselves, each for ``days`` days: the first on ``starts_on``, or for the pairs that have
    ended since. In ``title`` stand {month}, {year} and {number}; ``mode``, ``threshold`` and ``audience`` are those of
    its waves. ``obstacle`` says why none could open, for people, and ``obstacle_since`` since when."""

    __table_args__ = (
        one_of("rhythm", *RHYTHMS),
        one_of("mode", *MODES),
        one_of("audience", *AUDIENCES),
        CheckConstraint("days BETWEEN 1 AND 366", name="days"),
        CheckConstraint("threshold >= 3", name="threshold"),
    )

    questionnaire_id: int = Field(foreign_key="questionnaire.id", index=True)
    title: str
    rhythm: str
    starts_on: date
    days: int
    mode: str = "named"
    threshold: int = 5
    audience: str = "everybody"
    created_at: datetime = Field(default_factory=now)
    paused_at: datetime | None = None
    obstacle: str | None = None
    obstacle_since: datetime | None = None


class Wave(Owned, table=True):
    """A questionnaire open from–to. Its ``mode`` and ``threshold``, the fewest anonymous answers that are ever shown
    together, are for good: triggers of the database refuse to change them, and a named answer to an anonymous wave.

    ``due_on`` is the day of its series that it stands for: no day is opened twice."""

    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="order"),
        one_of("mode", *MODES),
        one_of("audience", *AUDIENCES),
        CheckConstraint("threshold >= 3", name="threshold"),
        Index("uq_wave_due", "series_id", "due_on", unique=True),
    )

    questionnaire_id: int = Field(foreign_key="questionnaire.id", index=True)
    version_id: int = Field(foreign_key="questionnaireversion.id")
    title: str
    opens_at: datetime
    closes_at: datetime
    created_at: datetime = Field(default_factory=now)
    mode: str = "named"
    threshold: int = 5
    audience: str = "everybody"
    series_id: int | None = Field(default=None, foreign_key="series.id")
    due_on: date | None = None


class PairAsked(Owned, table=True):
    """A pair that has ended, and the wave of a series that asks its people about it: each series asks once."""

    __table_args__ = (UniqueConstraint("series_id", "assignment_id"),)

    series_id: int = Field(foreign_key="series.id")
    assignment_id: int = Field(foreign_key="assignment.id", index=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)


class Mailing(Owned, table=True):
    """Letters to people of a wave, all of a day; in ``text`` stand {имя}, {ссылка}, {срок}. ``failure`` is what kept
    the mail server from taking any more of them."""

    __table_args__ = (UniqueConstraint("wave_id", "day"),)

    wave_id: int = Field(foreign_key="wave.id")
    day: date
    subject: str
    text: str
    account_id: int = Field(foreign_key="account.id")
    job_id: str
    failure: str | None = None
    created_at: datetime = Field(default_factory=now)


class Letter(Owned, table=True):
    """One letter to one person. It is ``sending`` from before its text leaves until the server has answered; what was
    cut off in between is ``unknown`` and never sent again by itself. ``reason`` says why it failed."""

    __table_args__ = (UniqueConstraint("mailing_id", "person_id"), one_of("state", *LETTER_STATES))

    mailing_id: int = Field(foreign_key="mailing.id")
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    state: str = "waiting"
    reason: str | None = None
    changed_at: datetime = Field(default_factory=now)


class TicketTaken(SQLModel, table=True):
    """Who has exchanged their link to an anonymous wave for a ticket: no time, no order, and not which
    (service/ballots.py)."""

    __table_args__ = ({"sqlite_with_rowid": False},)

    wave_id: int = Field(foreign_key="wave.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)


class Link(Owned, table=True):
    """Who holds the token made from ``key`` may answer; without a person it is the wave's common link. A newcomer who
    turned out to be somebody of the list has two: the one made for them and the one they came by."""

    key: str = Field(unique=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now)


class Submission(Owned, table=True):
    """What a person sent. One is current in a wave; the replaced ones are its history.

    ``key`` is the opened page's, ``fingerprint`` the answers': the same page with the same answers is one row.
    It is kept by a consent or by another ground of the same person: triggers refuse what was not in force then.
    """

    __table_args__ = (
        UniqueConstraint("key", "fingerprint"),
        one_of("channel", "link", "paper"),
        CheckConstraint("(consent_id IS NULL) <> (legal_ground_id IS NULL)", name="ground"),
        Index(
            "uq_submission_current",
            "wave_id",
            "person_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    wave_id: int = Field(foreign_key="wave.id", index=True)
    version_id: int = Field(foreign_key="questionnaireversion.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    key: str
    fingerprint: str
    answers: dict[str, Any] = Document()
    channel: str = "link"
    account_id: int | None = Field(default=None, foreign_key="account.id")
    submitted_at: datetime = Field(default_factory=now)
    replaced_at: datetime | None = None
    consent_id: int | None = Field(default=None, foreign_key="consent.id")
    legal_ground_id: int | None = Field(default=None, foreign_key="legalground.id")


class Draft(Owned, table=True):
    """What a person has typed and not sent yet: [[name, value], …] as posted, on whatever page. Every step replaces
    it, sending removes it. ``opened_at`` is the opening that it belongs to, ``page`` where the person is."""

    __table_args__ = (UniqueConstraint("wave_id", "person_id"),)

    wave_id: int = Field(foreign_key="wave.id")
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    typed: list[list[str]] = Document()
    page: int = 0
    opened_at: datetime
    saved_at: datetime = Field(default_factory=now)


class Attachment(Owned, table=True):
    """A file that a person has given to a question, under a random ``key``, which is what the answer says."""

    key: str = Field(unique=True)
    wave_id: int = Field(foreign_key="wave.id", index=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    name: str
    type: str
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(default_factory=now)

"""The whole schema on one page. Columns and constraints only: behaviour lives in the slices.

Every ``Owned`` row belongs to an organisation; database.py filters and stamps ``organisation_id`` in one place.
Moments say what happened (``closed_at``, ``withdrawn_at``); they are aware, in UTC. Ids never leave the staff side.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, Column, Index, LargeBinary, MetaData, UniqueConstraint, text
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

Role = Literal["mentor", "mentee"]
ROLES: tuple[Role, Role] = ("mentor", "mentee")
MODES = (
    "named",
    "anonymous",
)  # "blind", where not even we could tell, has its place here and is not offered yet
AUDIENCES = (*ROLES, "everybody")
RHYTHMS = ("monthly", "quarterly", "yearly")


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


# --- the organisation and its staff


class Organisation(SQLModel, table=True):
    """``legal_bases`` and the other texts of orders are data that the curator edits, never rules of ours."""

    id: int = Field(default=None, primary_key=True)
    full_name: str
    short_name: str
    founder_line: str = ""
    place: str = ""
    address: str = ""
    inn: str = ""
    ogrn: str = ""
    head_post: str = ""
    head_name: str = ""
    school_year: str = ""
    programme_months: int = 9
    zone: str = "Europe/Moscow"
    order_texts: dict[str, Any] = Document()


class Account(Owned, table=True):
    __table_args__ = (one_of("role", "curator", "director"),)

    login: str = Field(unique=True)
    password_hash: str
    role: str
    name: str
    post: str = ""
    created_at: datetime = Field(default_factory=now)
    disabled_at: datetime | None = None


class SignIn(Owned, table=True):
    """A staff session. The browser holds a random token, we hold its SHA-256."""

    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime


class Attempt(SQLModel, table=True):
    """How often something was tried within a window of time; ``key`` is a hash."""

    key: str = Field(primary_key=True)
    window: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    count: int = 0


# --- people and consents


class Person(Owned, table=True):
    """``cases`` overrides inflected forms ({"name": {"dative": …}}); ``confirmed_at`` is empty for a newcomer
    who introduced themselves by a common link until the curator has looked."""

    __table_args__ = (CheckConstraint("gender IN ('f', 'm')", name="gender"),)

    last_name: str
    first_name: str
    patronymic: str = ""
    sort_name: str = Field(index=True)
    gender: str | None = None
    post: str = ""
    contact: str = ""
    cases: dict[str, Any] = Document()
    created_at: datetime = Field(default_factory=now)
    confirmed_at: datetime | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)


class Membership(Owned, table=True):
    """A person's place in a bank: as a mentor (with ``places``) or as a mentee (with ``priority``, 0 is first).

    ``profile`` is what the person answered last, or the curator entered for them; empty until then.
    """

    __table_args__ = (
        UniqueConstraint("person_id", "role"),
        one_of("role", *ROLES),
        CheckConstraint("places BETWEEN 0 AND 1000", name="places"),
        CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    role: str
    places: int = 0
    priority: int = 0
    profile: dict[str, Any] | None = Document(nullable=True)
    profile_at: datetime | None = None
    created_at: datetime = Field(default_factory=now)
    withdrawn_at: datetime | None = None


class Team(Owned, table=True):
    """A group of mentees that exists already: they get one mentor together, or wait together."""

    name: str
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)


class TeamMember(Owned, table=True):
    """A mentee is in one group at most."""

    team_id: int = Field(foreign_key="team.id", index=True)
    person_id: int = Field(foreign_key="person.id", unique=True)


class ConsentText(Owned, table=True):
    """One version of the consent document; never changed, replaced by a newer version."""

    __table_args__ = (UniqueConstraint("organisation_id", "hash"),)

    title: str
    body: str
    hash: str
    checked_on: date | None = None
    created_at: datetime = Field(default_factory=now)


class Consent(Owned, table=True):
    """What a person said about one version of the text. The latest row of a person counts."""

    __table_args__ = (
        one_of("state", "given", "refused", "withdrawn"),
        one_of("channel", "link", "paper"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    text_id: int = Field(foreign_key="consenttext.id")
    state: str
    channel: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    said_at: datetime = Field(default_factory=now)


# --- questionnaires and answers


class Questionnaire(Owned, table=True):
    """``role`` is the bank that the answers fill; a survey fills none."""

    __table_args__ = (UniqueConstraint("organisation_id", "key"), one_of("role", *ROLES))

    key: str
    role: str | None = None
    title: str
    created_at: datetime = Field(default_factory=now)


class QuestionnaireVersion(Owned, table=True):
    """An immutable definition; ``hash`` is its content's SHA-256."""

    __table_args__ = (UniqueConstraint("questionnaire_id", "hash"),)

    questionnaire_id: int = Field(foreign_key="questionnaire.id", index=True)
    hash: str
    definition: dict[str, Any] = Document()
    created_at: datetime = Field(default_factory=now)


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
    """Waves that open by themselves: the first on ``starts_on``, each for ``days`` days. In ``title`` stand {month},
    {year} and {number}; ``mode``, ``threshold`` and ``audience`` are those of its waves."""

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
    """

    __table_args__ = (
        UniqueConstraint("key", "fingerprint"),
        one_of("channel", "link", "paper"),
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


# --- matching


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


# --- documents


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


# --- jobs


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

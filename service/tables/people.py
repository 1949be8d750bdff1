"""The banks: people, their places as mentors and mentees, their consents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from service.tables.base import Document, Owned, now, one_of

Role = Literal["mentor", "mentee"]
ROLES: tuple[Role, Role] = ("mentor", "mentee")


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

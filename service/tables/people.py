"""The banks: people, their places as mentors and mentees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from service.tables.base import Document, Owned, now, one_of

Role = Literal["mentor", "mentee"]
ROLES: tuple[Role, Role] = ("mentor", "mentee")
PARTICIPANTS = ("employee", "pupil", "student", "parent", "external")
LEARNERS = ("pupil", "student")
CATEGORIES = ("", "none", "compliance", "first", "highest", "methodist", "mentor")


def _several() -> Any:
    return Field(
        default_factory=list, sa_column=Column(JSON().with_variant(JSONB(), "postgresql"), nullable=False)
    )


class Person(Owned, table=True):
    """``cases`` overrides inflected forms ({"name": {"dative": …}}); ``confirmed_at`` is empty for a newcomer
    who introduced themselves by a common link until the curator has looked. ``directions`` are codes of the six or
    the organisation's own words. Whoever turned out to be somebody else is ``merged_into`` them, and only history.
    Of whoever is ``erased_at`` only a number is left."""

    __table_args__ = (
        CheckConstraint("gender IN ('f', 'm')", name="gender"),
        one_of("kind", *PARTICIPANTS),
        one_of("category", *CATEGORIES),
        CheckConstraint("experience_years BETWEEN 0 AND 80", name="experience_years"),
        CheckConstraint("birth_date IS NULL OR kind IN ('pupil', 'student')", name="birth_date"),
    )

    last_name: str
    first_name: str
    patronymic: str = ""
    sort_name: str = Field(index=True)
    gender: str | None = None
    post: str = ""
    kind: str = "employee"
    category: str = ""
    experience_years: int | None = None
    directions: list[str] = _several()
    sites: list[str] = _several()
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    cases: dict[str, Any] = Document()
    created_at: datetime = Field(default_factory=now)
    confirmed_at: datetime | None = None
    merged_into: int | None = Field(default=None, foreign_key="person.id", index=True)
    erased_at: datetime | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name, self.patronymic) if part)

    @property
    def contact(self) -> str:
        return ", ".join(part for part in (self.email, self.phone) if part)


class Membership(Owned, table=True):
    """A person's place in a bank: as a mentor (with ``places``) or as a mentee (with ``priority``, 0 is first).

    ``profile`` is what the person answered last, at ``profile_at``; without that moment it is what the curator's
    lists say of them. Empty until then.
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


class Absence(Owned, table=True):
    """When somebody who is back in a bank was out of it; ``Membership.withdrawn_at`` begins the one that lasts."""

    membership_id: int = Field(foreign_key="membership.id", ondelete="CASCADE", index=True)
    since: datetime
    until: datetime


class Team(Owned, table=True):
    """A group of mentees that exists already: they get one mentor together, or wait together."""

    name: str
    representative_id: int | None = Field(default=None, foreign_key="person.id")
    account_id: int = Field(foreign_key="account.id")
    created_at: datetime = Field(default_factory=now)


class TeamMember(Owned, table=True):
    """A mentee is in one group at most."""

    team_id: int = Field(foreign_key="team.id", index=True)
    person_id: int = Field(foreign_key="person.id", unique=True)

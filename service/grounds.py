"""By what right a person's answers are kept now: their consent, a guardian's for a minor, or another recorded ground.

Minors (Federal Law 152-FZ says "representative" and no age; the safe reading of the ministries' recommendations): under
18 a guardian consents, from 14 on the person as well. An age is reached on the day after the birthday.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select

from service.tables import Consent, LegalGround, Person

OWN_WORD, ADULT = 14, 18  # years
CONSENT = ("processing", "guardian")


class Word(NamedTuple):
    """The latest that was said to a document of one kind."""

    id: int
    state: str
    expires_at: datetime | None

    def at(self, moment: datetime) -> str | None:
        """given, refused or withdrawn; None once its term is over."""
        return None if self.expires_at and self.expires_at <= moment else self.state


@dataclass(frozen=True)
class Standing:
    """``word`` is "given" where answers may be kept, by ``consent_id`` or by ``legal_ground_id``; "refused",
    "withdrawn", or None while something is still to be said. ``wanted`` are the kinds to be asked about."""

    word: str | None
    consent_id: int | None = None
    legal_ground_id: int | None = None
    wanted: tuple[str, ...] = ()


def wanted_of(kind: str, birth_date: date | None, today: date) -> tuple[str, ...]:
    """Whose consents it takes. A pupil of unknown age counts as one who is between 14 and 18."""
    if birth_date is None:
        return ("guardian", "processing") if kind == "pupil" else ("processing",)
    if today <= _birthday(birth_date, OWN_WORD):
        return ("guardian",)
    return ("guardian", "processing") if today <= _birthday(birth_date, ADULT) else ("processing",)


def _birthday(birth_date: date, years: int) -> date:
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:  # 29 February
        return date(birth_date.year + years, 3, 1)


def standing(
    wanted: tuple[str, ...],
    own: Word | None,
    guardian: Word | None,
    legal_ground_id: int | None,
    moment: datetime,
) -> Standing:
    words = {"processing": own, "guardian": guardian}
    asked = [word for kind in wanted if (word := words[kind])]
    said = [word.at(moment) for word in asked]
    for no in ("withdrawn", "refused"):
        if no in said:
            return Standing(no, wanted=wanted)
    if len(asked) == len(wanted) and None not in said:
        return Standing("given", consent_id=asked[-1].id, wanted=wanted)
    if legal_ground_id:
        return Standing("given", legal_ground_id=legal_ground_id, wanted=wanted)
    return Standing(None, wanted=wanted)


def refusing() -> Any:
    """The ids of those who refused or took back a consent: until they are destroyed, what they said is used nowhere."""
    later = aliased(Consent)
    again = exists().where(
        col(later.person_id) == Consent.person_id,
        col(later.kind) == Consent.kind,
        col(later.id) > Consent.id,
    )
    return select(Consent.person_id).where(Consent.state != "given", col(Consent.kind).in_(CONSENT), ~again)


# --- for statements that ask for it along with something else


OWN, GUARDIAN = aliased(Consent), aliased(Consent)


def latest(word: type[Consent], kind: str, person: Any = Person.id) -> Any:
    """A condition of joining ``word``: the latest that the person said to the document of that kind."""
    last = aliased(Consent)
    return word.id == (
        select(last.id)
        .where(last.person_id == person, last.kind == kind)
        .order_by(col(last.id).desc())
        .limit(1)
        .scalar_subquery()
    )


def legal_ground(person: Any, wave: Any) -> Any:
    """The id of another ground that is in force for the person and the wave."""
    return (
        select(LegalGround.id)
        .where(
            LegalGround.kind != "before",
            col(LegalGround.ended_at).is_(None),
            or_(col(LegalGround.person_id).is_(None), LegalGround.person_id == person),
            or_(col(LegalGround.wave_id).is_(None), LegalGround.wave_id == wave),
        )
        .limit(1)
        .scalar_subquery()
    )


COLUMNS = (OWN.id, OWN.state, OWN.expires_at, GUARDIAN.id, GUARDIAN.state, GUARDIAN.expires_at)


def read(
    row: Sequence[Any], kind: str, birth_date: date | None, legal_ground_id: int | None, moment: datetime
) -> Standing:
    """``row``: the values of ``COLUMNS``."""
    own, guardian = (Word(*part) if part[0] else None for part in (row[:3], row[3:6]))
    return standing(wanted_of(kind, birth_date, moment.date()), own, guardian, legal_ground_id, moment)

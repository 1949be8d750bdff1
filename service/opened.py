"""What a respondent's link or ticket opens: whose wave, which version, what the person has said and sent so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists
from sqlalchemy.orm import defer
from sqlmodel import Session, and_, col, select

from service import grounds
from service.database import EVERYWHERE
from service.tables import (
    Consent,
    ConsentText,
    Draft,
    Link,
    Organisation,
    Person,
    Questionnaire,
    QuestionnaireVersion,
    Submission,
    Wave,
    now,
)


@dataclass(frozen=True)
class Opened:
    """What the link (or ticket) with this ``key`` opens, and the ``role`` that is asked about, if any. There is no
    person behind a wave's common link or a ticket; ``sent_as`` is the key of the page that their current answers came
    by, ``drafted_at`` when they last left something unsent. ``consent`` is "given" where answers may be kept (see
    grounds.py), ``wanted`` are the consents that this takes; ``unsaid``: they are to be shown some other document."""

    key: str
    organisation: Organisation
    wave: Wave
    role: str | None
    version_hash: str
    person: Person | None = None
    consent: str | None = None
    sent_as: str | None = None
    sent_at: datetime | None = None
    drafted_at: datetime | None = None
    wanted: tuple[str, ...] = ()
    unsaid: bool = False


def _opened(
    key: str,
    organisation: Organisation,
    wave: Wave,
    role: str | None,
    version_hash: str,
    person: Person | None,
    sent_as: str | None,
    sent_at: datetime | None,
    drafted_at: datetime | None,
    unsaid: bool,
    *said: Any,
) -> Opened:
    """What ``_OPENED`` finds. ``said``: another ground than consent, and the columns of grounds.py."""
    known = (key, organisation, wave, role, version_hash)
    if person is None:
        return Opened(*known)
    standing = grounds.read(said[1:], person.kind, person.birth_date, said[0], now())
    return Opened(*known, person, standing.word, sent_as, sent_at, drafted_at, standing.wanted, bool(unsaid))


def opened_by_link(session: Session, key: str) -> Opened | None:
    """By one question to the database: every page of a respondent begins with it."""
    row = session.exec(_OPENED, params={"key": key}, execution_options=EVERYWHERE).first()
    return _opened(*row) if row else None


def opened_by_ticket(session: Session, key: str, wave_id: int) -> Opened | None:
    row = session.exec(_ASKED, params={"wave": wave_id}, execution_options=EVERYWHERE).first()
    return Opened(key, *row) if row else None


_UNSAID = exists().where(
    col(ConsentText.organisation_id) == Link.organisation_id,
    col(ConsentText.kind) != "processing",
    col(ConsentText.asked) != "no",
    ~exists().where(col(Consent.person_id) == Person.id, col(Consent.kind) == ConsentText.kind),
)
_OPENED = (
    select(  # type: ignore[call-overload]  # typed for up to four
        Link.key,
        Organisation,
        Wave,
        Questionnaire.role,
        QuestionnaireVersion.hash,
        Person,
        Submission.key,
        Submission.submitted_at,
        Draft.saved_at,
        _UNSAID,
        grounds.legal_ground(Link.person_id, Link.wave_id),
        *grounds.COLUMNS,
    )
    .select_from(Link)
    .join(Organisation, col(Organisation.id) == col(Link.organisation_id))
    .join(Wave, col(Wave.id) == col(Link.wave_id))
    .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
    .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
    .join(Person, col(Person.id) == col(Link.person_id), isouter=True)
    .join(grounds.OWN, grounds.latest(grounds.OWN, "processing"), isouter=True)
    .join(grounds.GUARDIAN, grounds.latest(grounds.GUARDIAN, "guardian"), isouter=True)
    .join(
        Submission,
        and_(
            col(Submission.wave_id) == col(Link.wave_id),
            col(Submission.person_id) == col(Link.person_id),
            col(Submission.replaced_at).is_(None),
        ),
        isouter=True,
    )
    .join(
        Draft,
        and_(col(Draft.wave_id) == col(Link.wave_id), col(Draft.person_id) == col(Link.person_id)),
        isouter=True,
    )
    .where(col(Link.key) == bindparam("key"))
    .options(defer(Organisation.order_texts))  # type: ignore[arg-type]
)


_ASKED = (
    select(Organisation, Wave, Questionnaire.role, QuestionnaireVersion.hash)
    .select_from(Wave)
    .join(Organisation, col(Organisation.id) == col(Wave.organisation_id))
    .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
    .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
    .where(col(Wave.id) == bindparam("wave"))
    .options(defer(Organisation.order_texts))  # type: ignore[arg-type]
)

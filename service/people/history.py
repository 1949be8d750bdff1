"""The bank as it was on a past day, out of the moments that rows keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from service.tables import (
    Absence,
    Assignment,
    Consent,
    Membership,
    Person,
    Questionnaire,
    Submission,
    Wave,
)


@dataclass(frozen=True)
class Then:
    """A person of a bank and how it stood with them; the names and posts are today's."""

    person: Person
    status: str


def bank_at(session: Session, role: str, moment: datetime) -> list[Then]:
    """By name; the statuses are those of ``queries.Member``."""
    rows = session.exec(
        select(Person, Membership)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.role == role, Membership.created_at <= moment, Person.created_at <= moment)
        .order_by(col(Person.sort_name), col(Person.id))
    ).all()
    away = _away(session, moment)
    paired, said, answered = (
        _paired(session, role, moment),
        _said(session, moment),
        _answered(session, role, moment),
    )
    return [
        Then(person, _status(person, membership, moment, paired, said, answered))
        for person, membership in rows
        if membership.id not in away and not (membership.withdrawn_at and membership.withdrawn_at <= moment)
    ]


def _status(
    person: Person,
    membership: Membership,
    moment: datetime,
    paired: set[int],
    said: dict[int, str],
    answered: set[int],
) -> str:
    word = said.get(person.id)
    by_list = membership.profile is not None and membership.profile_at is None
    reasons = {
        "paired": person.id in paired and word not in ("refused", "withdrawn"),
        "awaiting_confirmation": person.confirmed_at is None or person.confirmed_at > moment,
        "refused": word in ("refused", "withdrawn"),
        "awaiting_consent": word is None,
        "awaiting_answers": not (by_list or person.id in answered),
    }
    return next((reason for reason, holds in reasons.items() if holds), "ready")


def _away(session: Session, moment: datetime) -> set[int]:
    absent = select(Absence.membership_id).where(Absence.since <= moment, Absence.until > moment)
    return set(session.exec(absent).all())


def _paired(session: Session, role: str, moment: datetime) -> set[int]:
    column = Assignment.mentor_id if role == "mentor" else Assignment.mentee_id
    lasting = or_(col(Assignment.ended_at).is_(None), col(Assignment.ended_at) > moment)
    return set(session.exec(select(column).where(Assignment.created_at <= moment, lasting)).all())


def _said(session: Session, moment: datetime) -> dict[int, str]:
    """person id → their latest word by then."""
    words: Sequence[tuple[int, str]] = session.exec(
        select(Consent.person_id, Consent.state)
        .where(Consent.kind == "processing", Consent.said_at <= moment)
        .order_by(col(Consent.id))
    ).all()
    return dict(words)


def _answered(session: Session, role: str, moment: datetime) -> set[int]:
    replies = (
        select(Submission.person_id)
        .join(Wave, col(Wave.id) == col(Submission.wave_id))
        .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
        .where(Questionnaire.role == role, Submission.submitted_at <= moment)
    )
    return set(session.exec(replies).all())

"""Adding, changing, confirming and withdrawing people. A newcomer is never joined to the list silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlmodel import Session, col, delete, select, update

from service.errors import Conflict
from service.i18n import N_
from service.names import sort_name
from service.tables import (
    ROLES,
    Assignment,
    Attachment,
    Consent,
    Decision,
    Link,
    Membership,
    Person,
    Submission,
    now,
)

LIKENESS = 0.75


def add(session: Session, card: Mapping[str, Any]) -> Person:
    person = Person(**_own(card), sort_name=sort_name(card), cases={}, confirmed_at=now())
    session.add(person)
    session.flush()
    _set_memberships(session, person, card)
    return person


def change(session: Session, person: Person, card: Mapping[str, Any]) -> None:
    person.sqlmodel_update({**_own(card), "sort_name": sort_name(card)})
    _set_memberships(session, person, card)


def namesakes(session: Session, card: Mapping[str, Any], but: int | None = None) -> list[Person]:
    """Confirmed people of the same name, ё and е being one letter."""
    same = select(Person).where(Person.sort_name == sort_name(card), col(Person.confirmed_at).is_not(None))
    return [person for person in session.exec(same).all() if person.id != but]


def look_alikes(newcomer: Person, listed: Sequence[Person]) -> list[Person]:
    """Whom of the people ``listed`` a newcomer may be, the likeliest first."""
    likeness = {person.id: _likeness(person.sort_name, newcomer.sort_name) for person in listed}
    alike = [person for person in listed if likeness[person.id] >= LIKENESS]
    return sorted(alike, key=lambda person: -likeness[person.id])[:5]


def _likeness(left: str, right: str) -> float:
    if set(right.split()) <= set(left.split()) or set(left.split()) <= set(right.split()):
        return 1.0
    return SequenceMatcher(None, left, right).ratio()


def confirm(session: Session, newcomer: Person) -> None:
    """The newcomer is a new person of the list."""
    _refuse_twice(newcomer)
    newcomer.confirmed_at = now()


def reject(session: Session, newcomer: Person) -> None:
    """Nobody whom the organisation knows: all that was said and sent goes, with the link."""
    _refuse_twice(newcomer)
    for table, column in (*_WHOSE, (Membership, col(Membership.person_id))):
        session.exec(delete(table).where(column == newcomer.id))
    session.delete(newcomer)


def join(session: Session, newcomer: Person, person: Person) -> None:
    """The newcomer is ``person``: what they said and sent becomes the person's, the later word counting; both links
    go on working."""
    _refuse_twice(newcomer)
    _replace_earlier(session, newcomer, person)
    for table, column in _WHOSE:
        session.exec(update(table).where(column == newcomer.id).values({column: person.id}))
    for membership in session.exec(select(Membership).where(Membership.person_id == newcomer.id)).all():
        _join_membership(session, membership, person)
    session.flush()
    session.delete(newcomer)


_WHOSE = (
    (Link, col(Link.person_id)),
    (Consent, col(Consent.person_id)),
    (Submission, col(Submission.person_id)),
    (Attachment, col(Attachment.person_id)),
    (Decision, col(Decision.mentor_id)),
    (Decision, col(Decision.mentee_id)),
)


def _refuse_twice(newcomer: Person) -> None:
    if newcomer.confirmed_at:
        raise Conflict(N_("This newcomer has already been looked at."))


def _replace_earlier(session: Session, newcomer: Person, person: Person) -> None:
    """Where both have answered a wave, the later answer stays current and the other becomes history."""
    current = col(Submission.replaced_at).is_(None)
    mine = session.exec(select(Submission).where(Submission.person_id == person.id, current)).all()
    by_wave = {row.wave_id: row for row in mine}
    for row in session.exec(select(Submission).where(Submission.person_id == newcomer.id, current)).all():
        if other := by_wave.get(row.wave_id):
            min(row, other, key=lambda submission: submission.submitted_at).replaced_at = now()
    session.flush()


def _join_membership(session: Session, membership: Membership, person: Person) -> None:
    listed = session.exec(
        select(Membership).where(Membership.person_id == person.id, Membership.role == membership.role)
    ).first()
    if listed is None:
        membership.person_id = person.id
        return
    if membership.profile_at and (listed.profile_at is None or membership.profile_at > listed.profile_at):
        listed.profile, listed.profile_at = membership.profile, membership.profile_at
        listed.places = membership.places or listed.places
    session.delete(membership)


def withdraw(session: Session, membership: Membership) -> None:
    """Take a person out of a bank; those who are in a pair finish that first."""
    session.flush()
    session.refresh(membership, with_for_update=True)
    column = Assignment.mentor_id if membership.role == "mentor" else Assignment.mentee_id
    busy = select(Assignment.id).where(column == membership.person_id, col(Assignment.ended_at).is_(None))
    if session.exec(busy).first():
        raise Conflict(
            N_("This person is in a pair now."),
            N_("End the pair on the page of pairs first, then withdraw the person."),
        )
    membership.withdrawn_at = membership.withdrawn_at or now()


def set_terms(session: Session, membership: Membership, places: int, priority: int) -> None:
    membership.places, membership.priority = places, priority


def restore(session: Session, membership: Membership) -> None:
    membership.withdrawn_at = None


def _own(card: Mapping[str, Any]) -> dict[str, Any]:
    gender = card.get("gender")
    columns = ("last_name", "first_name", "patronymic", "post", "contact")
    return {name: card.get(name, "") for name in columns} | {
        "gender": gender if gender in ("f", "m") else None
    }


def _set_memberships(session: Session, person: Person, card: Mapping[str, Any]) -> None:
    there = {
        row.role: row
        for row in session.exec(select(Membership).where(Membership.person_id == person.id)).all()
    }
    for role in ROLES:
        if card.get(f"is_{role}"):
            row = there.get(role) or Membership(person_id=person.id, role=role)
            row.places, row.priority = card.get("places", row.places), card.get("priority", row.priority)
            row.withdrawn_at = None
            session.add(row)
        elif role in there and not there[role].withdrawn_at:
            withdraw(session, there[role])

"""Adding, changing, confirming and withdrawing people. A newcomer is never joined to the list silently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from service.errors import Conflict
from service.i18n import N_
from service.names import gender_by, sort_name
from service.people import merging
from service.tables import ROLES, Absence, Assignment, Membership, Person, now

LIKENESS = 0.75
COLUMNS = (
    "last_name", "first_name", "patronymic", "post", "kind", "category", "experience_years", "directions", "sites",
    "email", "phone", "birth_date",
)  # fmt: skip


def add(session: Session, card: Mapping[str, Any]) -> Person:
    person = Person(**_own(card), sort_name=sort_name(card), cases={}, confirmed_at=now())
    session.add(person)
    session.flush()
    _set_memberships(session, person, card)
    return person


def change(session: Session, person: Person, card: Mapping[str, Any]) -> None:
    person.sqlmodel_update({**_own(card), "sort_name": sort_name(card)})
    _set_memberships(session, person, card)


def listed() -> SelectOfScalar[Person]:
    """Whom the curator knows, everybody once."""
    known = col(Person.confirmed_at).is_not(None), col(Person.merged_into).is_(None)
    return select(Person).where(*known, col(Person.erased_at).is_(None))


def page_of(
    session: Session, text: str, page: int, size: int
) -> tuple[list[Person], Mapping[int, list[str]], bool]:
    """(people whose name or post has ``text``, their roles, whether there are more)"""
    wanted = f"%{text.casefold().replace('ё', 'е')}%"
    fitting = listed().where(or_(col(Person.sort_name).like(wanted), col(Person.post).like(f"%{text}%")))
    people = session.exec(
        fitting.order_by(col(Person.sort_name), col(Person.id)).offset((page - 1) * size).limit(size + 1)
    ).all()
    roles: dict[int, list[str]] = {person.id: [] for person in people}
    present = select(Membership).where(
        col(Membership.person_id).in_(roles), col(Membership.withdrawn_at).is_(None)
    )
    for row in session.exec(present.order_by(col(Membership.role).desc())).all():
        roles[row.person_id].append(row.role)
    return list(people[:size]), roles, len(people) > size


def newcomers(session: Session) -> Sequence[Person]:
    waiting = select(Person).where(col(Person.confirmed_at).is_(None))
    return session.exec(waiting.order_by(col(Person.sort_name))).all()


def namesakes(session: Session, card: Mapping[str, Any], but: int | None = None) -> list[Person]:
    """Confirmed people of the same name, ё and е being one letter."""
    same = listed().where(Person.sort_name == sort_name(card))
    return [person for person in session.exec(same).all() if person.id != but]


def look_alikes(newcomer: Person, people: Sequence[Person]) -> list[Person]:
    """Whom of the people a newcomer may be, the likeliest first."""
    likeness = {person.id: _likeness(person.sort_name, newcomer.sort_name) for person in people}
    alike = [person for person in people if likeness[person.id] >= LIKENESS]
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
    merging.forget(session, newcomer)


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


def _refuse_twice(newcomer: Person) -> None:
    if newcomer.confirmed_at:
        raise Conflict(N_("This newcomer has already been looked at."))


def set_terms(session: Session, membership: Membership, places: int, priority: int) -> None:
    membership.places, membership.priority = places, priority


def restore(session: Session, membership: Membership) -> None:
    """Back in the bank; that they were out of it stays on record."""
    if membership.withdrawn_at and membership.id:
        session.add(Absence(membership_id=membership.id, since=membership.withdrawn_at, until=now()))
    membership.withdrawn_at = None


def _own(card: Mapping[str, Any]) -> dict[str, Any]:
    """What the card says; the gender that the patronymic tells where it is not said."""
    own = {key: card[key] for key in COLUMNS if key in card}
    return own | {"gender": card.get("gender") or gender_by(card.get("patronymic", ""))}


def _set_memberships(session: Session, person: Person, card: Mapping[str, Any]) -> None:
    there = {
        row.role: row
        for row in session.exec(select(Membership).where(Membership.person_id == person.id)).all()
    }
    for role in ROLES:
        if card.get(f"is_{role}"):
            row = there.get(role) or Membership(person_id=person.id, role=role)
            row.places, row.priority = card.get("places", row.places), card.get("priority", row.priority)
            restore(session, row)
            session.add(row)
        elif role in there and not there[role].withdrawn_at:
            withdraw(session, there[role])

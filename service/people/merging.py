"""Two entries of the list that are one person become one; what was said, sent and agreed stays on record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, delete, select, update

from service.errors import Conflict
from service.i18n import N_
from service.people.references import Column, references
from service.tables import (
    LEARNERS,
    Absence,
    Assignment,
    Draft,
    Letter,
    Membership,
    Person,
    ProposedPair,
    Submission,
    TeamMember,
    TicketTaken,
    now,
)

FILLED = (
    "patronymic",
    "gender",
    "post",
    "category",
    "experience_years",
    "directions",
    "sites",
    "email",
    "phone",
)
TWICE = (Draft, Letter, ProposedPair, TeamMember)  # one of a kind for a person: both may have it
NAMING = ("wishes", "undesired")


def join(session: Session, newcomer: Person, person: Person) -> None:
    """The newcomer is ``person``: what they said and sent becomes the person's, the later word counting; both links
    go on working."""
    if newcomer.confirmed_at:
        raise Conflict(N_("This newcomer has already been looked at."))
    _move_everything(session, newcomer, person)
    forget(session, newcomer)


def forget(session: Session, person: Person) -> None:
    """With all that speaks of them."""
    for table, column in references():
        if table not in (Person, TicketTaken):
            session.exec(delete(table).where(column == person.id))
    session.delete(person)


def merge(session: Session, one: Person, into: Person) -> None:
    """``one`` is the same person as ``into`` and stays only as a trace: whatever spoke of them speaks of ``into``.
    What would be there twice (a ticket taken by both, a proposal of one run) stays with the trace."""
    _hold(session, one, into)
    _refuse_pairs(session, one, into)
    _move_everything(session, one, into)
    for key in FILLED:
        if not getattr(into, key):
            setattr(into, key, getattr(one, key))
    if one.kind in LEARNERS and into.birth_date is None:  # whose guardian is to be asked
        into.kind, into.birth_date = one.kind, one.birth_date
    one.merged_into = into.id


def _hold(session: Session, one: Person, into: Person) -> None:
    for person in sorted((one, into), key=lambda person: person.id):
        session.refresh(person, with_for_update=True)
        if person.merged_into or person.confirmed_at is None:
            raise Conflict(N_("One of the two is no longer in the list."))
    if one.id == into.id:
        raise Conflict(N_("This is one and the same entry of the list."))


def _refuse_pairs(session: Session, one: Person, into: Person) -> None:
    both = (one.id, into.id)
    together = select(Assignment.id).where(
        col(Assignment.mentor_id).in_(both), col(Assignment.mentee_id).in_(both)
    )
    mentees = select(Assignment.id).where(
        col(Assignment.mentee_id).in_(both), col(Assignment.ended_at).is_(None)
    )
    if session.exec(together).first():
        raise Conflict(N_("These two are or were a pair with each other: they cannot be one person."))
    if len(session.exec(mentees).all()) > 1:
        raise Conflict(
            N_("Both have a mentor now, and one person has one mentor at a time."),
            N_("End one of the two pairs first, then merge."),
        )


def _move_everything(session: Session, one: Person, into: Person) -> None:
    _replace_earlier(session, one, into)
    for membership in session.exec(select(Membership).where(Membership.person_id == one.id)).all():
        _join_membership(session, membership, into)
    session.flush()
    for table, column in reversed(references()):  # a consent before the answers that rest on it
        if table is not TicketTaken:  # of anonymous waves the staff may not even see who has come
            _move(session, table, column, one.id, into.id)
    _rename_in_wishes(session, str(one.id), str(into.id))
    session.flush()


def _replace_earlier(session: Session, one: Person, into: Person) -> None:
    """Where both have answered a wave, the later answer stays current and the other becomes history."""
    current = col(Submission.replaced_at).is_(None)
    mine = session.exec(select(Submission).where(Submission.person_id == into.id, current)).all()
    by_wave = {row.wave_id: row for row in mine}
    for row in session.exec(select(Submission).where(Submission.person_id == one.id, current)).all():
        if other := by_wave.get(row.wave_id):
            min(row, other, key=lambda submission: submission.submitted_at).replaced_at = now()
    session.flush()


def _join_membership(session: Session, membership: Membership, into: Person) -> None:
    """In a bank that both are in, the later answers count, and the longer history."""
    listed = session.exec(
        select(Membership).where(Membership.person_id == into.id, Membership.role == membership.role)
    ).first()
    if listed is None:
        membership.person_id = into.id
        return
    if membership.profile_at and (listed.profile_at is None or membership.profile_at > listed.profile_at):
        listed.profile, listed.profile_at = membership.profile, membership.profile_at
        listed.places = membership.places or listed.places
    listed.profile = listed.profile or membership.profile
    listed.created_at = min(listed.created_at, membership.created_at)
    if membership.withdrawn_at is None:
        listed.withdrawn_at = None
    session.exec(
        update(Absence).where(col(Absence.membership_id) == membership.id).values(membership_id=listed.id)
    )
    session.delete(membership)


def _move(session: Session, table: type[SQLModel], column: Column, one: int, into: int) -> None:
    """All at once; of what may be there twice, row by row, and what is there already stays."""
    everything = update(table).where(column == one).values({column: into})
    if table not in TWICE:
        session.execute(everything.execution_options(synchronize_session=False))
        return
    if _moved(session, everything):
        return
    keys = inspect(table).primary_key
    for row in session.execute(select(*keys).where(column == one)).all():
        this = [key == value for key, value in zip(keys, row, strict=True)]
        _moved(session, update(table).where(*this).values({column: into}))


def _moved(session: Session, statement: Any) -> bool:
    try:
        with session.begin_nested():
            session.execute(statement.execution_options(synchronize_session=False))
    except IntegrityError:
        return False
    return True


def _renamed(said: Any, one: str, into: str) -> Any:
    """One person could be named, or several."""
    if not isinstance(said, list):
        return into
    return list(dict.fromkeys(into if str(who) == one else who for who in said))


def _rename_in_wishes(session: Session, one: str, into: str) -> None:
    asked = select(Membership).where(col(Membership.profile).is_not(None))
    for membership in session.exec(asked).all():
        profile = membership.profile or {}
        renamed = {
            key: _renamed(profile[key], one, into)
            for key in NAMING
            if one == str(profile.get(key))
            or (isinstance(profile.get(key), list) and one in map(str, profile[key]))
        }
        if renamed:
            membership.profile = {**profile, **renamed}

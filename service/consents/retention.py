"""For how long data are kept after their purpose is reached, what goes next, and letting it go by itself.

Nothing goes before the organisation has set a term and a month has passed since, so that it can be looked at first.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, delete, func, select

from service import audit
from service.consents import erasing
from service.database import EVERY_ORGANISATION, Database
from service.errors import Refusal
from service.tables import (
    Account,
    Assignment,
    Consent,
    Destruction,
    Membership,
    Organisation,
    Person,
    Retention,
    SubjectRequest,
    Submission,
    TicketTaken,
    now,
)

NOTICE = timedelta(days=30)
_log = logging.getLogger("nastavnik.retention")
REASON = "достижение цели обработки, истечение срока хранения"


@dataclass(frozen=True)
class Due:
    person: Person
    last: datetime
    goes_at: datetime


def terms(session: Session) -> dict[str, Retention]:
    return {row.purpose: row for row in session.exec(select(Retention)).all()}


def set_term(session: Session, account: Account, purpose: str, months: int | None) -> None:
    """A longer or shorter term begins its month of notice anew; none: nothing goes by itself."""
    row = terms(session).get(purpose)
    if row and row.months == months:
        return
    if row:
        session.delete(row)
        session.flush()
    if months:
        session.add(Retention(purpose=purpose, months=months, account_id=account.id))


def due(session: Session, by: datetime) -> list[Due]:
    """Whose data go until ``by``, the first ones first."""
    term = terms(session).get("participation")
    if term is None:
        return []
    last, paired = _last_seen(session), _paired(session)
    people = session.exec(
        select(Person).where(col(Person.erased_at).is_(None), col(Person.merged_into).is_(None))
    )
    found = [
        Due(person, last[person.id], max(later(last[person.id], term.months), term.set_at + NOTICE))
        for person in people
        if person.id not in paired
    ]
    return sorted((row for row in found if row.goes_at <= by), key=lambda row: (row.goes_at, row.person.id))


def _last_seen(session: Session) -> dict[int, datetime]:
    """person id → when they last took part in anything."""
    moments: dict[int, datetime] = dict(session.exec(select(Person.id, Person.created_at)).all())
    asked = [
        select(Submission.person_id, func.max(Submission.submitted_at)).group_by(col(Submission.person_id)),
        select(Consent.person_id, func.max(Consent.said_at)).group_by(col(Consent.person_id)),
        select(Membership.person_id, func.max(Membership.withdrawn_at)).group_by(col(Membership.person_id)),
        select(Assignment.mentor_id, func.max(Assignment.ended_at)).group_by(col(Assignment.mentor_id)),
        select(Assignment.mentee_id, func.max(Assignment.ended_at)).group_by(col(Assignment.mentee_id)),
    ]
    for question in asked:
        for person_id, at in session.exec(question).all():
            if at and person_id in moments:
                moments[person_id] = max(moments[person_id], at)
    return moments


def _paired(session: Session) -> set[int]:
    going_on = col(Assignment.ended_at).is_(None)
    return {
        id_
        for pair in session.exec(select(Assignment.mentor_id, Assignment.mentee_id).where(going_on))
        for id_ in pair
    }


def later(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    return moment.replace(year=moment.year + years, month=month + 1, day=min(moment.day, 28))


# --- regular duties


def let_go(database: Database) -> None:
    """Whatever is due, person by person; a person who cannot be destroyed now is tried again the next time."""
    for organisation_id in _organisations(database):
        with database.reading(organisation_id) as session:
            ids = [row.person.id for row in due(session, now())]
        for person_id in ids:
            try:
                _let_person_go(database, organisation_id, person_id)
            except (SQLAlchemyError, Refusal) as failure:
                _log.warning("person %s is to go, and could not: %s", person_id, type(failure).__name__)
        with database.writing(organisation_id) as session:
            _forget_records(session, now())
            _forget_tickets(session)


def _let_person_go(database: Database, organisation_id: int, person_id: int) -> None:
    """If they still are to go: they may have answered or been paired since that was asked."""
    with database.writing(organisation_id) as session:
        audit.identify(session, "job")
        person = session.get_one(Person, person_id, with_for_update=True)
        if any(row.person.id == person_id for row in due(session, now())):
            erasing.destroy(session, database, person, REASON)


def _forget_records(session: Session, moment: datetime) -> None:
    """Acts when their three years are over; closed requests after the organisation's own term."""
    session.exec(delete(Destruction).where(col(Destruction.keep_until) < moment.date()))
    if term := terms(session).get("records"):
        closed = session.exec(select(SubjectRequest).where(col(SubjectRequest.closed_at).is_not(None))).all()
        for request in closed:
            if request.closed_at and later(request.closed_at, term.months) < moment:
                session.delete(request)


def _forget_tickets(session: Session) -> None:
    """Of the destroyed: that they took part in anonymous waves."""
    destroyed = select(Person.id).where(col(Person.erased_at).is_not(None))
    session.exec(delete(TicketTaken).where(col(TicketTaken.person_id).in_(destroyed)))


def _organisations(database: Database) -> Iterator[int]:
    with database.reading(EVERY_ORGANISATION) as session:
        yield from session.exec(select(Organisation.id)).all()

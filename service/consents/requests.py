"""What people demand of the operator, and by when: the end of processing, or everything that is kept about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from service.database import organisation_of
from service.tables import Account, Organisation, Person, SubjectRequest, now
from service.working_days import answer_by, destroy_by


def receive(
    session: Session,
    person_id: int,
    kind: str,
    channel: str,
    account: Account | None = None,
    at: datetime | None = None,
) -> SubjectRequest:
    """One of a kind is open at a time; the first one's term counts."""
    waiting = opened(session, person_id, kind)
    if waiting:
        return waiting[0]
    received_at = at or now()
    zone = ZoneInfo(session.get_one(Organisation, organisation_of(session)).zone)
    day = received_at.astimezone(zone).date()
    request = SubjectRequest(
        kind=kind,
        person_id=person_id,
        channel=channel,
        account_id=account.id if account else None,
        received_at=received_at,
        due_on=destroy_by(day) if kind == "withdrawal" else answer_by(day),
    )
    session.add(request)
    session.flush()
    return request


def close(session: Session, person_id: int, kind: str, outcome: str) -> None:
    """``outcome``: given_again, destroyed, or answered."""
    for request in opened(session, person_id, kind):
        request.closed_at, request.outcome = now(), outcome


def opened(session: Session, person_id: int, kind: str) -> Sequence[SubjectRequest]:
    asked = select(SubjectRequest).where(SubjectRequest.person_id == person_id, SubjectRequest.kind == kind)
    return session.exec(asked.where(col(SubjectRequest.closed_at).is_(None))).all()


def register(session: Session) -> Sequence[tuple[SubjectRequest, Person]]:
    """All of them, the open ones first, by their terms."""
    rows = select(SubjectRequest, Person).join(Person, col(Person.id) == col(SubjectRequest.person_id))
    closed = col(SubjectRequest.closed_at).is_not(None)
    return session.exec(rows.order_by(closed, col(SubjectRequest.due_on), col(SubjectRequest.id))).all()

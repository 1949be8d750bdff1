"""What happens to a pair: its terms are set, both sides accept, it ends. A final order stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlmodel import Session, col, update

from service.errors import Conflict
from service.i18n import N_
from service.tables import Assignment, Role, now

State = Literal["ended", "ordered", "accepted", "waiting"]


def state_of(assignment: Assignment) -> State:
    if assignment.ended_at:
        return "ended"
    if assignment.order_id:
        return "ordered"
    return "accepted" if assignment.mentor_accepted_at and assignment.mentee_accepted_at else "waiting"


def change(session: Session, assignment: Assignment, terms: Mapping[str, Any]) -> None:
    """``terms``: form, kind, topic, starts_on, ends_on."""
    _hold(session, assignment)
    if assignment.order_id:
        raise Conflict(
            N_("The pair is in an order that is final."),
            N_("Another order can change it; this one stays as it is."),
        )
    assignment.sqlmodel_update(dict(terms))


def set_term(session: Session, starts_on: date, ends_on: date) -> None:
    """For every pair that has no term and is in no order yet."""
    session.exec(
        update(Assignment)
        .where(
            *(
                col(moment).is_(None)
                for moment in (Assignment.ended_at, Assignment.starts_on, Assignment.order_id)
            )
        )
        .values(starts_on=starts_on, ends_on=ends_on)
    )


def accept(session: Session, assignment: Assignment, role: Role) -> None:
    _hold(session, assignment)
    moment = f"{role}_accepted_at"
    setattr(assignment, moment, getattr(assignment, moment) or now())


def accept_all(session: Session) -> None:
    """Both sides of every pair that goes on and is in no order: their signatures have been collected."""
    for moment in (Assignment.mentor_accepted_at, Assignment.mentee_accepted_at):
        going_on = (col(Assignment.ended_at).is_(None), col(Assignment.order_id).is_(None))
        session.exec(update(Assignment).where(*going_on, col(moment).is_(None)).values({col(moment): now()}))


def take_back(session: Session, assignment: Assignment, role: Role) -> None:
    _hold(session, assignment)
    if assignment.order_id:
        raise Conflict(N_("The pair is in an order already: its acceptance stands there."))
    setattr(assignment, f"{role}_accepted_at", None)


def end(session: Session, assignment: Assignment) -> None:
    """Frees both people. An order that the pair is in stays as it was signed."""
    session.refresh(assignment, with_for_update=True)
    assignment.ended_at = assignment.ended_at or now()


def _hold(session: Session, assignment: Assignment) -> None:
    session.flush()  # refreshing forgets what was not written yet
    session.refresh(assignment, with_for_update=True)
    if assignment.ended_at:
        raise Conflict(N_("This pair has ended."))

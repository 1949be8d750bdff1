"""What happens to a pair: its terms are set, both sides accept, it ends. A final order stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlmodel import Session, col, update

from service.errors import Conflict
from service.i18n import N_
from service.tables import Assignment, AssignmentOrder, Role, now

State = Literal["ended", "ordered", "in_draft", "accepted", "waiting"]


def state_of(assignment: Assignment, order: AssignmentOrder | None) -> State:
    if assignment.ended_at:
        return "ended"
    if order:
        return "ordered" if order.approved_at else "in_draft"
    return "accepted" if assignment.mentor_accepted_at and assignment.mentee_accepted_at else "waiting"


def change(session: Session, assignment: Assignment, terms: Mapping[str, Any]) -> None:
    """``terms``: form, kind, topic, starts_on, ends_on."""
    _hold(session, assignment)
    if (order := _order_of(session, assignment)) and order.approved_at:
        raise Conflict(
            N_("The pair is in an order that is final."),
            N_("Another order can change it; this one stays as it is."),
        )
    if order:
        order.version += 1
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
    """Frees both people. A draft order loses the pair; a final order stays as it was signed."""
    session.refresh(assignment, with_for_update=True)
    if assignment.ended_at:
        return
    if (order := _order_of(session, assignment)) and not order.approved_at:
        order.version += 1
        assignment.order_id = None
    assignment.ended_at = now()


def _hold(session: Session, assignment: Assignment) -> None:
    session.flush()  # refreshing forgets what was not written yet
    session.refresh(assignment, with_for_update=True)
    if assignment.ended_at:
        raise Conflict(N_("This pair has ended."))


def _order_of(session: Session, assignment: Assignment) -> AssignmentOrder | None:
    """Held until the end of this transaction. A change of a draft raises its ``version``."""
    if assignment.order_id is None:
        return None
    return session.get_one(AssignmentOrder, assignment.order_id, with_for_update=True)

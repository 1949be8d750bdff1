"""The list of pairs and the page of one pair."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms.staff import AssignmentForm
from service import queries, versions
from service.assignments import actions
from service.i18n import N_
from service.tables import ROLES, Assignment, Role, now
from service.terms import FORMS, KINDS
from service.web import found, mistakes, redirect, render

STATES = {
    "waiting": N_("awaits acceptance"),
    "accepted": N_("accepted, can go into an order"),
    "ordered": N_("in a final order"),
    "ended": N_("ended"),
}


def index(request: Request, session: Session) -> Response:
    return _index_page(request, session, _term_form(request.state.organisation.programme_months))


def _index_page(request: Request, session: Session, term: AssignmentForm, status: int = 200) -> Response:
    names = queries.names(session)
    rows = session.exec(select(Assignment).order_by(col(Assignment.id))).all()
    listed = [(assignment, actions.state_of(assignment)) for assignment in rows]
    listed.sort(key=lambda row: (row[1] != "waiting", names[row[0].mentee_id]))
    return render(
        request,
        "assignments/index.html",
        status,
        active=[row for row in listed if row[1] != "ended"],
        ended=[assignment for assignment, state in listed if state == "ended"],
        term=term,
        errors=mistakes(term),
        names=names,
        states=STATES,
        forms=FORMS,
        kinds=KINDS,
    )


def set_term(request: Request, session: Session) -> Response:
    term = _term_form(request.state.organisation.programme_months, request.state.form)
    if not term.validate():
        return _index_page(request, session, term, 422)
    actions.set_term(session, term.starts_on.data, term.ends_on.data)
    return redirect(request, "assignments.index")


def _term_form(months: int, posted: Any = None) -> AssignmentForm:
    """From today, for as long as programmes last here."""
    today = now().date()
    years, month = divmod(today.month - 1 + months, 12)
    form = AssignmentForm(
        posted, starts_on=today, ends_on=date(today.year + years, month + 1, min(today.day, 28))
    )
    del form.form, form.kind, form.topic
    return form


def show(request: Request, session: Session) -> Response:
    assignment = _assignment(request, session)
    return _page_of(request, session, assignment, AssignmentForm(obj=assignment))


def _page_of(
    request: Request, session: Session, assignment: Assignment, form: AssignmentForm, status: int = 200
) -> Response:
    return render(
        request,
        "assignments/show.html",
        status,
        assignment=assignment,
        state=actions.state_of(assignment),
        states=STATES,
        form=form,
        errors=mistakes(form),
        names=queries.names(session),
        forms=FORMS,
        kinds=KINDS,
    )


def change(request: Request, session: Session) -> Response:
    assignment = _assignment(request, session)
    form = AssignmentForm(request.state.form)
    if not form.validate():
        return _page_of(request, session, assignment, form, 422)
    versions.lock(session, assignment)
    if versions.conflicts(request, form, AssignmentForm(obj=assignment)):
        return _page_of(request, session, assignment, form, 409)
    actions.change(session, assignment, form.data)
    return redirect(request, "assignments.show", id=assignment.id)


def accept(request: Request, session: Session) -> Response:
    """Mark, or take back (field ``undo``), that the side named in ``role`` has accepted the pair."""
    assignment = _assignment(request, session)
    role: Role = found(next((role for role in ROLES if role == request.state.form.get("role")), None))
    act = actions.take_back if request.state.form.get("undo") else actions.accept
    act(session, assignment, role)
    return redirect(request, "assignments.index")


def accept_all(request: Request, session: Session) -> Response:
    actions.accept_all(session)
    return redirect(request, "assignments.index")


def end(request: Request, session: Session) -> Response:
    actions.end(session, _assignment(request, session))
    return redirect(request, "assignments.index")


def _assignment(request: Request, session: Session) -> Assignment:
    return found(session.get(Assignment, request.path_params["id"]))

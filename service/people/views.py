"""The banks, a person's page, and newcomers waiting to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.staff import PersonForm
from service import queries
from service.errors import Invalid, NotFound
from service.i18n import N_
from service.people import actions
from service.queries import Member
from service.tables import (
    ROLES,
    Account,
    Consent,
    ConsentText,
    Membership,
    Person,
    QuestionnaireVersion,
    Submission,
    Wave,
)
from service.web import found, mistakes, number, redirect, render

ORDERS: dict[str, Callable[[Member], Any]] = {
    "name": lambda member: member.person.sort_name,
    "post": lambda member: member.person.post.casefold(),
    "status": lambda member: member.status,
    "places": lambda member: member.membership.places,
    "answered": lambda member: str(member.membership.profile_at or ""),
}


def bank(request: Request, session: Session) -> Response:
    role = _role(request)
    everybody = queries.members(session, role)
    sort, desc = request.query_params.get("sort", "name"), "desc" in request.query_params
    wanted, text = request.query_params.get("status", ""), request.query_params.get("text", "").strip()
    listed = [m for m in everybody if (not wanted or m.status == wanted) and text.casefold() in _searched(m)]
    listed.sort(key=ORDERS.get(sort, ORDERS["name"]), reverse=desc)
    return render(
        request,
        "people/bank.html",
        role=role,
        members=listed,
        everybody=everybody,
        newcomers=_newcomers(session),
        sort=sort,
        desc=desc,
        wanted=wanted,
        text=text,
    )


def _searched(member: Member) -> str:
    return f"{member.person.name} {member.person.post}".casefold()


def show(request: Request, session: Session) -> Response:
    return _person_page(request, session, _person(request, session))


def _person_page(request: Request, session: Session, person: Person) -> Response:
    rows = session.exec(
        select(Submission, QuestionnaireVersion, Wave)
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Submission.version_id))
        .join(Wave, col(Wave.id) == col(Submission.wave_id))
        .where(Submission.person_id == person.id)
        .order_by(col(Submission.submitted_at).desc())
    ).all()
    choices = queries.choices_of_people(session)
    return render(
        request,
        "people/show.html",
        person=person,
        members=[m for role in ROLES for m in queries.members(session, role) if m.person.id == person.id],
        consents=session.exec(
            select(Consent, ConsentText, Account)
            .join(ConsentText, col(ConsentText.id) == col(Consent.text_id))
            .join(Account, col(Account.id) == col(Consent.account_id), isouter=True)
            .where(Consent.person_id == person.id)
            .order_by(col(Consent.id).desc())
        ).all(),
        submissions=[
            (submission, wave, forms.summary(forms.parse(version.definition), submission.answers, choices))
            for submission, version, wave in rows
        ],
        waves=_open_waves(session),
    )


def _open_waves(session: Session) -> list[Wave]:
    return list(session.exec(select(Wave).order_by(col(Wave.id).desc()).limit(6)).all())


def new(request: Request, session: Session) -> Response:
    role = request.query_params.get("role")
    return _form_page(request, PersonForm(is_mentor=role == "mentor", is_mentee=role == "mentee"))


def add(request: Request, session: Session) -> Response:
    form = PersonForm(request.state.form)
    if refused := _refused(request, session, form):
        return refused
    person = actions.add(session, form.data)
    return redirect(request, "people.show", id=person.id)


def edit(request: Request, session: Session) -> Response:
    person = _person(request, session)
    rows = session.exec(select(Membership).where(Membership.person_id == person.id)).all()
    there = {row.role: row for row in rows if not row.withdrawn_at}
    mentor, mentee = there.get("mentor"), there.get("mentee")
    form = PersonForm(
        obj=person,
        gender=person.gender or "unknown",
        is_mentor=mentor is not None,
        is_mentee=mentee is not None,
        places=mentor.places if mentor else 1,
        priority=mentee.priority if mentee else 0,
    )
    return _form_page(request, form, person=person)


def change(request: Request, session: Session) -> Response:
    person = _person(request, session)
    form = PersonForm(request.state.form)
    if refused := _refused(request, session, form, person):
        return refused
    actions.change(session, person, form.data)
    return redirect(request, "people.show", id=person.id)


def _refused(
    request: Request, session: Session, form: PersonForm, person: Person | None = None
) -> Response | None:
    """The form again, with its mistakes or with the namesakes that it must not double by accident."""
    if not form.validate():
        return _form_page(request, form, 422, person)
    namesakes = actions.namesakes(session, form.data, person.id if person else None)
    if namesakes and not request.state.form.get("namesake"):
        return _form_page(request, form, 422, person, namesakes)
    return None


def _form_page(
    request: Request,
    form: PersonForm,
    status: int = 200,
    person: Person | None = None,
    namesakes: list[Person] | None = None,
) -> Response:
    return render(
        request,
        "people/edit.html",
        status,
        form=form,
        errors=mistakes(form),
        person=person,
        namesakes=namesakes or [],
    )


def withdraw(request: Request, session: Session) -> Response:
    membership = found(session.get(Membership, request.path_params["id"]))
    actions.withdraw(session, membership)
    return redirect(request, "people.show", id=membership.person_id)


def restore(request: Request, session: Session) -> Response:
    membership = found(session.get(Membership, request.path_params["id"]))
    actions.restore(session, membership)
    return redirect(request, "people.show", id=membership.person_id)


def newcomers(request: Request, session: Session) -> Response:
    listed = session.exec(select(Person).where(col(Person.confirmed_at).is_not(None))).all()
    waiting = [(person, actions.look_alikes(person, listed)) for person in _newcomers(session)]
    return render(request, "people/newcomers.html", newcomers=waiting)


def _newcomers(session: Session) -> list[Person]:
    return list(
        session.exec(
            select(Person).where(col(Person.confirmed_at).is_(None)).order_by(col(Person.sort_name))
        ).all()
    )


def confirm(request: Request, session: Session) -> Response:
    """As a new person, or joined to the one who was chosen."""
    newcomer = found(session.get(Person, request.path_params["id"], with_for_update=True))
    chosen = str(request.state.form.get("person", ""))
    if chosen == "new":
        actions.confirm(session, newcomer)
        return redirect(request, "people.show", id=newcomer.id)
    if not chosen:
        raise Invalid(N_("It is not chosen who this is."), N_("Go back and mark one of the answers."))
    person = found(session.get(Person, number(chosen) or 0))
    if person.id == newcomer.id or person.confirmed_at is None:
        raise NotFound
    actions.join(session, newcomer, person)
    return redirect(request, "people.show", id=person.id)


def _person(request: Request, session: Session) -> Person:
    return found(session.get(Person, request.path_params["id"]))


def _role(request: Request) -> str:
    role: str = request.path_params["role"]
    if role not in ROLES:
        raise NotFound
    return role

"""The banks, today and on a past day, everybody of the list, and a person's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.people import MembershipForm, PersonForm
from forms.text import line
from service import grounds, queries
from service.errors import NotFound
from service.people import actions, history
from service.people.importing import words
from service.queries import Member
from service.tables import (
    ROLES,
    Account,
    Assignment,
    Consent,
    ConsentText,
    Membership,
    Person,
    Questionnaire,
    QuestionnaireVersion,
    Submission,
    Wave,
    now,
)
from service.web import found, mistakes, number, redirect, render

ON_A_PAGE = 200
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
        named=_named_competences,
        everybody=everybody,
        newcomers=actions.newcomers(session),
        sort=sort,
        desc=desc,
        wanted=wanted,
        text=text,
    )


def _named_competences(member: Member) -> list[str]:
    """What a mentor is strong in, or a mentee needs most, the foremost first."""
    key = "competences" if member.membership.role == "mentor" else "needs"
    levels: Mapping[str, str] = member.profile.get(key) or {}
    wanted = [code for code, level in levels.items() if level in ("2", "3")]
    foremost = sorted(wanted, key=lambda code: (-int(levels[code]), code))

    return [forms.competences().get(code, code) for code in foremost]


def _searched(member: Member) -> str:
    return f"{member.person.name} {member.person.post}".casefold()


def bank_then(request: Request, session: Session) -> Response:
    """At the end of a past day, in the organisation's zone."""
    role = _role(request)
    zone = ZoneInfo(request.state.organisation.zone)
    try:
        day = date.fromisoformat(request.query_params.get("day", ""))
    except ValueError:
        day = now().astimezone(zone).date()
    moment = datetime.combine(day, time.max, zone)
    people = history.bank_at(session, role, min(moment, now()))
    return render(request, "people/bank_then.html", role=role, day=day, people=people)


def everybody(request: Request, session: Session) -> Response:
    """In a bank or in none, page by page."""
    text = line(request.query_params.get("text", ""))
    page = max(1, number(request.query_params.get("page", "1")) or 1)
    people, roles, more = actions.page_of(session, text, page, ON_A_PAGE)
    return render(
        request, "people/everybody.html", people=people, roles=roles, text=text, page=page, more=more
    )


def show(request: Request, session: Session) -> Response:
    person = _person(request, session)
    if person.merged_into:
        return redirect(request, "people.show", id=person.merged_into)
    return _person_page(request, session, person)


def _person_page(
    request: Request,
    session: Session,
    person: Person,
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> Response:
    rows = session.exec(
        select(Submission, QuestionnaireVersion, Wave)
        .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Submission.version_id))
        .join(Wave, col(Wave.id) == col(Submission.wave_id))
        .where(Submission.person_id == person.id, col(Submission.person_id).not_in(grounds.refusing()))
        .order_by(col(Submission.submitted_at).desc())
    ).all()
    choices = queries.everybody(session)
    members = [m for role in ROLES for m in queries.members(session, role) if m.person.id == person.id]
    return render(
        request,
        "people/show.html",
        status,
        errors=errors or [],
        person=person,
        words=words,
        members=members,
        pairs=_pairs(session, person),
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
        waves=_latest_waves(session, {member.membership.role for member in members}),
    )


def _latest_waves(session: Session, roles: set[str]) -> Sequence[Wave]:
    """Those that ask the person, whether open or over: paper comes late."""
    theirs = select(Wave).join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
    return session.exec(
        theirs.where(col(Questionnaire.role).in_(roles), Wave.mode == "named")
        .order_by(col(Wave.id).desc())
        .limit(6)
    ).all()


def _pairs(session: Session, person: Person) -> Sequence[tuple[Assignment, Person]]:
    """The person's pairs, those that go on first, each with the other side."""
    mine = (col(Assignment.mentor_id) == person.id) | (col(Assignment.mentee_id) == person.id)
    other = (col(Person.id) == col(Assignment.mentor_id)) | (col(Person.id) == col(Assignment.mentee_id))
    pairs = select(Assignment, Person).join(Person, other & (col(Person.id) != person.id)).where(mine)
    return session.exec(
        pairs.order_by(col(Assignment.ended_at).is_not(None), col(Assignment.id).desc())
    ).all()


def new(request: Request, session: Session) -> Response:
    role = request.query_params.get("role")
    return _form_page(request, PersonForm(is_mentor=role == "mentor", is_mentee=role == "mentee"))


def add(request: Request, session: Session) -> Response:
    form = PersonForm(request.state.form)
    if refused := _refused(request, session, form):
        return refused
    person = actions.add(session, form.card)
    return redirect(request, "people.show", id=person.id)


def edit(request: Request, session: Session) -> Response:
    person = _person(request, session)
    there = _banks(session, person)
    form = PersonForm.of(person.model_dump(), is_mentor="mentor" in there, is_mentee="mentee" in there)
    return _form_page(request, _of_a_known(form), person=person)


def _banks(session: Session, person: Person) -> set[str]:
    """Those that the person is in now."""
    present = select(Membership.role).where(
        Membership.person_id == person.id, col(Membership.withdrawn_at).is_(None)
    )
    return set(session.exec(present).all())


def _of_a_known(form: PersonForm) -> PersonForm:
    """Places and priority of somebody who is in a bank are set on the person's page, each on its own."""
    del form.places, form.priority
    return form


def change(request: Request, session: Session) -> Response:
    person = _person(request, session)
    form = _of_a_known(PersonForm(request.state.form))
    form.in_no_bank = not _banks(session, person)
    if refused := _refused(request, session, form, person):
        return refused
    actions.change(session, person, form.card)
    return redirect(request, "people.show", id=person.id)


def set_terms(request: Request, session: Session) -> Response:
    """How many mentees at a time, who is served first."""
    membership = found(session.get(Membership, request.path_params["id"]))
    form = MembershipForm(request.state.form)
    person = session.get_one(Person, membership.person_id)
    if not form.validate():
        return _person_page(request, session, person, mistakes(form), 422)
    actions.set_terms(session, membership, form.places.data, form.priority.data)
    return redirect(request, "people.show", id=person.id)


def _refused(
    request: Request, session: Session, form: PersonForm, person: Person | None = None
) -> Response | None:
    """The form again, with its mistakes or with the namesakes that it must not double by accident."""
    if not form.validate():
        return _form_page(request, form, 422, person)
    namesakes = actions.namesakes(session, form.card, person.id if person else None)
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


def _person(request: Request, session: Session) -> Person:
    return found(session.get(Person, request.path_params["id"]))


def _role(request: Request) -> str:
    role: str = request.path_params["role"]
    if role not in ROLES:
        raise NotFound
    return role

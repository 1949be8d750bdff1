"""What came on paper, entered by the curator: the same questions on one page, the same action, marked as such."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

import forms
from service import queries, seals
from service.i18n import language
from service.submissions import actions
from service.submissions.views import STALE
from service.tables import Person, Questionnaire, QuestionnaireVersion, Wave, now
from service.web import found, redirect, render


def show(request: Request, session: Session) -> Response:
    person, wave, questionnaire, version = _asked(request, session)
    blank = forms.build(forms.parse(version.definition), queries.choices_of_people(session, but=person))
    filled = blank.from_answers(actions.known_answers(session, wave, person, questionnaire.role))
    return _page(request, person, wave, blank, filled)


def enter(request: Request, session: Session) -> Response:
    person, wave, questionnaire, version = _asked(request, session)
    blank = forms.build(forms.parse(version.definition), queries.choices_of_people(session, but=person))
    filled = blank.bind(request.state.form)
    ticket = seals.open_ticket(
        request.app.state.settings.secret_key,
        _purpose(person, wave),
        str(request.state.form.get("ticket", "")),
    )
    if ticket is None:
        return _page(request, person, wave, blank, filled, 422, str(STALE))
    if filled.errors():
        return _page(request, person, wave, blank, filled, 422)
    actions.record(
        session, wave, person.id, questionnaire.role, ticket, filled.answers(), request.state.account
    )
    return redirect(request, "people.show", id=person.id)


def _asked(request: Request, session: Session) -> tuple[Person, Wave, Questionnaire, QuestionnaireVersion]:
    person = found(session.get(Person, request.path_params["id"]))
    wave = found(session.get(Wave, request.path_params["wave_id"]))
    return (
        person,
        wave,
        session.get_one(Questionnaire, wave.questionnaire_id),
        session.get_one(QuestionnaireVersion, wave.version_id),
    )


def _page(
    request: Request,
    person: Person,
    wave: Wave,
    blank: forms.Blank,
    filled: forms.Filled,
    status: int = 200,
    note: str | None = None,
) -> Response:
    problems = filled.errors() if status == 422 and not note else []
    ticket = seals.new_ticket(
        request.app.state.settings.secret_key, _purpose(person, wave), wave.version_id, now()
    )
    return render(
        request,
        "submissions/paper.html",
        status,
        person=person,
        wave=wave,
        blank=blank,
        filled=filled,
        errors=[(problem.field_id, forms.sentence(problem, language())) for problem in problems],
        sentence=forms.sentence,
        ticket=ticket,
        note=note,
    )


def _purpose(person: Person, wave: Wave) -> str:
    return f"paper:{person.id}:{wave.id}"

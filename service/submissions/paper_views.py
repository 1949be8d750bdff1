"""What came on paper, entered by the curator: the same questions on one page, the same action, marked as such."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from service import grounds, queries, seals
from service.i18n import language
from service.seals import Ticket
from service.submissions import actions, files
from service.submissions.page_views import STALE, keep_files
from service.tables import Attachment, Person, Questionnaire, QuestionnaireVersion, Wave, now
from service.web import download, found, redirect, render


@dataclass(frozen=True)
class Asked:
    """Who was asked what on paper."""

    person: Person
    wave: Wave
    role: str | None
    blank: forms.Blank


def show(request: Request, session: Session) -> Response:
    asked = _asked(request, session)
    if queries.consents_now(session).get(asked.person.id) in ("refused", "withdrawn"):
        raise actions.NoConsent(advice=actions.PAPER_FIRST)
    known = actions.known_answers(session, asked.wave, asked.person, asked.role)
    return _page(request, asked, asked.blank.from_answers(known.answers))


def enter(request: Request, session: Session) -> Response:
    ticket = _ticket(request)
    asked = _asked(request, session, ticket)
    filled = asked.blank.bind(request.state.form)
    keep_files(session, filled, asked.wave.id, asked.person.id)
    if ticket is None:
        return _page(request, asked, filled, note=str(STALE))
    problems = [problem for number in range(len(asked.blank.pages)) for problem in filled.errors(number)]
    if problems:
        return _page(request, asked, filled, problems)
    answers = files.settled(session, asked.wave.id, asked.person.id, asked.blank.definition, filled.answers())
    actions.record(session, asked.wave, asked.person.id, asked.role, ticket, answers, request.state.account)
    return redirect(request, "people.show", id=asked.person.id)


def attachment(request: Request, session: Session) -> Response:
    """A file that came with an answer; never shown by the browser itself."""
    asked = select(Attachment).where(
        Attachment.key == request.path_params["key"], col(Attachment.person_id).not_in(grounds.refusing())
    )
    file = found(session.exec(asked).first())
    return download(file.content, "application/octet-stream", file.name)


def _asked(request: Request, session: Session, ticket: Ticket | None = None) -> Asked:
    """By the version that the page was opened with."""
    person = found(session.get(Person, request.path_params["id"]))
    named = select(Wave).where(Wave.id == request.path_params["wave_id"], Wave.mode == "named")
    wave = found(session.exec(named).first())
    version = session.get_one(QuestionnaireVersion, ticket.version_id if ticket else wave.version_id)
    blank = forms.build(forms.parse(version.definition), queries.choices_of_people(session, but=person))
    return Asked(person, wave, session.get_one(Questionnaire, wave.questionnaire_id).role, blank)


def _ticket(request: Request) -> Ticket | None:
    text = str(request.state.form.get("ticket", ""))
    return seals.open_ticket(request.app.state.settings.secret_key, _purpose(request), text)


def _purpose(request: Request) -> str:
    return f"paper:{request.path_params['id']}:{request.path_params['wave_id']}"


def _page(
    request: Request,
    asked: Asked,
    filled: forms.Filled,
    problems: list[forms.Problem] | None = None,
    note: str | None = None,
) -> Response:
    secret, version = request.app.state.settings.secret_key, asked.wave.version_id
    return render(
        request,
        "submissions/paper.html",
        422 if problems or note else 200,
        person=asked.person,
        wave=asked.wave,
        blank=asked.blank,
        filled=filled,
        errors=[(problem.field_id, forms.sentence(problem, language())) for problem in problems or ()],
        sentence=forms.sentence,
        ticket=seals.new_ticket(secret, _purpose(request), version, now()),
        note=note,
    )

"""The respondent's path: what this is → consent → the pages → check → receipt. Nothing is kept between requests:
every page carries all that was typed, so a restart, a day's pause or a busy database loses nothing."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.staff import Introduction
from service import queries, seals
from service.access import Opened
from service.database import Database
from service.errors import Closed, Conflict, Refusal
from service.i18n import N_, Message, language
from service.seals import Ticket
from service.submissions import actions
from service.tables import Person, Questionnaire, QuestionnaireVersion, Wave, now
from service.web import found, mistakes, number, redirect, render

STALE = N_("This page was opened by another link or is damaged. Your answers are here: check and send them.")


def start(request: Request, session: Session) -> Response:
    opened: Opened = request.state.opened
    actions.refuse_when_closed(opened.wave)
    definition = actions.definition_of(session, opened.wave.version_id, opened.version_hash)
    answered = opened.person and actions.current(session, opened.wave, opened.person.id)
    return render(
        request,
        "submissions/start.html",
        opened=opened,
        definition=definition,
        answered=answered,
        token=_token(request),
    )


# --- a newcomer introduces themselves by the common link


def introduction(request: Request, session: Session) -> Response:
    actions.refuse_when_closed(request.state.opened.wave)
    return _introduction_page(request, Introduction())


def introduce(request: Request, session: Session) -> Response:
    opened: Opened = request.state.opened
    form, ticket = Introduction(request.state.form), _ticket(request)
    if not form.validate() or ticket is None:
        return _introduction_page(request, form, 422)
    actions.refuse_when_closed(opened.wave, ticket)
    link = actions.introduce(session, opened, ticket, form.data)
    token = seals.link_token(request.app.state.settings.secret_key, link.key)
    return redirect(request, "consents.show", token=token)


def _introduction_page(request: Request, form: Introduction, status: int = 200) -> Response:
    return render(
        request,
        "submissions/introduce.html",
        status,
        form=form,
        errors=mistakes(form),
        opened=request.state.opened,
        ticket=_ticket_text(request) or _new_ticket(request),
        token=_token(request),
    )


# --- the questionnaire


def form(request: Request, session: Session) -> Response:
    """An opened form: with this wave's answers, or last time's, to be looked through."""
    opened, person = request.state.opened, found(request.state.opened.person)
    actions.refuse_when_closed(opened.wave)
    if opened.consent != "given":
        return redirect(request, "consents.show", token=_token(request))
    blank = _blank(session, opened, opened.wave.version_id, opened.version_hash)
    filled = blank.from_answers(actions.known_answers(session, opened.wave, person, opened.role))
    return _page(request, blank, filled, 0, ticket=_new_ticket(request))


def submit(request: Request, database: Database) -> Response:
    """One step: back, on, to the check page, to a page to change something, or send. Only sending writes."""
    opened, person = request.state.opened, found(request.state.opened.person)
    ticket = _ticket(request)
    with database.reading(opened.organisation.id) as session:
        blank = _blank(session, opened, *_version(session, opened, ticket))
    filled = blank.bind(request.state.form)
    at, go = _within(blank, request.state.form.get("page")), str(request.state.form.get("go"))
    if ticket is None:
        return _page(request, blank, filled, at, 422, _new_ticket(request), STALE)
    if go != "send":
        return _step(request, blank, filled, at, go)
    if filled.errors():
        return _page(request, blank, filled, filled.faulty_page() or 0, 422)
    try:
        return _send(request, database, person, ticket, filled.answers())
    except (Closed, Conflict) as refusal:
        return _page(request, blank, filled, at, refusal.status, refusal=refusal)


def _send(
    request: Request, database: Database, person: Person, ticket: Ticket, answers: dict[str, Any]
) -> Response:
    opened: Opened = request.state.opened
    with database.writing(opened.organisation.id) as session:
        actions.refuse_when_closed(opened.wave, ticket)
        if queries.consent_of(session, person.id) != "given":
            raise Conflict(
                N_("There is no consent to personal-data processing."),
                N_("Open the link again, give the consent, come back to this page and send it."),
            )
        actions.record(session, opened.wave, person.id, opened.role, ticket, answers)
    return redirect(request, "submissions.receipt", token=_token(request))


def receipt(request: Request, session: Session) -> Response:
    opened, person = request.state.opened, found(request.state.opened.person)
    submission = found(actions.current(session, opened.wave, person.id))
    return render(
        request,
        "submissions/receipt.html",
        opened=opened,
        submission=submission,
        code=actions.receipt_code(submission.key),
        token=_token(request),
    )


def _blank(session: Session, opened: Opened, version_id: int, version_hash: str) -> forms.Blank:
    """A newcomer whom the curator has not confirmed yet is shown nobody's name."""
    definition = actions.definition_of(session, version_id, version_hash)
    known = opened.person is not None and opened.person.confirmed_at is not None
    asks_about_people = any(question.people for question in definition.questions)
    return forms.build(definition, _others(session, opened.person) if known and asks_about_people else None)


def _others(session: Session, person: Person | None) -> dict[str, list[tuple[str, str]]]:
    own = str(person.id) if person else ""
    return {
        bank: [choice for choice in people if choice[0] != own]
        for bank, people in queries.choices_of_people(session).items()
    }


def _version(session: Session, opened: Opened, ticket: Ticket | None) -> tuple[int, str]:
    """A page opened before a new version came out is read by its own version."""
    if ticket is None or ticket.version_id == opened.wave.version_id:
        return opened.wave.version_id, opened.version_hash
    version = found(session.get(QuestionnaireVersion, ticket.version_id))
    return ticket.version_id, version.hash


def _step(request: Request, blank: forms.Blank, filled: forms.Filled, at: int, go: str) -> Response:
    if go == "back":
        return _page(request, blank, filled, max(0, at - 1))
    if go.startswith("change-"):
        return _page(request, blank, filled, _within(blank, go.removeprefix("change-")))
    if filled.errors(at):
        return _page(request, blank, filled, at, 422)
    if at + 1 < len(blank.pages):
        return _page(request, blank, filled, at + 1)
    return _check_page(request, blank, filled)


def _check_page(request: Request, blank: forms.Blank, filled: forms.Filled) -> Response:
    if filled.errors():
        return _page(request, blank, filled, filled.faulty_page() or 0, 422)
    return render(
        request,
        "submissions/check.html",
        blank=blank,
        filled=filled,
        answers=forms.summary(blank.definition, filled.answers(), blank.people),
        ticket=_ticket_text(request),
        token=_token(request),
    )


def _page(
    request: Request,
    blank: forms.Blank,
    filled: forms.Filled,
    at: int,
    status: int = 200,
    ticket: str | None = None,
    note: Message | None = None,
    refusal: Refusal | None = None,
) -> Response:
    problems = filled.errors(at) if status == 422 and note is None else []
    return render(
        request,
        "submissions/form.html",
        status,
        blank=blank,
        filled=filled,
        at=at,
        errors=[(problem.field_id, _sentence(problem)) for problem in problems],
        sentence=forms.sentence,
        ticket=ticket or _ticket_text(request),
        note=note,
        refusal=refusal,
        token=_token(request),
    )


def _sentence(problem: forms.Problem) -> str:
    return forms.sentence(problem, language())


def _within(blank: forms.Blank, text: object) -> int:
    return min(number(text) or 0, len(blank.pages) - 1)


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _ticket_text(request: Request) -> str:
    return str(request.state.form.get("ticket", "")) if request.method == "POST" else ""


def _ticket(request: Request) -> Ticket | None:
    settings = request.app.state.settings
    return seals.open_ticket(settings.secret_key, request.state.opened.key, _ticket_text(request))


def _new_ticket(request: Request) -> str:
    opened: Opened = request.state.opened
    return seals.new_ticket(request.app.state.settings.secret_key, opened.key, opened.wave.version_id, now())


# --- what came on paper, entered by the curator


def paper(request: Request, session: Session) -> Response:
    person, wave, questionnaire, version = _on_paper(request, session)
    blank = forms.build(forms.parse(version.definition), _others(session, person))
    filled = blank.from_answers(actions.known_answers(session, wave, person, questionnaire.role))
    return _paper_page(request, person, wave, blank, filled)


def enter_paper(request: Request, session: Session) -> Response:
    person, wave, questionnaire, version = _on_paper(request, session)
    blank = forms.build(forms.parse(version.definition), _others(session, person))
    filled = blank.bind(request.state.form)
    ticket = seals.open_ticket(
        request.app.state.settings.secret_key, _paper_purpose(person, wave), _ticket_text(request)
    )
    if filled.errors() or ticket is None:
        return _paper_page(request, person, wave, blank, filled, 422)
    actions.record(
        session, wave, person.id, questionnaire.role, ticket, filled.answers(), request.state.account
    )
    return redirect(request, "people.show", id=person.id)


def _on_paper(request: Request, session: Session) -> tuple[Person, Wave, Questionnaire, QuestionnaireVersion]:
    person = found(session.get(Person, request.path_params["id"]))
    wave = found(session.get(Wave, request.path_params["wave_id"]))
    return (
        person,
        wave,
        session.get_one(Questionnaire, wave.questionnaire_id),
        session.get_one(QuestionnaireVersion, wave.version_id),
    )


def _paper_page(
    request: Request, person: Person, wave: Wave, blank: forms.Blank, filled: forms.Filled, status: int = 200
) -> Response:
    problems = filled.errors() if status == 422 else []
    ticket = seals.new_ticket(
        request.app.state.settings.secret_key, _paper_purpose(person, wave), wave.version_id, now()
    )
    return render(
        request,
        "submissions/paper.html",
        status,
        person=person,
        wave=wave,
        blank=blank,
        filled=filled,
        errors=[(problem.field_id, _sentence(problem)) for problem in problems],
        sentence=forms.sentence,
        ticket=ticket,
    )


def _paper_purpose(person: Person, wave: Wave) -> str:
    return f"paper:{person.id}:{wave.id}"

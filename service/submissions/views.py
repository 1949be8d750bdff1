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
from service.tables import Person, now
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
    blank = _blank(session, opened)
    filled = blank.from_answers(actions.known_answers(session, opened.wave, person, opened.role))
    return _page(request, blank, filled, 0, ticket=_new_ticket(request))


def submit(request: Request, database: Database) -> Response:
    """One step: back, on, to the check page, to a page to change something, or send. Only sending writes."""
    opened, person = request.state.opened, found(request.state.opened.person)
    ticket = _ticket(request)
    with database.reading(opened.organisation.id) as session:
        blank = _blank(session, opened)
    filled = blank.bind(request.state.form)
    at, go = _within(blank, request.state.form.get("page")), str(request.state.form.get("go"))
    if ticket is None:
        return _page(request, blank, filled, at, 422, _new_ticket(request), STALE)
    if go != "send":
        return _step(request, blank, filled, ticket, at, go)
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


def _blank(session: Session, opened: Opened) -> forms.Blank:
    """A newcomer whom the curator has not confirmed yet is shown nobody's name."""
    definition = actions.definition_of(session, opened.wave.version_id, opened.version_hash)
    known = opened.person is not None and opened.person.confirmed_at is not None
    asks_about_people = any(question.people for question in definition.questions)
    others = queries.choices_of_people(session, but=opened.person) if known and asks_about_people else None
    return forms.build(definition, others)


def _step(
    request: Request, blank: forms.Blank, filled: forms.Filled, ticket: Ticket, at: int, go: str
) -> Response:
    if go == "back":
        return _page(request, blank, filled, max(0, at - 1))
    if go.startswith("change-"):
        return _page(request, blank, filled, _within(blank, go.removeprefix("change-")), changing=True)
    if filled.errors(at):
        return _page(request, blank, filled, at, 422, changing=go == "check")
    if at + 1 < len(blank.pages) and go != "check":
        return _page(request, blank, filled, at + 1)
    return _check_page(request, blank, filled, ticket)


def _check_page(request: Request, blank: forms.Blank, filled: forms.Filled, ticket: Ticket) -> Response:
    """Its answers are settled, so it has a key of its own: sending it twice is one reply, changing it another."""
    if filled.errors():
        return _page(request, blank, filled, filled.faulty_page() or 0, 422)
    return render(
        request,
        "submissions/check.html",
        blank=blank,
        filled=filled,
        answers=forms.summary(blank.definition, filled.answers(), blank.people),
        ticket=seals.renewed(request.app.state.settings.secret_key, request.state.opened.key, ticket),
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
    changing: bool = False,
) -> Response:
    """``changing``: one page out of turn, from the check page and straight back to it."""
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
        changing=changing,
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

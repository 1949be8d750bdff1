"""The respondent's path by a named link: what this is → consent → the pages → check → receipt."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

import forms
from service.database import Database
from service.opened import Opened
from service.seals import Ticket
from service.submissions import actions, drafts, files, page_views
from service.submissions.languages import languages_of
from service.submissions.page_views import device_of, language_of, new_ticket, token_of
from service.tables import Person
from service.web import found, redirect, render


def start(request: Request, session: Session) -> Response:
    opened: Opened = request.state.opened
    actions.refuse_when_closed(opened.wave)
    own = actions.definition_of(session, opened, None, "")
    return render(
        request,
        "submissions/anonymous.html" if opened.wave.mode == "anonymous" else "submissions/start.html",
        opened=opened,
        definition=actions.definition_of(session, opened, None, language_of(request)),
        languages=languages_of(own),
        ticket=new_ticket(request),
        token=token_of(request),
    )


def form(request: Request, session: Session) -> Response:
    """An opened form: with what was left unsent, or this wave's answers, or last time's, to be looked through."""
    opened, person = request.state.opened, found(request.state.opened.person)
    actions.refuse_when_closed(opened.wave)
    if opened.consent != "given" or opened.unsaid:
        return redirect(request, "consents.show", token=token_of(request))
    anew = "anew" in request.query_params
    draft = drafts.of(session, opened.wave.id, person.id) if opened.drafted_at and not anew else None
    if draft:
        return page_views.continued(request, session, draft)
    known = actions.known_answers(session, opened.wave, person, opened.role)
    return page_views.first_page(request, session, known.answers, known.source)


def submit(request: Request, database: Database) -> Response:
    person = found(request.state.opened.person)

    def send(ticket: Ticket, definition: forms.Definition, answers: dict[str, Any]) -> Response:
        return _send(request, database, person, ticket, definition, answers)

    return page_views.turn(request, database, send)


def _send(
    request: Request,
    database: Database,
    person: Person,
    ticket: Ticket,
    definition: forms.Definition,
    answers: dict[str, Any],
) -> Response:
    opened: Opened = request.state.opened
    with database.writing(opened.organisation.id) as session:
        actions.refuse_when_closed(opened.wave, ticket)
        settled = files.settled(session, opened.wave.id, person.id, definition, answers)
        actions.record(session, opened.wave, person.id, opened.role, ticket, settled)
        if opened.drafted_at:
            drafts.forget(session, opened.wave.id, person.id)
    return redirect(request, "submissions.receipt", token=token_of(request))


def receipt(request: Request, session: Session) -> Response:
    opened: Opened = request.state.opened
    there = request.app.url_path_for("submissions.start", token=token_of(request))
    return render(
        request,
        "submissions/receipt.html",
        opened=opened,
        code=actions.receipt_code(found(opened.sent_as)),
        device=device_of(opened),
        own=request.url.replace(path=str(there)),
        token=token_of(request),
    )

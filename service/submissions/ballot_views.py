"""The respondent's path through an anonymous wave: a link is exchanged for a ticket, and from there on nobody is known.

No cookie, no line in the log, nobody's name in any address; the pages are those of a named questionnaire."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms import Definition
from service import ballots, seals
from service.database import Database
from service.errors import Invalid, NotFound
from service.opened import Opened
from service.seals import Ticket
from service.submissions import actions, anonymous_files, page_views
from service.web import found, redirect, render


def exchange(request: Request, database: Database) -> Response:
    """The address of the ticket is shown to this one browser; the page it came from is not told to it."""
    opened, page = request.state.opened, page_views.ticket_of(request)
    if page is None:
        raise Invalid
    if opened.wave.mode != "anonymous":
        raise NotFound
    actions.refuse_when_closed(opened.wave, page)
    with database.writing(opened.organisation.id) as session:
        key = ballots.exchange(database, session, opened.wave.id, found(opened.person).id, page.key)
    token = seals.ballot_token(request.app.state.settings.secret_key, key)
    response = redirect(request, "ballots.form", ticket=token)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def form(request: Request, session: Session) -> Response:
    """The questions; by a used ticket only the receipt."""
    if request.state.used:
        return _receipt(request)
    actions.refuse_when_closed(request.state.opened.wave)
    return page_views.first_page(request, session, {})


def submit(request: Request, database: Database) -> Response:
    if request.state.used:
        return _receipt(request)

    def send(ticket: Ticket, definition: Definition, answers: dict[str, Any]) -> Response:
        opened: Opened = request.state.opened
        actions.refuse_when_closed(opened.wave, ticket)
        settled = anonymous_files.settled(database, opened.wave.id, definition, answers)
        ballots.cast(database, opened.key, settled)
        return redirect(request, "ballots.form", ticket=request.path_params["ticket"])

    return page_views.turn(request, database, send)


def _receipt(request: Request) -> Response:
    opened: Opened = request.state.opened
    return render(
        request,
        "submissions/anonymous_receipt.html",
        opened=opened,
        code=actions.receipt_code(opened.key),
    )

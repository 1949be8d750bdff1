"""A newcomer introduces themselves by the common link of a wave."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.staff import Introduction
from service import seals
from service.errors import NotFound
from service.i18n import N_
from service.opened import Opened
from service.seals import Ticket
from service.submissions import actions, crowd
from service.submissions.page_views import new_ticket, ticket_of, token_of
from service.web import mistakes, redirect, render

MACHINE = N_("A field was filled in that only machines see. If you are a person, press the button once more.")


def introduction(request: Request, session: Session) -> Response:
    """In a crowd first the queue, which brings the visitor back with the ticket that they got there."""
    opened = _nobodys(request)
    actions.refuse_when_closed(opened.wave)
    text, work = (str(request.query_params.get(name, "")) for name in ("ticket", "work"))
    ticket = _opened(request, text)
    if ticket is None:
        text = new_ticket(request)
        ticket = _opened(request, text)
    seconds = crowd.wait(session, opened.wave.id, ticket, work) if ticket else 0
    if seconds:
        return _queue(request, text, seconds)
    return _page(request, Introduction(), ticket=text, work=work)


def introduce(request: Request, session: Session) -> Response:
    opened = _nobodys(request)
    posted, ticket = request.state.form, ticket_of(request)
    form, said = (
        Introduction(posted),
        {"ticket": str(posted.get("ticket", "")), "work": str(posted.get("work", ""))},
    )
    if ticket is None:
        return _page(request, form, 422, **said | {"ticket": new_ticket(request)})
    if not form.validate():
        return _page(request, form, 422, **said)
    if posted.get("website"):
        return _page(request, form, 422, **said, note=MACHINE)
    actions.refuse_when_closed(opened.wave, ticket)
    try:
        link = actions.introduce(session, opened, ticket, form.data, said["work"])
    except crowd.Crowded as crowded:
        return _queue(request, said["ticket"], crowded.seconds, form.data)
    token = seals.link_token(request.app.state.settings.secret_key, link.key)
    return redirect(request, "consents.show", token=token)


def _nobodys(request: Request) -> Opened:
    """Whoever came by a personal link is known already."""
    opened: Opened = request.state.opened
    if opened.person:
        raise NotFound
    return opened


def _opened(request: Request, ticket: str) -> Ticket | None:
    return seals.open_ticket(request.app.state.settings.secret_key, request.state.opened.key, ticket)


def _page(request: Request, form: Introduction, status: int = 200, **said: Any) -> Response:
    return render(
        request,
        "submissions/introduce.html",
        status,
        **{"note": None} | said,
        form=form,
        errors=mistakes(form),
        token=token_of(request),
    )


def _queue(request: Request, ticket: str, seconds: int, typed: dict[str, Any] | None = None) -> Response:
    """Opens by itself when the time has come, sooner where a browser does its bit of work; ``typed`` waits in it."""
    again = request.url.include_query_params(ticket=ticket)
    response = render(
        request,
        "submissions/queue.html",
        429 if typed else 200,
        ticket=ticket,
        key=ticket.partition(".")[0],
        bits=crowd.BITS,
        seconds=seconds,
        typed=typed,
        again=f"{again.path}?{again.query}",
    )
    response.headers["Retry-After"] = str(seconds)
    if not typed:
        response.headers["Refresh"] = f"{seconds}; url={again.path}?{again.query}"
    return response

"""The page of a wave's letters: the text before they go, and afterwards who got one."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms.text import clean, line
from service import mail
from service.errors import Conflict
from service.i18n import N_, Message, translate
from service.questionnaires import letters
from service.tables import Letter, Mailing, Person, Wave, now
from service.web import found, redirect, render

MOST_SUBJECT, MOST_TEXT = 200, 5_000
STATES = {
    "waiting": (N_("not sent yet"), "awaiting"),
    "sending": (N_("is being sent"), "awaiting"),
    "sent": (N_("sent"), "ready"),
    "failed": (N_("not sent"), "refused"),
    "unknown": (N_("not known"), "refused"),
    "needless": (N_("not needed any more"), "withdrawn"),
}
ANONYMOUS = N_(
    "Good day, {имя}!\n\nPlease answer the questionnaire “%(title)s” until {срок}.\n\n"
    "It is anonymous: this letter goes to everybody who is asked, and nobody knows who has answered. "
    "If you have answered already, there is nothing to be done.\n\n"
    "Your link; by it you get a ticket that is nobody's: {ссылка}\n\n%(organisation)s"
)
NAMED = N_(
    "Good day, {имя}!\n\nPlease answer the questionnaire “%(title)s” until {срок}.\n\n"
    "Your personal link: {ссылка}\n\nIt is for you alone: please do not pass it on.\n\n%(organisation)s"
)


def show(request: Request, session: Session) -> Response:
    wave = _wave(request, session)
    usual = ANONYMOUS if wave.mode == "anonymous" else NAMED
    known = {"title": wave.title, "organisation": request.state.organisation.short_name}
    return _page(request, session, wave, {"subject": wave.title, "text": translate(usual.text) % known})


def send(request: Request, session: Session) -> Response:
    """The first press of a day sends the letters; «again» sends what could not be sent."""
    wave, posted = _wave(request, session), request.state.form
    if not request.app.state.settings.mail_url:
        raise Conflict(N_("The service has no mail server."), N_("Copy the text and send it yourself."))
    mailing = letters.of_day(session, wave, _today(request))
    if mailing and "again" in posted:
        letters.go_on(session, mailing)
    elif mailing is None:
        typed = {
            "subject": line(str(posted.get("subject", "")))[:MOST_SUBJECT],
            "text": clean(str(posted.get("text", "")))[:MOST_TEXT],
        }
        if wrong := _mistakes(typed):
            return _page(request, session, wave, typed, wrong, 422)
        letters.begin(session, request.state.account, wave, _today(request), **typed)
    return redirect(request, "questionnaires.letters", id=wave.id)


def _mistakes(typed: dict[str, str]) -> dict[str, Message]:
    wrong = {}
    if not typed["subject"]:
        wrong["subject"] = N_("Write what the letter is about.")
    if letters.LINK not in typed["text"]:
        wrong["text"] = N_("Leave {ссылка} in the text: without their link people cannot answer.")
    return wrong


def _page(
    request: Request,
    session: Session,
    wave: Wave,
    typed: dict[str, str],
    wrong: dict[str, Message] | None = None,
    status: int = 200,
) -> Response:
    mailing, people = letters.of_day(session, wave, _today(request)), letters.recipients(session, wave)
    return render(
        request,
        "questionnaires/letters.html",
        status,
        wave=wave,
        typed=typed,
        errors=[(f"set-{name}", str(text)) for name, text in (wrong or {}).items()],
        possible=bool(request.app.state.settings.mail_url) and now() < wave.closes_at,
        reached=[person for person in people if mail.address_in(person.contact)],
        missed=[person for person in people if not mail.address_in(person.contact)],
        mailing=mailing,
        under_way=mailing is not None and letters.under_way(session, mailing),
        failure=mailing and mailing.failure and letters.FAILURES[mailing.failure],
        rows=_report(session, mailing) if mailing else [],
        states=STATES,
        reasons=letters.REASONS,
    )


def _report(session: Session, mailing: Mailing) -> list[Any]:
    return list(
        session.exec(
            select(Letter, Person)
            .join(Person, col(Person.id) == col(Letter.person_id))
            .where(Letter.mailing_id == mailing.id)
            .order_by(col(Person.sort_name), col(Person.id))
        ).all()
    )


def _today(request: Request) -> date:
    return now().astimezone(ZoneInfo(request.state.organisation.zone)).date()


def _wave(request: Request, session: Session) -> Wave:
    return found(session.get(Wave, request.path_params["id"]))

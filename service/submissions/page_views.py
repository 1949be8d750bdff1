"""The pages of a questionnaire, named or anonymous: every one carries all that was typed, so a restart, a day's pause
or a busy database loses nothing. Of whoever has a name each step is kept as a draft, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.text import line
from service import queries, seals
from service.database import Database
from service.errors import Busy, Closed, Conflict
from service.i18n import N_, language
from service.opened import Opened
from service.seals import Ticket
from service.submissions import actions, anonymous_files, drafts, files, progress
from service.submissions.drawn import drawn
from service.tables import Draft, now
from service.web import number, render

STALE = N_("This page was opened by another link or is damaged. Your answers are here: check and send them.")
UNDRAFTED = N_(
    "Your answers are too long to be kept here as a draft. They stay on this page and on this device: "
    "send them from here, or shorten them."
)
PREFILLED = {
    "draft": N_("This is what you typed and have not sent yet. Go on from here."),
    "sent": N_("These are the answers that you sent. Change what you want to and send them again."),
    "before": N_("We have filled in your answers of the last time: please check them."),
    "card": N_("We have filled in what we know already: please check it."),
}
Send = Callable[[Ticket, forms.Definition, dict[str, Any]], Response]


@dataclass(frozen=True)
class Sheet:
    """What a page is made of. ``said`` goes into the template."""

    request: Request
    blank: forms.Blank
    filled: forms.Filled
    said: Mapping[str, Any] = field(default_factory=dict)

    def page(self, at: int, status: int = 200, **said: Any) -> Response:
        """There is no page at all where all questions were about people, and there are none."""
        return render(
            self.request,
            "submissions/form.html",
            status,
            **{**_SAID, "ticket": _ticket_text(self.request), **self.said, **said},
            blank=self.blank,
            filled=self.filled,
            at=at,
            page=self.filled.pages[at] if self.blank.pages else None,
            progress=progress.of(self.blank, self.filled, at),
            watched=progress.watched(self.blank, at),
            drawn=drawn,
            opened=self.request.state.opened,
            device=device_of(self.request.state.opened),
        )


_SAID: dict[str, Any] = {
    "errors": [],
    "note": None,
    "told": None,
    "refusal": None,
    "changing": False,
    "saved_at": None,
}


# --- a page that is opened


def first_page(request: Request, session: Session, known: Mapping[str, Any], source: str = "") -> Response:
    blank = blank_of(session, request)
    filled = blank.from_answers(known) if source == "sent" else blank.opened(known)
    asked = (question.key for page in blank.pages for question in page.questions)
    told = PREFILLED.get(source) if any(known.get(key) for key in asked) else None
    return Sheet(request, blank, filled).page(_near(filled, 0), ticket=new_ticket(request), told=told)


def continued(request: Request, session: Session, draft: Draft) -> Response:
    """The same opening goes on, on whatever device."""
    blank = blank_of(session, request)
    filled = blank.bind(FormData([(name, value) for name, value in draft.typed]))
    ticket = new_ticket(request, draft.opened_at)
    said = {"ticket": ticket, "told": PREFILLED["draft"], "saved_at": draft.saved_at}
    return Sheet(request, blank, filled, said).page(_near(filled, draft.page))


# --- a page that is sent


def turn(request: Request, database: Database, send: Send) -> Response:
    """One step: back, on, to the check page, to a page to change something, or send; "here" only shows the page, and
    "shown" does not even keep what was typed: a browser asks how the page follows from it."""
    opened: Opened = request.state.opened
    ticket, go = ticket_of(request), str(request.state.form.get("go"))
    with database.reading(opened.organisation.id) as session:
        blank = blank_of(session, request, ticket)
        draft = _draft(session, opened, ticket) if go != "send" else None
    at = max(0, min(number(request.state.form.get("page")) or 0, len(blank.pages) - 1))
    sheet = Sheet(request, blank, blank.bind(_typed(request.state.form, blank, draft, at)))
    if ticket is None:
        return sheet.page(at, 422, ticket=new_ticket(request), note=STALE)
    if go == "shown":
        return sheet.page(at)
    if go == "send" and not (sheet.filled.errors() or sheet.filled.uploads()):
        try:
            return send(ticket, blank.definition, sheet.filled.answers())
        except (Closed, Conflict) as refusal:
            return sheet.page(at, refusal.status, refusal=refusal)
    return _step(sheet, database, ticket, at, go)


def _draft(session: Session, opened: Opened, ticket: Ticket | None) -> Draft | None:
    """What was typed since the same page was opened."""
    if not (opened.person and opened.drafted_at and ticket):
        return None
    draft = drafts.of(session, opened.wave.id, opened.person.id)
    return draft if draft and draft.opened_at == ticket.opened_at else None


def _typed(form: FormData, blank: forms.Blank, draft: Draft | None, at: int) -> FormData:
    if draft is None:
        return form
    return FormData([*form.multi_items(), *drafts.unknown(draft, form.keys(), blank.pages, at)])


def _step(sheet: Sheet, database: Database, ticket: Ticket, at: int, go: str) -> Response:
    filled, opened = sheet.filled, sheet.request.state.opened
    if opened.wave.mode == "anonymous":
        anonymous_files.keep(database, opened, filled)
    problems = filled.errors(at) if go in ("next", "check") and sheet.blank.pages else []
    there = at if problems else _next(filled, at, go)
    sheet = replace(sheet, said=_keep(sheet, database, ticket, at if there is None else there))
    if there is None:
        return _check_page(sheet, ticket)
    changing = go.startswith("change-") or (go == "check" and bool(filled.page_after(at)))
    return sheet.page(there, 422 if problems else 200, errors=_listed(problems), changing=changing)


def _next(filled: forms.Filled, at: int, go: str) -> int | None:
    """The page to be shown; None: the check page."""
    if go in ("check", "send"):
        return None
    if go == "next":
        return filled.page_after(at)
    if go == "back":
        before = filled.page_before(at)
        return _near(filled, at) if before is None else before
    return _near(filled, (number(go.removeprefix("change-")) or 0) if go.startswith("change-") else at)


def _near(filled: forms.Filled, page: int) -> int:
    """The page, or what is nearest to it of those that are asked."""
    return min(filled.asked, key=lambda number: abs(number - page), default=0)


def _keep(sheet: Sheet, database: Database, ticket: Ticket, page: int) -> dict[str, Any]:
    """What the page says of it: when the draft was saved. Only a file must not fail to be: no page can carry it."""
    opened: Opened = sheet.request.state.opened
    if opened.person is None or opened.consent != "given":
        return {}
    wave_id, person_id, filled = opened.wave.id, opened.person.id, sheet.filled
    uploads = filled.uploads()
    try:
        with database.writing(opened.organisation.id) as session:
            keep_files(session, filled, wave_id, person_id)
            if drafts.too_large(filled):
                return {"note": UNDRAFTED}
            return {"saved_at": drafts.keep(session, wave_id, person_id, ticket.opened_at, page, filled)}
    except SQLAlchemyError as error:
        if uploads:
            raise Busy from error
        return {}


def keep_files(session: Session, filled: forms.Filled, wave_id: int, person_id: int) -> None:
    for key, upload in filled.uploads():
        file: Any = upload  # Starlette's, which can be read
        name, media_type = line(file.filename)[-200:], file.content_type or ""
        filled.keep(key, files.keep(session, wave_id, person_id, name, media_type, file.file.read()))


def _check_page(sheet: Sheet, ticket: Ticket) -> Response:
    """Its answers are settled, so it has a key of its own: sending it twice is one reply, changing it another."""
    request, filled = sheet.request, sheet.filled
    if problems := filled.errors():
        faulty = filled.faulty_page() or 0
        here = {field.question.key for field in filled.fields(faulty)}
        listed = _listed([problem for problem in problems if problem.question_key in here])
        return sheet.page(faulty, 422, errors=listed, changing=True)
    return render(
        request,
        "submissions/check.html",
        **{**_SAID, **sheet.said},
        filled=filled,
        pages=[
            (number, *page, number in filled.asked) for number, page in enumerate(filled.summary()) if page[1]
        ],
        ticket=seals.renewed(request.app.state.settings.secret_key, request.state.opened.key, ticket),
        opened=request.state.opened,
        device=device_of(request.state.opened),
    )


def _listed(problems: list[forms.Problem]) -> list[tuple[str, str]]:
    return [(problem.field_id, forms.sentence(problem, language())) for problem in problems]


# --- what is asked, and by which opening


def blank_of(session: Session, request: Request, ticket: Ticket | None = None) -> forms.Blank:
    """A newcomer whom the curator has not confirmed yet is shown nobody's name."""
    opened: Opened = request.state.opened
    definition = actions.definition_of(session, opened, ticket, language_of(request))
    known = opened.person is not None and opened.person.confirmed_at is not None
    asks_about_people = any(question.people for question in definition.questions)
    others = queries.choices_of_people(session, but=opened.person) if known and asks_about_people else None
    return forms.build(definition, others)


def language_of(request: Request) -> str:
    return str(request.query_params.get("lang", ""))


def token_of(request: Request) -> str:
    return str(request.path_params.get("token", ""))


def device_of(opened: Opened) -> str:
    """Under what name a browser may keep what is typed: nothing that opens anything. Anonymous answers are not kept."""
    return seals.token_hash(f"device:{opened.key}")[:16] if opened.wave.mode == "named" else ""


def ticket_of(request: Request) -> Ticket | None:
    settings = request.app.state.settings
    return seals.open_ticket(settings.secret_key, request.state.opened.key, _ticket_text(request))


def _ticket_text(request: Request) -> str:
    return str(request.state.form.get("ticket", "")) if request.method == "POST" else ""


def new_ticket(request: Request, opened_at: datetime | None = None) -> str:
    opened: Opened = request.state.opened
    secret = request.app.state.settings.secret_key
    return seals.new_ticket(secret, opened.key, opened.wave.version_id, opened_at or now())

"""The seam between Starlette and plain functions.

    page(view, may)     GET    view(request, session) reads;   nothing is committed, but for the trail when ``audited``
    action(view, may)   POST   view(request, session) writes;  returning commits, raising rolls back
    slow(view, may)     POST   view(request, database) thinks between transactions that it opens itself
    stream(view, may)   GET    view(request, session) finds what to follow and returns an iterator of events

Views are ordinary sync functions on a worker thread. ``may`` is a policy of access.py and has no default. What is
posted is small unless there are ``uploads``. When an action starts, its form is read (``request.state.form``);
whatever is refused later comes back with every posted value.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import NoMatchFound
from wtforms import Form

from service import seals
from service.access import Policy, note_presence
from service.database import Database
from service.deeds import put_on_trail, put_on_trail_apart
from service.errors import (
    Broken,
    Busy,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    SecondFactorNeeded,
    SignInNeeded,
    WrongMethod,
)
from service.i18n import N_, say, translate
from service.pages import TEMPLATES, address
from service.posted import posted

View = Callable[[Request, Session], Response]
SlowView = Callable[[Request, Database], Response]
Follower = Callable[[Request, Session], AsyncIterator[dict[str, Any]]]
Endpoint = Callable[[Request], Awaitable[Response]]
Row = TypeVar("Row")

ID_DIGITS = 9  # more would not fit a column of ids
# fields of the forms whose content never goes back into a page
SECRETS = {"password", "old", "new", "code", "seed", "credential"}
_log = logging.getLogger("nastavnik.web")


def page(view: View, may: Policy, *, audited: bool = False) -> Endpoint:
    def read(request: Request) -> Response:
        response: Response = _inside(request.app.state.database.reading, view, request, may)
        if audited:
            put_on_trail_apart(request, response)
        return response

    async def endpoint(request: Request) -> Response:
        with _room(request):
            return await run_in_threadpool(read, request)

    endpoint.audited = audited  # type: ignore[attr-defined]
    return _known(endpoint, view, may)


def action(view: View, may: Policy, *, uploads: bool = False) -> Endpoint:
    def recorded(request: Request, session: Session) -> Response:
        response = view(request, session)
        put_on_trail(request, session, response)
        return response

    async def endpoint(request: Request) -> Response:
        async with posted(request, uploads=uploads):
            with _room(request):
                return await run_in_threadpool(
                    _inside, request.app.state.database.writing, recorded, request, may
                )

    return _known(endpoint, view, may)


def slow(view: SlowView, may: Policy, *, uploads: bool = False) -> Endpoint:
    def unlocked(request: Request) -> Response:
        database = request.app.state.database
        _inside(database.reading, lambda request, session: None, request, may)
        response = view(request, database)
        put_on_trail_apart(request, response)
        return response

    async def endpoint(request: Request) -> Response:
        async with posted(request, uploads=uploads):
            with _room(request):
                return await run_in_threadpool(unlocked, request)

    return _known(endpoint, view, may)


def stream(view: Follower, may: Policy) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        events = await run_in_threadpool(_inside, request.app.state.database.reading, view, request, may)
        return EventSourceResponse({"data": json.dumps(event)} async for event in events)

    return _known(endpoint, view, may)


def _known(endpoint: Any, view: Callable[..., Any], may: Policy) -> Endpoint:
    """Named as the slice's view, for the log; its policy can be read, for the test that tries every visitor on it."""
    endpoint.__name__ = f"{view.__module__.split('.')[1]}.{view.__name__}"
    endpoint.may = may
    known: Endpoint = endpoint
    return known


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    context.setdefault("organisation", getattr(request.state, "organisation", None))
    return HTMLResponse(TEMPLATES.get_template(template).render(request=request, **context), status)


def redirect(request: Request, name: str, **path: Any) -> Response:
    return RedirectResponse(address(request, name, **path), 303)


def download(data: bytes, media_type: str, filename: str) -> Response:
    """A file to be saved; ``filename`` may be Russian."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})


def mistakes(form: Form) -> list[tuple[str, str]]:
    """What an error summary lists of a form that the developers wrote: (field id, sentence)."""
    return [(field.id, say(text)) for field in form for text in field.errors]


def found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def own_path(text: str) -> str:
    """``text`` if it is an address of ours to go to, else the first page."""
    safe = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if safe and text.isprintable() else "/"


def number(text: object) -> int | None:
    """A posted whole number that may be a row's id."""
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= ID_DIGITS else None


# --- inside the seam


def _inside(
    transaction: Callable[[], AbstractContextManager[Session]],
    view: Callable[..., Any],
    request: Request,
    may: Policy,
) -> Any:
    with transaction() as session:
        may(request, session)
        _refuse_forged(request)
        answer = view(request, session)
    note_presence(request)
    return answer


def _refuse_forged(request: Request) -> None:
    """A signed-in person's form carries a seal over their sign-in."""
    form, sign_in = getattr(request.state, "form", None), getattr(request.state, "sign_in", None)
    if form is None or sign_in is None:
        return
    expected = seals.csrf_token(request.app.state.settings.secret_key, sign_in.token_hash)
    if not seals.same(str(form.get("csrf", "")), expected):
        raise Forbidden(
            N_("You have signed in anew since this page was opened."),
            N_("Nothing is lost: check what you entered and press the button again."),
        )


class _room:  # noqa: N801  (used as a statement: with _room(request))
    """Room for one more request at once; beyond that people are asked to wait, and lose nothing."""

    def __init__(self, request: Request) -> None:
        self.state, self.limit = request.app.state, request.app.state.settings.at_once

    def __enter__(self) -> None:
        if self.state.inside >= self.limit:
            raise Busy
        self.state.inside += 1

    def __exit__(self, *_: object) -> None:
        self.state.inside -= 1


# --- what could not be done


async def refuse(request: Request, error: Exception) -> Response:
    """Every refusal becomes a page that says what is wrong and what to do, with everything that was sent."""
    refusal = _as_refusal(error)
    if isinstance(refusal, SignInNeeded) and request.method == "GET":
        back = quote(request.scope["path"])
        return RedirectResponse(f"{request.app.url_path_for('accounts.sign_in')}?next={back}", 303)
    if isinstance(refusal, SecondFactorNeeded) and request.method == "GET":
        return redirect(request, "accounts.security")
    resend = _posted(request)
    if isinstance(refusal, SignInNeeded) and resend:
        refusal.advice = N_("Sign in in another tab, come back here and press the button: nothing is lost.")
    response = render(
        request,
        "refusal.html",
        refusal.status,
        message=str(refusal.message),
        advice=str(refusal.advice),
        resend=resend,
        again=_way_on(request, refusal),
    )
    if isinstance(refusal, Busy):
        response.headers["Retry-After"] = "5"
    if isinstance(error, HTTPException) and error.headers:
        response.headers.update(error.headers)
    return response


def _as_refusal(error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case OperationalError() | PoolTimeout():
            _log.warning("the database did not answer: %s", type(error).__name__)
            return Busy()
        case IntegrityError() | StaleDataError():  # what the page was about has changed at the same moment
            _log.warning("the database refused a change: %s", type(error).__name__)
            return Conflict()
        case DataError() | OverflowError():
            return Invalid()
        case HTTPException():
            return _BY_STATUS.get(error.status_code, Invalid)()
    _log.error("a request failed", exc_info=error)
    return Broken()


_BY_STATUS: dict[int, type[Refusal]] = {404: NotFound, 405: WrongMethod}


def _way_on(request: Request, refusal: Refusal) -> tuple[str, str, bool] | None:
    """From a page that is nobody's: (address, text, in another tab), or None where there is nothing to go to."""
    if isinstance(refusal, SignInNeeded):
        return request.app.url_path_for("accounts.sign_in"), translate("Sign in"), True
    if ticket := request.path_params.get("ticket"):
        there = request.app.url_path_for("ballots.form", ticket=ticket)
        return (
            (there, translate("To the start of the questionnaire"), False)
            if hasattr(request.state, "opened")
            else None
        )
    if token := request.path_params.get("token"):
        known = hasattr(request.state, "opened") or not isinstance(refusal, NotFound)
        start = request.app.url_path_for("submissions.start", token=token)
        return (start, translate("To the start of the questionnaire"), False) if known else None
    try:
        return request.app.url_path_for("home.show"), translate("To the first page"), False
    except NoMatchFound:  # the respondents' application has none
        return None


def _posted(request: Request) -> list[tuple[str, str]]:
    """Everything that was posted, with the seal of the person who is signed in now; of a form with a secret nothing."""
    form, sign_in = getattr(request.state, "form", None), getattr(request.state, "sign_in", None)
    posted = [(name, value) for name, value in form.multi_items() if isinstance(value, str)] if form else []
    if SECRETS & {name for name, _ in posted}:
        return []
    if not posted or sign_in is None:
        return posted
    seal = seals.csrf_token(request.app.state.settings.secret_key, sign_in.token_hash)
    return [*((name, value) for name, value in posted if name != "csrf"), ("csrf", seal)]

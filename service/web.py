"""The seam between Starlette and plain functions.

    page(view, may)     GET    view(request, session) reads;   nothing is committed
    action(view, may)   POST   view(request, session) writes;  returning commits, raising rolls back
    slow(view, may)     POST   view(request, database) thinks between transactions that it opens itself
    stream(view, may)   GET    view(request, session) finds what to follow and returns an iterator of events

Views are ordinary sync functions on a worker thread. ``may`` is a policy of access.py and has no default. When an
action starts, its form is read (``request.state.form``); whatever is refused later comes back with every posted value.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from wtforms import Form

from service import seals
from service.access import Policy
from service.database import Database
from service.errors import Busy, Conflict, Forbidden, Invalid, NotFound, Refusal, SignInNeeded, TooLarge
from service.i18n import N_, Message, translate
from service.pages import TEMPLATES

View = Callable[[Request, Session], Response]
SlowView = Callable[[Request, Database], Response]
Follower = Callable[[Request, Session], AsyncIterator[dict[str, Any]]]
Endpoint = Callable[[Request], Awaitable[Response]]
Row = TypeVar("Row")

READ_SECONDS = 30
MAX_FIELDS, MAX_FIELD_BYTES = 2000, 256 * 1024
_log = logging.getLogger("nastavnik.web")


def page(view: View, may: Policy) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        with _room(request):
            return await run_in_threadpool(_inside, request.app.state.database.reading, view, request, may)

    return endpoint


def action(view: View, may: Policy) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        _refuse_foreign_origin(request)
        request.state.form = await _form(request)
        with _room(request):
            return await run_in_threadpool(_inside, request.app.state.database.writing, view, request, may)

    return endpoint


def slow(view: SlowView, may: Policy) -> Endpoint:
    def unlocked(request: Request) -> Response:
        database = request.app.state.database
        _inside(database.reading, lambda request, session: None, request, may)
        return view(request, database)

    async def endpoint(request: Request) -> Response:
        _refuse_foreign_origin(request)
        request.state.form = await _form(request)
        with _room(request):
            return await run_in_threadpool(unlocked, request)

    return endpoint


def stream(view: Follower, may: Policy) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        events = await run_in_threadpool(_inside, request.app.state.database.reading, view, request, may)
        return EventSourceResponse({"data": json.dumps(event)} async for event in events)

    return endpoint


def render(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    context.setdefault("organisation", getattr(request.state, "organisation", None))
    return HTMLResponse(TEMPLATES.get_template(template).render(request=request, **context), status)


def redirect(request: Request, name: str, **path: Any) -> Response:
    return RedirectResponse(request.app.url_path_for(name, **path), 303)


def download(data: bytes, media_type: str, filename: str) -> Response:
    """A file to be saved; ``filename`` may be Russian."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename)}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})


def mistakes(form: Form) -> list[tuple[str, str]]:
    """What an error summary lists of a form that the developers wrote: (field id, sentence)."""
    return [(field.id, sentence_of(text)) for field in form for text in field.errors]


def sentence_of(error: Any) -> str:
    """A staff form's error in the language of the request."""
    return (
        translate(str(error)) % getattr(error, "values", {}) if not isinstance(error, Message) else str(error)
    )


def found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def own_path(text: str) -> str:
    """``text`` if it is an address of ours to go to, else the first page."""
    parts = urlsplit(text)
    safe = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.netloc
    return text if safe and text.isprintable() else "/"


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
        return view(request, session)


def _refuse_foreign_origin(request: Request) -> None:
    """Browsers say where a post comes from; another site may not post in a visitor's name (OWASP, Fetch Metadata)."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = (
        site not in ("same-origin", "none")
        if site
        else origin and urlsplit(origin).netloc != request.headers.get("host")
    )
    if foreign:
        raise Forbidden(N_("The form came from another site."), N_("Open the page here and send it again."))


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


async def _form(request: Request) -> FormData:
    """The posted form without NUL characters and half characters, which no database keeps."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            form = await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except TimeoutError as error:
        raise Invalid(
            N_("The form did not arrive in time."), N_("Check the connection and send it again.")
        ) from error
    except (UnicodeError, ValueError) as error:
        raise Invalid from error
    return FormData(
        [
            (_clean(name), _clean(value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


def _clean(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()


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


REFUSED: tuple[type[Exception], ...] = (
    Refusal,
    HTTPException,
    OperationalError,
    PoolTimeout,
    DataError,
    Exception,
)


async def refuse(request: Request, error: Exception) -> Response:
    """Every refusal becomes a page that says what is wrong and what to do, with everything that was sent."""
    refusal = _as_refusal(error)
    if isinstance(refusal, SignInNeeded) and request.method == "GET":
        back = quote(request.scope["path"])
        return RedirectResponse(f"{request.app.url_path_for('accounts.sign_in')}?next={back}", 303)
    response = render(
        request,
        "refusal.html",
        refusal.status,
        message=str(refusal.message),
        advice=str(refusal.advice),
        resend=_posted(request),
        again=None,
    )
    if isinstance(refusal, Busy):
        response.headers["Retry-After"] = "5"
    return response


def _as_refusal(error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case OperationalError() | PoolTimeout():
            _log.warning("the database did not answer: %s", type(error).__name__)
            return Busy()
        case DataError():
            return Invalid()
        case HTTPException():
            return _BY_STATUS.get(error.status_code, Invalid)()
    return Refusal(
        N_("Something went wrong on our side."),
        N_("Try again in a minute; if it repeats, tell your curator."),
    )


_BY_STATUS: dict[int, type[Refusal]] = {404: NotFound, 403: Forbidden, 409: Conflict, 413: TooLarge}


def _posted(request: Request) -> list[tuple[str, str]]:
    """Everything that was posted, with the seal of the person who is signed in now."""
    form, sign_in = getattr(request.state, "form", None), getattr(request.state, "sign_in", None)
    if form is None:
        return []
    posted = [
        (name, value) for name, value in form.multi_items() if isinstance(value, str) and name != "csrf"
    ]
    if sign_in is not None:
        posted.append(("csrf", seals.csrf_token(request.app.state.settings.secret_key, sign_in.token_hash)))
    return posted

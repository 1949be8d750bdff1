"""The service put together.

PUBLIC (respondents) and STAFF (curator, director) are two applications that share no routing. ``create_app`` serves
them together; each may also be served alone, in a process and with a database role of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from service.addresses import PUBLIC, STAFF
from service.database import Database
from service.envelope import Envelope
from service.jobs import Duty, Engine
from service.pages import STATIC
from service.settings import Settings
from service.web import refuse


def create_public(settings: Settings, database: Database) -> Starlette:
    return create(PUBLIC, settings, database, keep="private, no-cache")


def create_staff(
    settings: Settings,
    database: Database,
    handlers: Mapping[str, Any] | None = None,
    duties: Sequence[Duty] = (),
) -> Starlette:
    """With ``handlers`` this process also does the jobs and the ``duties``, from start-up to shutdown."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        engine = Engine(database, settings, handlers, duties) if handlers else None
        if engine:
            await run_in_threadpool(engine.start)
        yield
        if engine:
            await run_in_threadpool(engine.stop)

    return create(STAFF, settings, database, keep="no-store", lifespan=lifespan)


def create_app(
    settings: Settings,
    database: Database,
    handlers: Mapping[str, Any] | None = None,
    duties: Sequence[Duty] = (),
) -> ASGIApp:
    return both(create_public(settings, database), create_staff(settings, database, handlers, duties))


def both(public: ASGIApp, staffed: ASGIApp) -> ASGIApp:
    """Told apart by the address alone: /q/… and /a/… are the respondents', all the rest the staff's."""

    async def together(scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and scope["path"].startswith(("/q/", "/a/"))
        await (public if is_public else staffed)(scope, receive, send)

    return together


class _Kept(StaticFiles):
    """Their addresses change with their content, so a browser may keep them for ever."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create(
    routes: list[BaseRoute], settings: Settings, database: Database, keep: str, **more: Any
) -> Starlette:
    app = Starlette(
        routes=[*routes, Mount("/static", _Kept(directory=STATIC), name="static")],
        middleware=[
            Middleware(Envelope, keep=keep, https=settings.https),
            Middleware(ExceptionMiddleware, handlers={Exception: refuse}),  # inside the envelope
        ],
        exception_handlers={HTTPException: refuse},
        **more,
    )
    app.router.redirect_slashes = False
    app.state.settings, app.state.database, app.state.inside = settings, database, 0
    return app

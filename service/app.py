"""Every address of the service, and the one place where it is put together.

PUBLIC (respondents) and STAFF (curator, director) are two applications that share no routing. ``create_app`` serves
them together; each may also be served alone, in a process and with a database role of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import anyone, curator, director, link_holder, staff
from service.accounts import views as accounts
from service.assignments import views as assignments
from service.consents import views as consents
from service.database import Database
from service.documents import views as documents
from service.envelope import Envelope
from service.home import views as home
from service.jobs import Engine
from service.pages import STATIC
from service.people import views as people
from service.questionnaires import views as questionnaires
from service.runs import views as runs
from service.settings import Settings
from service.submissions import views as submissions
from service.web import REFUSED, action, page, refuse, slow, stream

POST = ["POST"]

PUBLIC: list[BaseRoute] = [
    Route("/q/{token}", page(submissions.start, link_holder), name="submissions.start"),
    Route(
        "/q/{token}/introduction",
        page(submissions.introduction, link_holder),
        name="submissions.introduction",
    ),
    Route("/q/{token}/introduction", action(submissions.introduce, link_holder), methods=POST),
    Route("/q/{token}/consent", page(consents.show, link_holder), name="consents.show"),
    Route("/q/{token}/consent", action(consents.decide, link_holder), methods=POST),
    Route("/q/{token}/refused", page(consents.refused, link_holder), name="consents.refused"),
    Route("/q/{token}/answers", page(submissions.form, link_holder), name="submissions.form"),
    Route("/q/{token}/answers", slow(submissions.submit, link_holder), methods=POST),
    Route("/q/{token}/receipt", page(submissions.receipt, link_holder), name="submissions.receipt"),
]

STAFF: list[BaseRoute] = [
    Route("/", page(home.show, staff), name="home.show"),
    Route("/language", action(home.language, anyone), methods=POST, name="home.language"),
    # accounts
    Route("/sign-in", page(accounts.sign_in, anyone), name="accounts.sign_in"),
    Route("/sign-in", slow(accounts.enter, anyone), methods=POST),
    Route("/sign-out", action(accounts.sign_out, staff), methods=POST, name="accounts.sign_out"),
    Route("/password", page(accounts.password, staff), name="accounts.password"),
    Route("/password", slow(accounts.change_password, staff), methods=POST),
    Route("/organisation", page(accounts.organisation, staff), name="accounts.organisation"),
    Route("/organisation", action(accounts.save_organisation, curator), methods=POST),
    # questionnaires
    Route("/questionnaires", page(questionnaires.index, staff), name="questionnaires.index"),
    Route("/questionnaires/{id:int}", page(questionnaires.show, staff), name="questionnaires.show"),
    Route("/waves/new", page(questionnaires.new_wave, curator), name="questionnaires.new_wave"),
    Route("/waves/new", action(questionnaires.open_wave, curator), methods=POST),
    Route("/waves/{id:int}", page(questionnaires.wave, staff), name="questionnaires.wave"),
    Route(
        "/waves/{id:int}/links",
        action(questionnaires.add_links, curator),
        methods=POST,
        name="questionnaires.add_links",
    ),
    Route(
        "/waves/{id:int}/end",
        action(questionnaires.set_end, curator),
        methods=POST,
        name="questionnaires.set_end",
    ),
    Route("/waves/{id:int}/sheet", page(questionnaires.sheet, curator), name="questionnaires.sheet"),
    Route(
        "/waves/{id:int}/links.csv",
        page(questionnaires.mailing, curator),
        name="questionnaires.mailing",
    ),
    Route(
        "/links/{id:int}/reissue",
        action(questionnaires.reissue, curator),
        methods=POST,
        name="questionnaires.reissue",
    ),
    # people
    Route("/bank/{role}", page(people.bank, staff), name="people.bank"),
    Route("/people/new", page(people.new, curator), name="people.new"),
    Route("/people/new", action(people.add, curator), methods=POST),
    Route("/people/newcomers", page(people.newcomers, curator), name="people.newcomers"),
    Route("/people/{id:int}", page(people.show, staff), name="people.show"),
    Route("/people/{id:int}/edit", page(people.edit, curator), name="people.edit"),
    Route("/people/{id:int}/edit", action(people.change, curator), methods=POST),
    Route("/people/{id:int}/confirm", action(people.confirm, curator), methods=POST, name="people.confirm"),
    Route(
        "/people/{id:int}/consent",
        action(consents.on_paper, curator),
        methods=POST,
        name="consents.on_paper",
    ),
    Route(
        "/people/{id:int}/answers/{wave_id:int}",
        page(submissions.paper, curator),
        name="submissions.paper",
    ),
    Route("/people/{id:int}/answers/{wave_id:int}", action(submissions.enter_paper, curator), methods=POST),
    Route(
        "/memberships/{id:int}/withdraw",
        action(people.withdraw, curator),
        methods=POST,
        name="people.withdraw",
    ),
    Route(
        "/memberships/{id:int}/restore",
        action(people.restore, curator),
        methods=POST,
        name="people.restore",
    ),
    # runs
    Route("/runs", page(runs.index, staff), name="runs.index"),
    Route("/runs", action(runs.start, curator), methods=POST, name="runs.start"),
    Route("/runs/compare", page(runs.compare, staff), name="runs.compare"),
    Route("/runs/{id:int}", page(runs.show, staff), name="runs.show"),
    Route("/runs/{id:int}/events", stream(runs.events, staff), name="runs.events"),
    Route("/runs/{id:int}/cancel", action(runs.cancel, curator), methods=POST, name="runs.cancel"),
    Route("/runs/{id:int}/approve", action(runs.approve, curator), methods=POST, name="runs.approve"),
    Route("/runs/{id:int}/problem.json", page(runs.problem, staff), name="runs.problem"),
    Route("/runs/{id:int}/outcome.json", page(runs.outcome, staff), name="runs.outcome"),
    Route("/decisions", action(runs.decide, curator), methods=POST, name="runs.decide"),
    Route("/decisions/{id:int}/withdraw", action(runs.withdraw, curator), methods=POST, name="runs.withdraw"),
    Route("/people/{id:int}/places", action(runs.places, curator), methods=POST, name="runs.places"),
    # assignments
    Route("/pairs", page(assignments.index, staff), name="assignments.index"),
    Route("/pairs/term", action(assignments.set_term, curator), methods=POST, name="assignments.set_term"),
    Route("/pairs/{id:int}", page(assignments.show, staff), name="assignments.show"),
    Route("/pairs/{id:int}", action(assignments.change, curator), methods=POST),
    Route(
        "/pairs/{id:int}/accept", action(assignments.accept, curator), methods=POST, name="assignments.accept"
    ),
    Route("/pairs/{id:int}/end", action(assignments.end, curator), methods=POST, name="assignments.end"),
    # documents
    Route("/orders", page(documents.index, staff), name="documents.index"),
    Route("/orders", action(documents.create, curator), methods=POST, name="documents.create"),
    Route("/orders/{id:int}", page(documents.show, staff), name="documents.show"),
    Route("/orders/{id:int}/edit", page(documents.edit, curator), name="documents.edit"),
    Route("/orders/{id:int}/edit", action(documents.change, curator), methods=POST),
    Route(
        "/orders/{id:int}/names", action(documents.correct, curator), methods=POST, name="documents.correct"
    ),
    Route(
        "/orders/{id:int}/approve", slow(documents.approve, director), methods=POST, name="documents.approve"
    ),
    Route("/orders/{id:int}/order.docx", page(documents.docx, staff), name="documents.docx"),
    Route("/orders/{id:int}/pairs.xlsx", page(documents.xlsx, staff), name="documents.xlsx"),
    Route("/templates", page(documents.templates, staff), name="documents.templates"),
    Route("/templates", slow(documents.upload, curator), methods=POST),
    Route("/templates/standard.docx", page(documents.standard, staff), name="documents.standard"),
    Route(
        "/templates/{id:int}/withdraw",
        action(documents.withdraw, curator),
        methods=POST,
        name="documents.withdraw",
    ),
    # consents
    Route("/consents/text", page(consents.text, staff), name="consents.text"),
    Route("/consents/text", action(consents.publish, curator), methods=POST),
]


def create_public(settings: Settings, database: Database) -> Starlette:
    return _create([*PUBLIC, _static()], settings, database, keep="private, no-cache")


def create_staff(
    settings: Settings, database: Database, handlers: Mapping[str, Any] | None = None
) -> Starlette:
    """With ``handlers`` this process also does the jobs, from start-up to shutdown."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        engine = Engine(database, settings, handlers) if handlers else None
        if engine:
            await run_in_threadpool(engine.start)
        yield
        if engine:
            await run_in_threadpool(engine.stop)

    return _create([*STAFF, _static()], settings, database, keep="no-store", lifespan=lifespan)


def create_app(settings: Settings, database: Database, handlers: Mapping[str, Any] | None = None) -> ASGIApp:
    """Both, told apart by the address alone: /q/… is the respondents', all the rest the staff's."""
    public, staffed = create_public(settings, database), create_staff(settings, database, handlers)

    async def together(scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and scope["path"].startswith("/q/")
        await (public if is_public else staffed)(scope, receive, send)

    return together


def _static() -> Mount:
    return Mount("/static", StaticFiles(directory=STATIC), name="static")


def _create(
    routes: list[BaseRoute], settings: Settings, database: Database, keep: str, **more: Any
) -> Starlette:
    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Envelope, keep=keep, https=settings.https),
            Middleware(RequestBodyLimitMiddleware, max_body_size=settings.body_megabytes << 20),
        ],
        exception_handlers=dict.fromkeys(REFUSED, refuse),
        **more,
    )
    app.router.redirect_slashes = False
    app.state.settings, app.state.database, app.state.inside = settings, database, 0
    return app

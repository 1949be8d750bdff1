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
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import Response
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
from service.people import team_views as teams
from service.people import views as people
from service.questionnaires import views as questionnaires
from service.runs import views as runs
from service.settings import Settings
from service.submissions import paper_views as paper
from service.submissions import views as submissions
from service.web import ID_DIGITS, action, page, refuse, slow, stream

POST = ["POST"]


class _Id(IntegerConvertor):
    regex = f"[1-9][0-9]{{0,{ID_DIGITS - 1}}}"


register_url_convertor("id", _Id())

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
    Route("/questionnaires/{id:id}", page(questionnaires.show, staff), name="questionnaires.show"),
    Route("/waves/new", page(questionnaires.new_wave, curator), name="questionnaires.new_wave"),
    Route("/waves/new", action(questionnaires.open_wave, curator), methods=POST),
    Route("/waves/{id:id}", page(questionnaires.wave, staff), name="questionnaires.wave"),
    Route(
        "/waves/{id:id}/links",
        action(questionnaires.add_links, curator),
        methods=POST,
        name="questionnaires.add_links",
    ),
    Route(
        "/waves/{id:id}/end",
        action(questionnaires.set_end, curator),
        methods=POST,
        name="questionnaires.set_end",
    ),
    Route("/waves/{id:id}/sheet", page(questionnaires.sheet, curator), name="questionnaires.sheet"),
    Route(
        "/waves/{id:id}/links.csv",
        page(questionnaires.mailing, curator),
        name="questionnaires.mailing",
    ),
    Route(
        "/links/{id:id}/reissue",
        action(questionnaires.reissue, curator),
        methods=POST,
        name="questionnaires.reissue",
    ),
    # people
    Route("/bank/{role}", page(people.bank, staff), name="people.bank"),
    Route("/people/new", page(people.new, curator), name="people.new"),
    Route("/people/new", action(people.add, curator), methods=POST),
    Route("/people/newcomers", page(people.newcomers, curator), name="people.newcomers"),
    Route("/people/{id:id}", page(people.show, staff), name="people.show"),
    Route("/people/{id:id}/edit", page(people.edit, curator), name="people.edit"),
    Route("/people/{id:id}/edit", action(people.change, curator), methods=POST),
    Route("/people/{id:id}/confirm", action(people.confirm, curator), methods=POST, name="people.confirm"),
    Route(
        "/people/{id:id}/consent",
        action(consents.on_paper, curator),
        methods=POST,
        name="consents.on_paper",
    ),
    Route(
        "/people/{id:id}/answers/{wave_id:id}",
        page(paper.show, curator),
        name="submissions.paper",
    ),
    Route("/people/{id:id}/answers/{wave_id:id}", action(paper.enter, curator), methods=POST),
    Route("/memberships/{id:id}", action(people.set_terms, curator), methods=POST, name="people.set_terms"),
    Route(
        "/memberships/{id:id}/withdraw",
        action(people.withdraw, curator),
        methods=POST,
        name="people.withdraw",
    ),
    Route(
        "/memberships/{id:id}/restore",
        action(people.restore, curator),
        methods=POST,
        name="people.restore",
    ),
    Route("/teams", page(teams.index, staff), name="people.teams"),
    Route("/teams", action(teams.add, curator), methods=POST),
    Route("/teams/{id:id}/dissolve", action(teams.dissolve, curator), methods=POST, name="people.dissolve"),
    # runs
    Route("/runs", page(runs.index, staff), name="runs.index"),
    Route("/runs", action(runs.start, curator), methods=POST, name="runs.start"),
    Route("/runs/compare", page(runs.compare, staff), name="runs.compare"),
    Route("/runs/{id:id}", page(runs.show, staff), name="runs.show"),
    Route("/runs/{id:id}/events", stream(runs.events, staff), name="runs.events"),
    Route("/runs/{id:id}/cancel", action(runs.cancel, curator), methods=POST, name="runs.cancel"),
    Route("/runs/{id:id}/again", action(runs.again, curator), methods=POST, name="runs.again"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", page(runs.why, staff), name="runs.why"),
    Route("/runs/{id:id}/mentees/{mentee_id:id}", slow(runs.explain, curator), methods=POST),
    Route("/runs/{id:id}/approve", action(runs.approve, curator), methods=POST, name="runs.approve"),
    Route("/runs/{id:id}/problem.json", page(runs.problem, staff), name="runs.problem"),
    Route("/runs/{id:id}/outcome.json", page(runs.outcome, staff), name="runs.outcome"),
    Route("/decisions", action(runs.decide, curator), methods=POST, name="runs.decide"),
    Route("/decisions/{id:id}/withdraw", action(runs.withdraw, curator), methods=POST, name="runs.withdraw"),
    Route("/people/{id:id}/places", action(runs.places, curator), methods=POST, name="runs.places"),
    # assignments
    Route("/pairs", page(assignments.index, staff), name="assignments.index"),
    Route("/pairs/term", action(assignments.set_term, curator), methods=POST, name="assignments.set_term"),
    Route(
        "/pairs/accept", action(assignments.accept_all, curator), methods=POST, name="assignments.accept_all"
    ),
    Route("/pairs/{id:id}", page(assignments.show, staff), name="assignments.show"),
    Route("/pairs/{id:id}", action(assignments.change, curator), methods=POST),
    Route(
        "/pairs/{id:id}/accept", action(assignments.accept, curator), methods=POST, name="assignments.accept"
    ),
    Route("/pairs/{id:id}/end", action(assignments.end, curator), methods=POST, name="assignments.end"),
    # documents
    Route("/orders", page(documents.index, staff), name="documents.index"),
    Route("/orders", action(documents.create, curator), methods=POST, name="documents.create"),
    Route("/orders/{id:id}", page(documents.show, staff), name="documents.show"),
    Route("/orders/{id:id}/edit", page(documents.edit, curator), name="documents.edit"),
    Route("/orders/{id:id}/edit", action(documents.change, curator), methods=POST),
    Route(
        "/orders/{id:id}/names", action(documents.correct, curator), methods=POST, name="documents.correct"
    ),
    Route(
        "/orders/{id:id}/approve", slow(documents.approve, director), methods=POST, name="documents.approve"
    ),
    Route("/orders/{id:id}/order.docx", page(documents.docx, staff), name="documents.docx"),
    Route("/orders/{id:id}/pairs.xlsx", page(documents.xlsx, staff), name="documents.xlsx"),
    Route("/templates", page(documents.templates, staff), name="documents.templates"),
    Route("/templates", slow(documents.upload, curator), methods=POST),
    Route("/templates/standard.docx", page(documents.standard, staff), name="documents.standard"),
    Route(
        "/templates/{id:id}/withdraw",
        action(documents.withdraw, curator),
        methods=POST,
        name="documents.withdraw",
    ),
    # consents
    Route("/consents/text", page(consents.text, staff), name="consents.text"),
    Route("/consents/text", action(consents.publish, curator), methods=POST),
]


def create_public(settings: Settings, database: Database) -> Starlette:
    return create(PUBLIC, settings, database, keep="private, no-cache")


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

    return create(STAFF, settings, database, keep="no-store", lifespan=lifespan)


def create_app(settings: Settings, database: Database, handlers: Mapping[str, Any] | None = None) -> ASGIApp:
    """Both, told apart by the address alone: /q/… is the respondents', all the rest the staff's."""
    public, staffed = create_public(settings, database), create_staff(settings, database, handlers)

    async def together(scope: Scope, receive: Receive, send: Send) -> None:
        is_public = scope["type"] == "http" and scope["path"].startswith("/q/")
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

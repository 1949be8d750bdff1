"""What every response carries, whatever it is, and what the log never holds."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from service import app, web
from service.access import anyone
from service.addresses import STAFF
from service.envelope import HEADERS, POLICY
from service.posted import FORM_BYTES
from tests.asgi import ask
from tests.factories import World
from tests.service.test_submissions import filled

STAFFS, RESPONDENTS, FOR_EVER = "no-store", "private, no-cache", "public, max-age=31536000, immutable"


@pytest.fixture
def path(world: World) -> str:
    person_id = world.person("Петрова Анна Ильинична", "mentee", phone="+7 900 123-45-67")
    world.says(person_id)
    return world.link(world.wave("mentee"), person_id)


def test_no_page_may_run_load_or_be_framed_by_anything_of_others() -> None:
    assert POLICY.startswith("default-src 'none'")
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "http" not in POLICY


def divide_by_zero(_request: Request, _session: Session) -> Response:
    raise ZeroDivisionError


def test_every_kind_of_answer_carries_the_headers_and_says_what_may_be_kept(world: World, path: str) -> None:
    staff = world.signed_in(world.curator)
    director = world.signed_in(world.director)
    wave = world.waves["mentee"]
    crowded = TestClient(app.create_app(replace(world.settings, at_once=0), world.database))
    fails = Route("/fails", web.page(divide_by_zero, anyone))
    failing = TestClient(app.create([fails, *STAFF], world.settings, world.database, keep=STAFFS))
    answers: list[tuple[Any, int, str]] = [
        (staff.get("/"), 200, STAFFS),
        (staff.get("/nowhere"), 404, STAFFS),
        (staff.get("/sign-out"), 405, STAFFS),
        (world.client.get("/"), 303, STAFFS),
        (world.client.post("/sign-out"), 401, STAFFS),
        (director.get(f"/waves/{wave}/sheet"), 403, STAFFS),
        (staff.post("/people/new", {"csrf": "forged"}), 403, STAFFS),
        (staff.post("/people/new"), 422, STAFFS),
        (staff.get(f"/waves/{wave}/links.csv"), 200, STAFFS),
        (staff.get("/templates/standard.docx"), 200, STAFFS),
        (world.client.get("/static/nastavnik.css"), 200, FOR_EVER),
        (world.client.get("/static/nothing.css"), 404, STAFFS),
        (world.client.get(path), 200, RESPONDENTS),
        (world.client.get("/q/none"), 404, RESPONDENTS),
        (world.client.post(f"{path}/answers", data={"a": "b"}), 422, RESPONDENTS),
        (world.client.put(f"{path}/answers"), 405, RESPONDENTS),
        (world.client.post("/sign-in", data={"login": "x" * FORM_BYTES}), 413, STAFFS),
        (crowded.get("/sign-in"), 503, STAFFS),
        (failing.get("/fails"), 500, STAFFS),
    ]
    for answer, status, keep in answers:
        assert (answer.status_code, answer.headers["cache-control"]) == (status, keep), answer.url
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.url
        assert "strict-transport-security" not in answer.headers
        assert "set-cookie" not in answer.headers


def test_a_service_that_is_reached_by_https_asks_for_nothing_else(world: World) -> None:
    settings = replace(world.settings, address="https://n.example.org")
    browser = TestClient(app.create_app(settings, world.database), follow_redirects=False)
    for address in ("/sign-in", "/", "/nowhere", "/q/none", "/static/nastavnik.css"):
        answer = browser.get(address)
        assert answer.headers["strict-transport-security"] == "max-age=31536000", address
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, address


def test_a_page_is_in_the_language_of_its_visitor_and_russian_when_there_is_no_such(world: World) -> None:
    staff = app.create_staff(world.settings, world.database)
    for cookie, language in (
        ("", "ru"),
        ("language=en", "en"),
        ("language=ru", "ru"),
        ("language=xx", "ru"),
        ('language="', "ru"),
        ("language=en; nastavnik=x", "en"),
        ("=;;=\xff", "ru"),
    ):
        page = ask(staff, "GET", "/sign-in", headers={"cookie": cookie})
        assert f'<html lang="{language}">' in page.text, cookie


def test_the_log_names_routes_and_never_a_link_a_person_or_an_answer(
    world: World, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    staff = world.signed_in(world.curator)
    fields = filled(world, path)
    person = {"last_name": "Тайная", "first_name": "Анна", "is_mentor": "y", "places": "1", "priority": "0"}
    caplog.clear()  # another test may have left the log talkative
    with caplog.at_level(logging.INFO, logger="nastavnik"):
        world.client.post(f"{path}/answers", data=fields)
        world.client.get(f"{path}/receipt")
        world.client.get(path + "x")
        staff.post("/people/new", person)
        staff.get("/bank/mentor?text=Тайная")
        staff.get("/nowhere/Тайная")

    lines = [record.getMessage() for record in caplog.records if record.name == "nastavnik.access"]
    assert [re.sub(r" [\d.]+ ms$", "", line) for line in lines] == [
        "POST submissions.submit 303",
        "GET submissions.receipt 200",
        "GET submissions.start 404",
        "POST people.add 303",
        "GET people.bank 200",
        "GET - 404",
    ]
    for secret in (
        path.removeprefix("/q/")[:22],
        "Тайная",
        "%D0",
        "Петрова",
        "123-45-67",
        "Хочу",
        staff.csrf,
    ):
        assert secret not in caplog.text

"""The seam: what commits, what is refused and how, and that nothing typed is ever lost with a refusal."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from html import unescape
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col, select
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from service import app, errors, posted, web
from service.access import anyone, member
from service.database import Database
from service.errors import Refusal
from service.tables import Person
from tests.asgi import FORM, ask
from tests.factories import World

Site = TestClient
FAULTS: dict[str, Callable[[], Exception]] = {
    "locked": lambda: OperationalError("SELECT secret", {}, Exception("locked")),
    "no connection": PoolTimeout,
    "unique": lambda: IntegrityError("INSERT secret", {}, Exception("unique")),
    "gone": StaleDataError,
    "too large": OverflowError,
    "ours": lambda: ZeroDivisionError("secret"),
    "closed": errors.Closed,
    "conflict": errors.Conflict,
    "forbidden": errors.Forbidden,
    "invalid": errors.Invalid,
    "too often": errors.TooOften,
}
STATUSES = {
    "locked": 503,
    "no connection": 503,
    "unique": 409,
    "gone": 409,
    "too large": 422,
    "ours": 500,
    "closed": 410,
    "conflict": 409,
    "forbidden": 403,
    "invalid": 422,
    "too often": 429,
}
released = Event()


def look(request: Request, session: Session) -> Response:
    if fault := request.query_params.get("fault"):
        raise FAULTS[fault]()
    return PlainTextResponse("seen")


def sneak(request: Request, session: Session) -> Response:
    """A page that tries to write."""
    session.add(_person("Тайком"))
    session.flush()
    session.commit()
    return PlainTextResponse("written")


def add(request: Request, session: Session) -> Response:
    form = request.state.form
    session.add(_person(str(form.get("name"))))
    session.flush()
    if fault := form.get("fault"):
        raise FAULTS[fault]()
    return PlainTextResponse("added")


def add_slowly(request: Request, database: Database) -> Response:
    with database.writing(request.state.organisation.id) as session:
        session.add(_person(str(request.state.form.get("name"))))
    if fault := request.state.form.get("fault"):
        raise FAULTS[fault]()
    return PlainTextResponse("added")


def echo(request: Request, session: Session) -> Response:
    form = request.state.form
    return PlainTextResponse(
        repr(
            [
                (name, value.file.read() if isinstance(value, UploadFile) else value)
                for name, value in form.multi_items()
            ]
        )
    )


def dawdle(request: Request, session: Session) -> Response:
    assert released.wait(10)
    return PlainTextResponse("at last")


def _person(name: str) -> Person:
    return Person(last_name=name, first_name="Анна", sort_name=name, cases={})


def probe(world: World) -> Starlette:
    routes: list[BaseRoute] = [
        Route("/look", web.page(look, anyone)),
        Route("/sneak", web.page(sneak, member)),
        Route("/add", web.action(add, member), methods=["POST"]),
        Route("/slowly", web.slow(add_slowly, member), methods=["POST"]),
        Route("/echo", web.action(echo, anyone), methods=["POST"]),
        Route("/take", web.action(echo, anyone, uploads=True), methods=["POST"]),
        Route("/dawdle", web.page(dawdle, anyone)),
        Route("/sign-in", web.page(look, anyone), name="accounts.sign_in"),
    ]
    return app.create(routes, world.settings, world.database, keep="no-store")


@pytest.fixture
def site(world: World) -> Site:
    """A signed-in browser of an application with our floor and views of this file."""
    browser = world.signed_in(world.curator)
    return TestClient(probe(world), cookies=browser.client.cookies, headers={"x-csrf": browser.csrf})


def post(site: Site, path: str, **fields: Any) -> Any:
    return site.post(path, data={"csrf": site.headers["x-csrf"], **fields})


def names(world: World) -> list[str]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Person.last_name).order_by(col(Person.id))).all())


def resent(html: str) -> dict[str, str]:
    """What pressing the button of a refusal sends."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', html)
    return {unescape(name): unescape(value) for name, value in fields}


# --- transactions


@pytest.mark.parametrize("path", ["/add", "/slowly"])
def test_returning_commits(world: World, site: Site, path: str) -> None:
    assert post(site, path, name="Осталась").text == "added"
    assert names(world) == ["Осталась"]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_raises_is_rolled_back_and_becomes_a_page_with_everything_that_was_posted(
    world: World, site: Site, fault: str
) -> None:
    page = post(site, "/add", name="Пропала бы", fault=fault, note="«ёлка» <b>&amp;</b>\nи вторая строка")

    assert page.status_code == STATUSES[fault]
    assert names(world) == []
    kept = resent(page.text)
    assert kept["name"] == "Пропала бы"
    assert kept["note"] == "«ёлка» <b>&amp;</b>\nи вторая строка"
    assert re.search(r"<h1>[А-Яа-яЁё ,.-]+</h1>", page.text)
    assert "secret" not in page.text
    assert "Traceback" not in page.text
    assert ("retry-after" in page.headers) == (page.status_code == 503)
    assert post(site, "/add", **{**kept, "fault": ""}).status_code == 200
    assert names(world) == ["Пропала бы"]


def test_a_page_cannot_write(world: World, site: Site) -> None:
    assert site.get("/sneak").status_code >= 500
    assert names(world) == []


def test_no_refusal_is_a_dead_end(world: World) -> None:
    browser = world.signed_in(world.curator)
    path = world.link(world.wave("mentee"), world.person("Петрова Анна Ильинична", "mentee"))
    signed_out = world.client.post("/people/new", data={"last_name": "Новикова Ёлка"})
    ways = [
        (browser.get("/nowhere"), 404, "/"),
        (browser.get("/people/999"), 404, "/"),
        (world.client.get("/nowhere"), 404, "/"),
        (signed_out, 401, "/sign-in"),
        (world.client.get(f"{path}/receipt"), 404, path),
        (world.client.put(f"{path}/answers"), 405, path),
        (world.client.get("/q/nobody"), 404, None),
        (world.client.get("/q/nobody/nothing"), 404, None),
    ]
    for page, status, way in ways:
        found = re.search(r'<main.*<a class="button" href="([^"]*)"', page.text, re.S)
        assert (page.status_code, found and found[1]) == (status, way), page.url
    assert "Войдите в соседней вкладке" in signed_out.text
    again = browser.client.post("/people/new", data=resent(signed_out.text))
    assert (again.status_code, resent(again.text)["last_name"]) == (403, "Новикова Ёлка")


def test_a_fault_of_ours_is_in_the_log_and_not_on_the_page(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    page = site.get("/look?fault=ours")
    assert page.status_code == 500
    assert "У нас что-то сломалось." in page.text
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


# --- what may not be sent


def test_a_form_without_the_seal_of_the_sign_in_comes_back_whole_and_may_be_sent_again(
    world: World, site: Site
) -> None:
    for path in ("/add", "/slowly"):
        for forged in ({}, {"csrf": ""}, {"csrf": "forged"}, {"csrf": "я"}):
            page = site.post(path, data={"name": "Повторно", **forged})
            assert page.status_code == 403
            assert names(world) == []
            assert resent(page.text)["name"] == "Повторно"
    assert site.post("/add", data=resent(page.text)).status_code == 200
    assert names(world) == ["Повторно"]


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, False),
        ({"origin": "http://testserver"}, True),
        ({"origin": "http://testserver.evil.example"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://testserver@evil.example"}, False),
        ({"origin": "http://["}, False),
        ({"origin": "null"}, False),
    ],
)
def test_a_post_from_another_site_is_refused_before_it_is_read(
    site: Site, headers: dict[str, str], allowed: bool
) -> None:
    page = site.post("/echo", data={"name": "x"}, headers=headers)
    assert page.status_code == (200 if allowed else 403)
    if not allowed:
        assert "другого сайта" in page.text


def test_nul_and_half_characters_do_not_reach_a_view(site: Site) -> None:
    assert site.post("/echo", data={"a\0b": "в\0г"}).text == repr([("ab", "вг")])
    body = ask(site.app, "POST", "/echo", headers={"content-type": FORM}, parts=[b"a=%ed%a0%80&b=%ff"])
    assert body.status == 200
    assert "\\ud800" not in body.text


# --- forms that are too large, too slow or broken


def test_a_body_too_large_becomes_our_page_whether_announced_or_not(world: World) -> None:
    file = b'Content-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    large = multipart(file + b"x" * (world.settings.body_megabytes << 20))
    pieces = [large[at : at + 65536] for at in range(0, len(large), 65536)]

    for announced in ({"content-length": str(len(large))}, {}):
        page = ask(probe(world), "POST", "/take", headers={"content-type": EDGE, **announced}, parts=pieces)
        assert page.status == 413
        assert "Отправлено слишком много данных." in page.text
        assert page.headers["content-security-policy"]


def test_only_where_files_are_sent_may_much_be_sent(world: World) -> None:
    file = b'Content-Disposition: form-data; name="a"; filename="a"\r\n\r\n'
    two_megabytes = multipart(file + b"x" * (2 << 20))
    site = probe(world)
    for address, status in (("/echo", 413), ("/take", 200)):
        assert (
            ask(site, "POST", address, headers={"content-type": EDGE}, parts=[two_megabytes]).status == status
        )


def multipart(*parts: bytes, boundary: bytes = b"edge") -> bytes:
    return b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts) + b"--%s--\r\n" % boundary


FIELD = b'Content-Disposition: form-data; name="a"\r\n\r\nvalue'
EDGE = "multipart/form-data; boundary=edge"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (EDGE, multipart(FIELD), 200),
        (EDGE, multipart(FIELD)[:-20], 200),
        (EDGE, multipart(FIELD, boundary=b"other"), 422),
        ("multipart/form-data", multipart(FIELD), 422),
        ("multipart/form-data; boundary=", multipart(FIELD), 422),
        (f"{EDGE}; charset=klingon", multipart(FIELD), 200),
        (f"{EDGE}; charset=rot13", multipart(FIELD), 200),
        (f"{FORM}; charset=klingon", b"a=value", 200),
        (EDGE, multipart(b"no header at all"), 422),
        (EDGE, multipart(b"Content-Disposition: form-data\r\n\r\nnameless"), 422),
        (EDGE, b"\0\xff" * 100, 422),
        (EDGE, b"", 200),
        ("application/json", b'{"a": 1}', 200),
        ("nonsense", b"a=value", 200),
        (FORM, b"&".join(b"a=1" for _ in range(posted.MAX_FIELDS + 1)), 422),
        (FORM, b"a=" + b"x" * (posted.MAX_FIELD_BYTES + 1), 422),
        (FORM, b"%zz=%&=&&;=;%00", 200),
    ],
)
def test_a_broken_form_is_read_as_far_as_it_goes_or_refused(
    world: World, content_type: str, body: bytes, status: int
) -> None:
    page = ask(probe(world), "POST", "/echo", headers={"content-type": content_type}, parts=[body])
    assert page.status == status
    assert status == 200 or "Присланное не удалось прочитать." in page.text


def test_a_form_that_comes_too_slowly_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posted, "READ_SECONDS", 0.05)
    page = ask(
        probe(world), "POST", "/echo", headers={"content-type": FORM}, parts=[b"a", b"=", b"1"], pause=0.04
    )
    assert page.status == 422
    assert "Форма не дошла вовремя." in page.text


def test_when_there_is_no_room_people_are_asked_to_wait_and_keep_what_they_typed(
    world: World, site: Site
) -> None:
    released.clear()
    site.app.state.inside = world.settings.at_once - 1  # type: ignore[attr-defined]
    with site:
        sitting = Thread(target=site.get, args=["/dawdle"])
        sitting.start()
        while site.app.state.inside < world.settings.at_once:  # type: ignore[attr-defined]
            pass
        page = post(site, "/add", name="Терпеливая")
        released.set()
        sitting.join()
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        assert post(site, "/add", **resent(page.text)).status_code == 200
    assert names(world) == ["Терпеливая"]
    assert site.app.state.inside == world.settings.at_once - 1  # type: ignore[attr-defined]


# --- addresses


def test_a_visitor_is_sent_only_to_our_own_addresses() -> None:
    for ours in ("/", "/runs", "/bank/mentor?sort=name&desc", "/q/a-b_c", "/поиск"):
        assert web.own_path(ours) == ours
    foreign = "//evil.example /\\evil.example https://evil.example javascript:1 evil runs \\\\e //[ http://["
    for text in ("", " /runs", "/\nrun", "/\t/evil.example", "/ru\0n", *foreign.split()):
        assert web.own_path(text) == "/"


def test_a_posted_number_is_a_rows_id_or_nothing() -> None:
    assert [web.number(text) for text in ("7", "007", "999999999")] == [7, 7, 999999999]
    for text in ("", "-1", "1.0", "1e3", "٣", "²", "9999999999", "1" * 5000, None, "x"):
        assert web.number(text) is None


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "Такой страницы нет."),
        ("POST", "/nowhere", 404, "Такой страницы нет."),
        ("GET", "/add", 405, "не открывают"),
        ("POST", "/look", 405, "не открывают"),
        ("OPTIONS", "/look", 405, "не открывают"),
        ("DELETE", "/add", 405, "не открывают"),
        ("BREW", "/add", 405, "не открывают"),
        ("GET", "/static/nothing.css", 404, "Такой страницы нет."),
        ("GET", "/static/../app.py", 404, "Такой страницы нет."),
        ("GET", "/static/%2e%2e/app.py", 404, "Такой страницы нет."),
        ("POST", "/static/nastavnik.css", 405, "не открывают"),
    ],
)
def test_an_address_or_a_method_that_is_not_there_is_a_page_in_russian(
    world: World, method: str, path: str, status: int, words: str
) -> None:
    page = ask(probe(world), method, path)
    assert page.status == status
    assert words in page.text
    assert ("allow" in page.headers) == (status == 405)


def test_a_head_is_answered_like_a_get_without_the_body(site: Site) -> None:
    assert (site.head("/look").status_code, site.head("/look").text) == (200, "")
    assert site.head("/nowhere").status_code == 404


def test_every_refusal_has_its_own_status() -> None:
    kinds = Refusal.__subclasses__()
    assert len({kind.status for kind in kinds}) == len(kinds)


def test_a_database_that_fails_loses_nothing_that_was_typed(world: World, site: Site) -> None:
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE signin RENAME TO elsewhere")
    page = post(site, "/add", name="Дождалась")
    assert page.status_code in (500, 503)
    with world.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO signin")
    assert post(site, "/add", **resent(page.text)).status_code == 200
    assert names(world) == ["Дождалась"]

"""Staff sign in, stay signed in for a while, and keep the organisation's card."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from service.accounts import passwords, throttle
from service.app import create_app
from service.errors import TooOften
from service.tables import Account, Organisation, SignIn, now
from tests.factories import PASSWORD, World

CARD = {
    "full_name": "ГБУ ДО «Новое имя»",
    "short_name": "Новое имя",
    "founder_line": "",
    "place": "г. Тверь",
    "address": "",
    "inn": "7707083893",
    "ogrn": "",
    "head_post": "Директор",
    "head_name": "Белова Анна Ивановна",
    "school_year": "2026/2027",
    "programme_months": "9",
    "zone": "Asia/Yekaterinburg",
}


CHALLENGE = r'(?<=name="challenge" value=")[^"]+|(?<=challenge&#34;: &#34;)[^&]+'  # new on every page


def enter(client: TestClient, login: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/sign-in", data={"login": login, "password": password, **fields})


def test_the_right_password_lets_in_and_leads_on(world: World) -> None:
    entered = enter(world.client, f" {world.curator.login.upper()} ", next="/bank/mentor")
    assert (entered.status_code, entered.headers["location"]) == (303, "/bank/mentor")
    assert world.client.get("/bank/mentor").status_code == 200


def test_an_unknown_login_a_wrong_password_and_a_disabled_account_look_the_same(world: World) -> None:
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Account, world.director.id).disabled_at = now()
    tries = [("nobody", PASSWORD), (world.curator.login, "wrong"), (world.director.login, PASSWORD)]
    pages = [enter(world.client, login, password) for login, password in tries]
    assert {page.status_code for page in pages} == {422}
    texts = {
        re.sub(CHALLENGE, "…", page.text).replace(login, "…")
        for page, (login, _) in zip(pages, tries, strict=True)
    }
    assert len(texts) == 1
    assert len({len(page.text) - len(login) for page, (login, _) in zip(pages, tries, strict=True)}) == 1
    assert not any("set-cookie" in page.headers for page in pages)
    assert not any(PASSWORD in page.text for page in pages)


def test_after_ten_tries_even_the_right_password_waits_and_each_time_longer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 10**9
    monkeypatch.setattr(time, "time", lambda: moment)
    statuses = [enter(world.client, world.curator.login, "wrong").status_code for _ in range(throttle.FREE)]
    assert statuses == [422] * throttle.FREE
    for minutes in (1, 2, 4, 8, 15, 15):
        refused = enter(world.client, world.curator.login)
        assert refused.status_code == 429
        assert f"через {minutes} мин" in refused.text
        assert enter(world.client, world.director.login).status_code == 303
        moment += 60 * minutes
        assert enter(world.client, world.curator.login, "wrong").status_code == 422
    moment += throttle.LONGEST_WAIT
    assert enter(world.client, world.curator.login).status_code == 303
    assert enter(world.client, world.curator.login, "wrong").status_code == 422


def test_only_failures_count(world: World) -> None:
    for _ in range(2):
        for _ in range(throttle.FREE - 1):
            assert enter(world.client, world.curator.login, "wrong").status_code == 422
        assert enter(world.client, world.curator.login).status_code == 303


def test_many_who_sign_in_at_once_are_asked_to_wait_and_leave_threads_to_the_respondents(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "HASH_SECONDS", 0.01)
    for line, places in ((passwords._hashing, 2), (passwords._in_line, 8)):
        for _ in range(places):
            assert line.acquire(blocking=False)
        pages = [enter(world.client, world.curator.login) for _ in range(throttle.FREE + 1)]
        line.release(places)
        assert {page.status_code for page in pages} == {503}
    assert enter(world.client, world.curator.login).status_code == 303


def too_often(*_: Any) -> None:
    raise TooOften


def test_a_password_is_on_no_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "count", too_often)

    secret = {"login": "я", "password": "мой пароль", "old": "мой пароль", "new": "мой новый пароль"}
    browser = world.signed_in(world.curator)
    pages = [
        enter(world.client, "я", "мой пароль"),
        browser.post("/password", secret),
        browser.post("/password", {**secret, "csrf": "forged"}),
        world.client.post("/password", data=secret),
    ]
    assert [page.status_code for page in pages] == [429, 429, 403, 401]
    for page in pages:
        assert "парол" not in page.text
        assert "<form" not in page.text


@pytest.mark.parametrize(
    "foreign", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "//["]
)
def test_signing_in_leads_only_to_our_own_pages(world: World, foreign: str) -> None:
    assert enter(world.client, world.curator.login, next=foreign).headers["location"] == "/"
    assert world.client.get("/sign-in", params={"next": foreign}).status_code == 200


def test_a_page_that_asks_to_sign_in_comes_after_it(world: World) -> None:
    to = world.client.get("/people/new").headers["location"]
    assert to == "/sign-in?next=/people/new"
    assert 'value="/people/new"' in world.client.get(to).text


@pytest.mark.parametrize(
    ("address", "name", "secure"),
    [("http://testserver", "nastavnik", False), ("https://testserver", "__Host-nastavnik", True)],
)
def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(
    world: World, address: str, name: str, secure: bool
) -> None:
    settings = replace(world.settings, address=address)
    client = TestClient(create_app(settings, world.database), base_url=address, follow_redirects=False)
    facts = enter(client, world.curator.login).headers["set-cookie"].split("; ")
    assert facts[0].startswith(f"{name}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(facts)
    assert ("Secure" in facts) == secure
    assert client.get("/").status_code == 200


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(world: World) -> None:
    browser = world.signed_in(world.curator)
    cookie = browser.client.cookies["nastavnik"]
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    copy = world.browser()
    copy.cookies.set("nastavnik", cookie)
    assert copy.get("/").status_code == 303


def test_a_session_ends_by_itself(world: World) -> None:
    browser = world.signed_in(world.curator)
    with world.database.writing(world.organisation_id) as session:
        session.exec(update(SignIn).values(expires_at=now() - timedelta(seconds=1)))
    assert browser.get("/").status_code == 303
    enter(world.client, world.curator.login)
    with world.database.reading(world.organisation_id) as session:
        assert all(row.expires_at > now() for row in session.exec(select(SignIn)).all())


def test_a_disabled_account_is_out_at_once(world: World) -> None:
    browser = world.signed_in(world.curator)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Account, world.curator.id).disabled_at = now()
    assert browser.get("/").status_code == 303


def test_a_new_password_needs_the_old_one_and_ends_every_session_of_the_account_alone(world: World) -> None:
    here, there, director = (
        world.signed_in(account) for account in (world.curator, world.curator, world.director)
    )
    for old, new in (("wrong", "a new password"), (PASSWORD, "short"), (PASSWORD, "Пароль-2026!"), ("", "")):
        assert here.post("/password", {"old": old, "new": new}).status_code == 422
    assert here.post("/password", {"old": PASSWORD, "new": "a new password"}).status_code == 303
    assert [browser.get("/").status_code for browser in (here, there, director)] == [303, 303, 200]
    assert enter(world.client, world.curator.login).status_code == 422
    assert enter(world.client, world.curator.login, "a new password").status_code == 303


def test_neither_passwords_nor_cookies_are_kept_as_they_are(world: World) -> None:
    token = enter(world.client, world.curator.login).cookies["nastavnik"]
    with world.database.reading(world.organisation_id) as session:
        [row] = session.exec(select(SignIn)).all()
        hashes = session.exec(select(col(Account.password_hash))).all()
    assert token not in row.token_hash
    assert all(text.startswith("$argon2id$") for text in hashes)


def test_the_curator_keeps_the_card_and_the_director_only_looks(world: World) -> None:
    curator, director = world.signed_in(world.curator), world.signed_in(world.director)
    assert director.get("/organisation").status_code == 200
    assert director.post("/organisation", CARD).status_code == 403

    assert curator.post("/organisation", CARD).status_code == 200

    with world.database.reading(world.organisation_id) as session:
        card = session.get_one(Organisation, world.organisation_id)
        assert (card.short_name, card.zone, card.programme_months) == ("Новое имя", "Asia/Yekaterinburg", 9)
    assert "Новое имя" in director.get("/").text


def test_every_staff_page_and_the_sign_in_offer_the_other_language(world: World) -> None:
    for client in (world.client, world.signed_in(world.director).client):
        path = "/sign-in?next=/bank/mentor"
        assert ">English</button>" in client.get(path).text
        back = client.post(
            "/language", data={"language": "en"}, headers={"referer": f"http://testserver{path}"}
        )
        assert (back.status_code, back.headers["location"]) == (303, path)
        assert "Secure" not in back.headers["set-cookie"]
        assert ">Русский</button>" in client.get("/sign-in").text
    assert "Русский</button>" in client.get("/").text


def test_the_language_is_sent_as_safely_as_the_service_is_reached(world: World) -> None:
    address = "https://testserver"
    app = create_app(replace(world.settings, address=address), world.database)
    chosen = TestClient(app, base_url=address, follow_redirects=False).post(
        "/language", data={"language": "en"}
    )
    assert "Secure" in chosen.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "wrong", [{"inn": "7707083894"}, {"school_year": "2026"}, {"zone": "Mars"}, {"full_name": ""}]
)
def test_a_mistake_in_the_card_saves_nothing(world: World, wrong: dict[str, str]) -> None:
    page = world.signed_in(world.curator).post("/organisation", CARD | wrong)
    assert page.status_code == 422
    assert "<title>Ошибка:" in page.text
    with world.database.reading(world.organisation_id) as session:
        assert session.get_one(Organisation, world.organisation_id).short_name == "Дом творчества"

"""Who works here: invited by a link that works once, given a role, let in again by somebody else, on the record."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlmodel import select, update
from starlette.testclient import TestClient

from service.accounts import sessions, staffing
from service.seals import token_hash
from service.tables import STAFF_ROLES, Account, Attempt, Invitation, Recovery, SignIn, now
from tests.factories import PASSWORD, Browser, World
from tests.service.furnished import digest

GOOD = "ёлка шкаф луна окно"


def invited(director: Browser, role: str = "viewer") -> str:
    """The path of the link."""
    page = director.post("/staff/invite", {"name": "Орлова Вера Павловна", "post": "завуч", "role": role})
    assert page.status_code == 200
    return path_on(page.text, "join")


def path_on(page: str, purpose: str) -> str:
    [path] = {found[0] for found in re.finditer(rf"(?<=testserver)/{purpose}/[\w-]+", unescape(page))}
    return path


def opened(world: World, path: str) -> TestClient:
    client = world.browser()
    answer = client.post(path)
    assert answer.headers["location"] == f"/{path.split('/')[1]}"
    return client


def join(client: TestClient, login: str = "orlova", password: str = GOOD) -> Any:
    return client.post("/join", data={"login": login, "password": password})


def test_the_invited_choose_a_login_and_a_password_and_are_let_in(world: World) -> None:
    client = opened(world, invited(world.signed_in(world.director)))
    assert "Орлова Вера Павловна" in client.get("/join").text
    for login, password in (
        (world.curator.login, GOOD),
        ("orlova", "short"),
        ("orlova", "Орлова-Орлова"),
        ("orlova", "w" * 200),
        ("", GOOD),
    ):
        assert join(client, login, password).status_code == 422
    assert join(client).headers["location"] == "/security"
    assert client.get("/pairs").status_code == 200
    entered = world.client.post("/sign-in", data={"login": "Orlova", "password": GOOD})
    assert entered.headers["location"] == "/"


def test_looking_at_a_link_changes_nothing_and_its_button_works_once(world: World) -> None:
    path = invited(world.signed_in(world.director))
    before = digest(world.database)
    for _ in range(3):
        page = world.browser().get(path)
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "strict-origin"
    world.client.head(path)
    assert digest(world.database) == before
    client = opened(world, path)
    assert [world.browser().request(method, path).status_code for method in ("GET", "POST")] == [410, 410]
    join(client)
    assert [client.request(method, "/join").status_code for method in ("GET", "POST")] == [404, 404]


def test_a_ticket_cannot_be_used_twice_even_by_a_copy(world: World) -> None:
    client = opened(world, invited(world.signed_in(world.director)))
    copy = world.browser()
    copy.cookies.set("nastavnik-invitation", client.cookies["nastavnik-invitation"])
    assert join(client).status_code == 303
    assert join(copy, "another").status_code == 410


def test_links_end_by_themselves_when_withdrawn_and_when_renewed(world: World) -> None:
    director = world.signed_in(world.director)
    late, withdrawn, renewed = (invited(director) for _ in range(3))
    with world.database.writing(world.organisation_id) as session:
        ids = {row.token_hash: row.id for row in session.exec(select(Invitation)).all()}
        session.get_one(Invitation, ids[hash_of(late)]).expires_at = now() - timedelta(seconds=1)
    director.post(f"/invitations/{ids[hash_of(withdrawn)]}/revoke")
    page = director.post(f"/invitations/{ids[hash_of(renewed)]}/renew")
    answers = [
        world.client.get(path).status_code for path in (late, withdrawn, renewed, path_on(page.text, "join"))
    ]
    assert answers == [410, 410, 404, 200]
    started = opened(world, path_on(page.text, "join"))
    director.post(f"/invitations/{ids[hash_of(renewed)]}/revoke")
    assert join(started).status_code == 410


def hash_of(path: str) -> str:
    return token_hash(path.split("/")[-1])


def test_a_token_is_long_kept_as_its_hash_and_in_no_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = invited(world.signed_in(world.director))
    token = path.split("/")[-1]
    client = opened(world, path)
    client.get("/join")
    assert len(token) >= 43  # 256 bits in base64
    told = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "accounts.open_invitation" in told
    assert token not in told
    assert client.cookies["nastavnik-invitation"] not in told
    with world.database.reading(world.organisation_id) as session:
        [row] = session.exec(select(Invitation)).all()
    assert token not in repr(row)
    assert client.cookies["nastavnik-invitation"] not in repr(row)


@pytest.mark.parametrize("factors_too", [False, True])
def test_another_director_lets_in_again_and_it_is_recorded(world: World, factors_too: bool) -> None:
    director, curator = world.signed_in(world.director), world.signed_in(world.curator)
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Account, world.curator.id).totp_secret = b"something"
    fields = {"reason": "Забыт пароль"} | ({"factors_too": "y"} if factors_too else {})
    card = f"/staff/{world.curator.id}/recover"
    assert director.post(card, {"reason": ""}).status_code == 422
    first, path = (path_on(director.post(card, fields).text, "recover") for _ in range(2))
    assert world.client.get(first).status_code == 410
    assert curator.get("/").status_code == 200
    client = opened(world, path)
    assert client.post("/recover", data={"password": "Password1234"}).status_code == 422
    assert client.post("/recover", data={"password": GOOD}).headers["location"] == "/sign-in"
    assert curator.get("/").status_code == 303
    assert client.post("/recover", data={"password": GOOD}).status_code == 404
    entered = world.client.post("/sign-in", data={"login": world.curator.login, "password": GOOD})
    assert entered.headers["location"].startswith("/" if factors_too else "/sign-in/code")
    with world.database.reading(world.organisation_id) as session:
        rows = session.exec(select(Recovery).order_by(Recovery.id)).all()  # type: ignore[arg-type]
        assert [(row.account_id, row.made_by, row.reason) for row in rows] == [
            (world.curator.id, world.director.id, "Забыт пароль")
        ] * 2
        assert [bool(row.used_at) for row in rows] == [False, True]
    record = director.get("/staff/record").text
    assert all(words in record for words in ("Забыт пароль", world.curator.name, world.director.name))


def test_nobody_changes_their_own_access(world: World) -> None:
    director = world.signed_in(world.director)
    card = f"/staff/{world.director.id}"
    page = director.get(card).text
    before = digest(world.database)
    for deed, fields in (("role", {"role": "viewer"}), ("disable", {}), ("recover", {"reason": "я"})):
        assert director.post(f"{card}/{deed}", fields).status_code == 403
        assert f"{card}/{deed}" not in page
    assert digest(world.database) == before


def test_another_role_or_no_access_ends_the_sessions_at_once(world: World) -> None:
    director, card = world.signed_in(world.director), f"/staff/{world.curator.id}"
    for deed, fields, then in (
        ("role", {"role": "psychologist"}, "/unpaired"),
        ("disable", {}, None),
    ):
        curator = world.signed_in(world.curator)
        director.post(f"{card}/{deed}", fields)
        assert curator.get("/security").status_code == 303
        entered = world.client.post("/sign-in", data={"login": world.curator.login, "password": PASSWORD})
        assert entered.status_code == (303 if then else 422)
        if then:
            assert world.client.get("/").headers["location"] == then
    director.post(f"{card}/enable")
    again = world.browser().post("/sign-in", data={"login": world.curator.login, "password": PASSWORD})
    assert again.status_code == 303


def test_a_role_that_does_not_exist_is_given_to_nobody(world: World) -> None:
    director = world.signed_in(world.director)
    assert director.post("/staff/invite", {"name": "А", "role": "root"}).status_code == 422
    director.post(f"/staff/{world.curator.id}/role", {"role": "root"})
    with world.database.reading(world.organisation_id) as session:
        assert session.get_one(Account, world.curator.id).role == "curator"


def test_one_sees_and_ends_ones_own_sign_ins_alone(world: World) -> None:
    here, there, director = (
        world.signed_in(account) for account in (world.curator, world.curator, world.director)
    )
    with world.database.reading(world.organisation_id) as session:
        rows = {row.account_id: row.id for row in session.exec(select(SignIn)).all()}
    ends = re.findall(r'name="session" value="(\d+)"', here.get("/security").text)
    assert len(ends) == 1
    here.post("/security/end", {"session": rows[world.director.id]})
    assert director.get("/").status_code == 200
    here.post("/security/end", {"session": ends[0]})
    assert [there.get("/").status_code, here.get("/").status_code] == [303, 200]
    another = world.signed_in(world.curator)
    another.post("/security/end")
    assert [browser.get("/").status_code for browser in (here, another, director)] == [303, 200, 200]


def test_a_sign_in_ends_when_nobody_uses_it_and_in_any_case_after_a_month(world: World) -> None:
    browser = world.signed_in(world.curator)
    for seen_ago, allowed in ((timedelta(hours=11), True), (timedelta(hours=13), False)):
        with world.database.writing(world.organisation_id) as session:
            session.exec(update(SignIn).values(seen_at=now() - seen_ago, expires_at=now() + sessions.LASTS))
        assert (browser.get("/").status_code == 200) is allowed
        with world.database.reading(world.organisation_id) as session:
            [row] = session.exec(select(SignIn)).all()
        assert (now() - row.seen_at < timedelta(minutes=1)) is allowed
    world.client.post("/sign-in", data={"login": world.curator.login, "password": PASSWORD})
    with world.database.reading(world.organisation_id) as session:
        [row] = session.exec(select(SignIn)).all()
    assert timedelta(days=29) < row.expires_at - now() <= timedelta(days=30)


def test_signing_in_takes_the_place_of_the_session_that_the_browser_had(world: World) -> None:
    fixed = world.signed_in(world.curator).client.cookies["nastavnik"]
    client = world.browser()
    client.cookies.set("nastavnik", fixed)
    client.post("/sign-in", data={"login": world.curator.login, "password": PASSWORD})
    with world.database.reading(world.organisation_id) as session:
        [row] = session.exec(select(SignIn)).all()
    assert row.token_hash != token_hash(fixed)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/142.0 YaBrowser/25.10 Safari/537.36", "Яндекс Браузер, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        ("curl/8", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert sessions.browser_of(user_agent) == words


def test_a_way_back_is_given_at_the_machines_console_too(world: World) -> None:
    with world.database.writing(world.organisation_id) as session:
        token = staffing.recover(session, None, world.director, "Потерян телефон", factors_too=True)
    client = opened(world, f"/recover/{token}")
    assert client.post("/recover", data={"password": GOOD}).status_code == 303
    assert "консоль сервера" in world.signed_in(world.director).get("/staff/record").text


def test_every_role_has_a_first_page_and_sees_only_links_that_open(world: World) -> None:
    for role in STAFF_ROLES:
        browser = world.signed_in(world.of_role(role))
        first = browser.get("/", follow_redirects=True)
        assert first.status_code == 200, role
        [navigation] = re.findall(r'<nav class="places".*?</nav>', first.text, re.S)
        for path in re.findall(r'href="([^"]+)"', navigation):
            assert browser.get(path, follow_redirects=True).status_code == 200, (role, path)


def test_attempts_are_forgotten_after_a_day(world: World) -> None:
    with world.database.writing(world.organisation_id) as session:
        session.add(Attempt(key="old", count=100, tried_at=1, waits_until=2**31 - 1))
    world.client.post("/sign-in", data={"login": "nobody", "password": "x"})
    with world.database.reading(world.organisation_id) as session:
        assert session.get(Attempt, "old") is None

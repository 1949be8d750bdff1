"""The second step of signing in: codes that work once, recovery codes, passkeys, and who cannot do without."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from html import unescape
from typing import Any

import pyotp
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from service.accounts import factors, passkeys, throttle
from service.accounts.passkeys import Site
from service.errors import TooOften
from service.seals import decrypted, encrypted, note, read_note
from service.tables import Account, Organisation, RecoveryCode, SignIn, now
from tests.conftest import SECRET
from tests.factories import PASSWORD, Browser, World

PAGE = "/security/authenticator"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of codes and tries; advance it by changing its only item."""
    moment = [float(int(time.time()))]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def require(world: World) -> None:
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Organisation, world.organisation_id).second_factor_off_at = None


def hidden(page: str, name: str) -> str:
    [value] = set(re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page))
    return unescape(value)


def set_up(browser: Browser, at: float) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator for whoever is signed in; its recovery codes."""
    page = browser.get(PAGE).text
    [spelt] = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    totp = pyotp.TOTP(spelt.replace(" ", ""))
    kept = browser.post(PAGE, {"seed": hidden(page, "seed"), "code": totp.at(at)})
    assert kept.status_code == 200
    browser.csrf = hidden(kept.text, "csrf")
    return totp, re.findall(r"<code>([A-Z2-9-]{14})</code>", kept.text)


def by_password(world: World, account: Account) -> TestClient:
    client = world.browser()
    answer = client.post("/sign-in", data={"login": account.login, "password": PASSWORD, "next": "/runs"})
    assert answer.headers["location"] == "/sign-in/code?next=/runs"
    assert "nastavnik" not in client.cookies
    return client


def code(client: TestClient, typed: str) -> Any:
    return client.post("/sign-in/code", data={"code": typed, "next": "/runs"})


def test_a_code_lets_in_once_and_only_after_the_password(world: World, clock: list[float]) -> None:
    totp, _ = set_up(world.signed_in(world.curator), clock[0])
    assert code(world.browser(), totp.at(clock[0] + 30)).status_code == 401

    first, second = by_password(world, world.curator), by_password(world, world.curator)
    assert first.get("/").status_code == 303
    for wrong in (totp.at(clock[0]), totp.at(clock[0] + 90), "", "000 000", "１２３４５６"):
        assert code(first, wrong).status_code == 422, wrong
    clock[0] += 30
    right = totp.at(clock[0])
    entered = code(first, f"{right[:3]} {right[3:]}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/runs")
    assert first.get("/runs").status_code == 200
    assert code(second, right).status_code == 422


def test_each_recovery_code_lets_in_once_and_new_ones_end_the_old(world: World, clock: list[float]) -> None:
    browser = world.signed_in(world.curator)
    _, codes = set_up(browser, clock[0])
    assert len(set(codes)) == factors.CODES
    assert code(by_password(world, world.curator), codes[0].lower()).status_code == 303
    assert code(by_password(world, world.curator), codes[0]).status_code == 422
    assert "Осталось 9 кодов" in browser.get("/security").text

    assert browser.post("/security/codes", {"password": "wrong"}).status_code == 422
    renewed = re.findall(
        r"<code>(.{14})</code>", browser.post("/security/codes", {"password": PASSWORD}).text
    )
    assert code(by_password(world, world.curator), codes[1]).status_code == 422
    assert code(by_password(world, world.curator), renewed[1]).status_code == 303


def test_codes_cannot_be_guessed_and_the_director_lets_in_earlier(world: World, clock: list[float]) -> None:
    _, codes = set_up(world.signed_in(world.curator), clock[0])
    client = by_password(world, world.curator)
    assert {code(client, "123456").status_code for _ in range(throttle.FREE)} == {422}
    assert code(client, codes[0]).status_code == 429
    director = world.signed_in(world.director)
    card = f"/staff/{world.curator.id}"
    assert "много раз" in director.get(card).text
    assert director.post(f"{card}/unlock").status_code == 303
    assert "много раз" not in director.get(card).text
    assert code(client, codes[0]).status_code == 303


def test_a_network_is_slowed_down_much_later_than_a_login(world: World, clock: list[float]) -> None:
    [school] = throttle.of_network("2001:db8::1")
    assert throttle.of_network("2001:db8::ffff") == [school]
    assert throttle.of_network("192.0.2.1") != throttle.of_network("192.0.2.2")
    assert throttle.of_network("testclient") == []
    few = throttle.Tries(school.key, 3)
    throttle.count(world.database, [few])
    throttle.take_back(world.database, [few])
    for _ in range(3):
        throttle.count(world.database, [few])
    with pytest.raises(TooOften):
        throttle.count(world.database, [few])
    clock[0] += throttle.FIRST_WAIT
    throttle.count(world.database, [few])


def test_director_and_curator_set_it_up_before_anything_else_opens(world: World, clock: list[float]) -> None:
    require(world)
    browser = world.signed_in(world.curator)
    for path in ("/", "/runs", "/bank/mentor", "/staff"):
        assert browser.get(path).headers["location"] == "/security"
    assert browser.post("/runs").status_code == 403
    assert browser.get("/security").status_code == 200

    set_up(browser, clock[0])

    assert browser.get("/").status_code == 200
    assert browser.post("/security/remove", {"password": PASSWORD}).status_code == 303
    assert browser.get("/").headers["location"] == "/security"


def test_an_organisation_does_without_only_knowingly(world: World, clock: list[float]) -> None:
    require(world)
    director, curator = world.signed_in(world.director), world.signed_in(world.curator)
    set_up(director, clock[0])
    assert curator.post("/staff/second-factor", {"wanted": "no"}).status_code == 403
    director.post("/staff/second-factor", {"wanted": "no"})
    assert curator.get("/").status_code == 200
    for browser, page in ((director, "/staff"), (curator, "/security")):
        assert world.director.name in browser.get(page).text
    director.post("/staff/second-factor", {"wanted": "yes"})
    assert curator.get("/").status_code == 303


def test_what_may_do_more_gets_another_token_and_the_other_sessions_end(
    world: World, clock: list[float]
) -> None:
    here, there = world.signed_in(world.curator), world.signed_in(world.curator)
    stolen = here.client.cookies["nastavnik"]
    set_up(here, clock[0])
    assert here.client.cookies["nastavnik"] != stolen
    copy = world.browser()
    copy.cookies.set("nastavnik", stolen)
    assert [copy.get("/").status_code, there.get("/").status_code, here.get("/").status_code] == [
        303,
        303,
        200,
    ]


def test_a_pending_second_step_ends_with_the_password_and_with_the_account(
    world: World, clock: list[float]
) -> None:
    _, codes = set_up(world.signed_in(world.curator), clock[0])
    for change in ({"password_hash": "another"}, {"disabled_at": now()}):
        client = by_password(world, world.curator)
        with world.database.writing(world.organisation_id) as session:
            account = session.get_one(Account, world.curator.id)
            before = {name: getattr(account, name) for name in change}
            account.sqlmodel_update(change)
        assert code(client, codes[0]).status_code == 401
        with world.database.writing(world.organisation_id) as session:
            session.get_one(Account, world.curator.id).sqlmodel_update(before)


def test_a_picture_is_good_for_the_one_who_opened_it(world: World, clock: list[float]) -> None:
    curator, director = world.signed_in(world.curator), world.signed_in(world.director)
    page = curator.get(PAGE).text
    totp = pyotp.TOTP(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", ""))
    stolen = {"seed": hidden(page, "seed"), "code": totp.at(clock[0])}
    assert director.post(PAGE, stolen).status_code == 409
    clock[0] += 3600
    assert curator.post(PAGE, stolen | {"code": totp.at(clock[0])}).status_code == 409


def test_an_unattended_browser_takes_no_second_authenticator(world: World, clock: list[float]) -> None:
    browser = world.signed_in(world.curator)
    set_up(browser, clock[0])
    assert browser.get(PAGE).status_code == 200
    with world.database.writing(world.organisation_id) as session:
        for sign_in in session.exec(select(SignIn)).all():
            sign_in.created_at = now() - timedelta(hours=1)

    for page in (PAGE, "/security/passkey"):
        assert browser.get(page).status_code == 409
        assert browser.post(page, {}).status_code == 409


def test_secrets_of_codes_are_kept_encrypted_for_their_own_row(world: World, clock: list[float]) -> None:
    totp, codes = set_up(world.signed_in(world.curator), clock[0])
    with world.database.reading(world.organisation_id) as session:
        kept = session.get_one(Account, world.curator.id).totp_secret or b""
        hashes = session.exec(select(RecoveryCode.code_hash)).all()
    assert totp.secret.encode() not in kept
    assert decrypted(SECRET, "totp", world.curator.id, kept) == totp.secret.encode()
    assert decrypted(SECRET, "totp", world.director.id, kept) is None
    assert decrypted(SECRET + "!", "totp", world.curator.id, kept) is None
    assert not {code.replace("-", "") for code in codes} & set(hashes)
    assert encrypted(SECRET, "totp", 1, b"x") != encrypted(SECRET, "totp", 1, b"x")


def test_a_note_is_ours_fresh_and_for_one_purpose() -> None:
    text = note(SECRET, "one", "a.b:c")
    assert (read_note(SECRET, "one", text, 60) or ("",))[0] == "a.b:c"
    assert read_note(SECRET, "one", text, -1) is None
    for secret, purpose, changed in (
        (SECRET, "two", text),
        (SECRET * 2, "one", text),
        (SECRET, "one", f"x{text}"),
    ):
        assert read_note(secret, purpose, changed, 60) is None
    for nonsense in ("", ".", "..", "a.b.c", "ж" * 50):
        assert read_note(SECRET, "one", nonsense, 60) is None


# --- passkeys; a real authenticator is in tests/browser/test_accounts.py


@pytest.mark.parametrize(
    "said",
    [
        *("", "{}", "[]", "null", '{"id": 1}', '{"id": "AA"}', '{"id": "AA", "rawId": "AA", "response": {}}'),
        *('{"id": "\\ud800"}', "[" * 100_000),
    ],
    ids=lambda said: said[:20],
)
def test_what_is_no_passkey_lets_nobody_in(world: World, said: str) -> None:
    page = world.client.get("/sign-in").text
    fields = {"challenge": hidden(page, "challenge"), "credential": said, "next": "/"}
    answer = world.client.post("/sign-in/passkey", data=fields)
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    browser = world.signed_in(world.curator)
    kept = browser.post("/security/passkey", {"name": "Ключ", "credential": said, **fields})
    assert kept.status_code == 422


def test_passkeys_belong_to_a_name_never_to_a_number() -> None:
    assert Site.at("https://mentors.school.ru:8443/x") == Site(
        "mentors.school.ru", "https://mentors.school.ru:8443"
    )
    assert [Site.at(address) for address in ("http://127.0.0.1:8000", "http://[::1]/", "")] == [None] * 3


def test_a_challenge_asks_for_a_finger_or_a_pin_and_names_nobody() -> None:
    asked = passkeys.to_sign_in(Site("testserver", "http://testserver"), SECRET).options
    assert '"userVerification": "required"' in asked
    assert "allowCredentials" not in asked or '"allowCredentials": []' in asked


def test_sign_ins_tell_of_the_second_step(world: World, clock: list[float]) -> None:
    set_up(world.signed_in(world.curator), clock[0])
    with world.database.reading(world.organisation_id) as session:
        assert [row.second_factor for row in session.exec(select(SignIn)).all()] == [True]

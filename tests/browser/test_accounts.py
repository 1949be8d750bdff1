"""The staff's way in, in a browser with an authenticator of its own: invitation, codes, a passkey, the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Server, Visitor
from tests.browser.test_story import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "ёлка шкаф луна окно"


@pytest.fixture
def director(chromium: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(chromium, server.address)
    sign_in(visitor, "director")
    yield visitor
    visitor.context.close()


def with_authenticator(visitor: Visitor) -> None:
    """As a phone or a notebook has: it keeps passkeys and knows its owner's finger."""
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def link_shown(visitor: Visitor) -> str:
    return visitor.page.locator(".notice code").inner_text()


def test_somebody_new_joins_by_a_link_and_signs_in_by_a_passkey_alone(
    chromium: Browser, server: Server, director: Visitor
) -> None:
    director.open("/staff/invite")
    director.page.get_by_label("Фамилия, имя, отчество").fill("Орлова Вера Павловна")
    director.press("Создать ссылку")
    link = link_shown(director)

    new = Visitor(chromium, server.address)
    with_authenticator(new)
    new.open(link)
    new.press("Принять приглашение")
    assert new.page.url == f"{server.address}/join"
    new.page.get_by_label("Имя для входа").fill("orlova")
    new.page.get_by_label("Пароль").fill(PASSWORD)
    new.press("Продолжить")
    new.press("Добавить ключ доступа")
    new.page.get_by_label("Как его назвать").fill("Рабочий ноутбук")
    new.page.get_by_role("button", name="Создать ключ доступа").click()  # the script goes on by itself
    expect(new.page.get_by_role("heading", level=1)).to_have_text("Запасные коды")
    new.look()
    new.press("Выйти")
    new.page.get_by_role("button", name="Войти по ключу доступа").click()
    new.page.wait_for_url(f"{server.address}/")
    new.look()
    new.context.close()


def test_codes_of_an_authenticator_are_set_up_and_asked_for(server: Server, director: Visitor) -> None:
    page = director.page
    director.open("/security")
    director.press("Настроить приложение с кодами")
    page.get_by_text("Рисунок не сканируется").click()
    totp = pyotp.TOTP(page.locator("code").inner_text().replace(" ", ""))
    page.get_by_label("Код из приложения").fill(totp.now())
    director.press("Включить")
    recovery_code = page.locator(".codes code").first.inner_text()
    director.press("Выйти")
    page.get_by_label("Имя для входа").fill("director")
    page.get_by_label("Пароль").fill("correct horse battery")
    director.press("Войти")
    page.get_by_label("Код", exact=True).fill(recovery_code)
    director.press("Подтвердить")
    expect(page).to_have_url(f"{server.address}/")
    director.open("/security")
    page.locator("summary", has_text="Убрать").click()
    page.get_by_label("Ваш пароль").first.fill("correct horse battery")
    director.press("Убрать приложение с кодами")
    expect(page.get_by_role("link", name="Настроить приложение с кодами")).to_be_visible()


def test_a_director_gives_the_way_back(director: Visitor) -> None:
    director.open("/staff")
    director.press("Ветрова Елена Андреевна")
    if not director.page.get_by_label("Почему").count():  # that was the director's own card
        director.open("/staff/1")
    director.page.get_by_label("Почему").fill("Забыт пароль")
    director.press("Создать ссылку")
    assert "/recover/" in link_shown(director)
    director.open("/staff/record")
    expect(director.page.get_by_role("main")).to_contain_text("Забыт пароль")

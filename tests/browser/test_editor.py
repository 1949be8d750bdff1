"""The editor in a browser: with scripts it saves by itself and shows the form at once, without them it has buttons."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import Server, Visitor
from tests.browser.test_story import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=[True, False], ids=["with scripts", "without"])
def curator(request: pytest.FixtureRequest, chromium: Browser, server: Server) -> Iterator[Visitor]:
    visitor = Visitor(chromium, server.address, javascript=request.param)
    sign_in(visitor, "curator")
    visitor.open("/drafts")
    visitor.page.get_by_label("Название").fill("Как прошёл месяц?")
    visitor.press("Начать с пустой")
    yield visitor
    visitor.context.close()


def add(curator: Visitor, kind: str, label: str) -> None:
    curator.press("Добавить вопрос", exact=False)
    curator.page.get_by_label("Вопрос", exact=True).fill(label)
    curator.page.get_by_label(kind).check()
    curator.press("Добавить вопрос")


def test_a_questionnaire_is_written_on_a_phone(curator: Visitor) -> None:
    page = curator.page
    add(curator, "Да или нет", "Встречались ли Вы с наставником?")
    curator.press("Сохранить и вернуться")
    add(curator, "Один вариант из нескольких", "Сколько раз?")
    page.get_by_label("Варианты ответа, по одному в строке").fill("Один\nДва\nБольше")
    page.get_by_label("Вопрос", exact=True).last.select_option(label="Встречались ли Вы с наставником?")
    if curator.checker:  # without scripts the menus beside come with the next page
        curator.press("Сохранить")
    expect(page.get_by_label("Как сравнить")).to_have_value("is")
    expect(page.locator("#unsaved")).to_be_empty()
    curator.press("Сохранить и вернуться")
    expect(page.get_by_role("main")).to_contain_text("Встречались ли Вы с наставником?» — «Да»")
    page.get_by_role("button", name=re.compile("Копировать.*Сколько раз")).click()
    curator.look()
    page.get_by_role("button", name=re.compile("Отменить")).click()
    curator.look()
    for link in ("Название и вступление", "Сделать новой версией"):
        curator.press(link)
        page.go_back()
    curator.press("Как на бумаге")
    page.go_back()
    curator.press("Сделать новой версией")
    curator.press("Сделать новой версией")
    expect(page.get_by_role("main")).to_contain_text("Как прошёл месяц?")


def test_what_is_typed_is_saved_and_shown_by_itself(chromium: Browser, server: Server) -> None:
    curator = Visitor(chromium, server.address)
    sign_in(curator, "curator")
    curator.open("/drafts")
    curator.press("Начать с пустой")
    add(curator, "Да или нет", "Первый?")
    curator.press("Сохранить и вернуться")
    add(curator, "Один вариант из нескольких", "Второй?")
    page = curator.page
    shown = page.frame_locator("#look")
    expect(page.locator("#todo")).to_contain_text("Впишите варианты ответа")

    page.get_by_label("Варианты ответа, по одному в строке").press_sequentially("Музыка\nИстория")

    expect(shown.get_by_text("История")).to_be_visible()
    expect(page.locator("#todo")).to_be_empty()
    expect(page.locator("#saved")).to_contain_text("Черновик сохранён")
    expect(page.get_by_label("Варианты ответа, по одному в строке")).to_be_focused()

    page.locator("#if-0").focus()
    page.keyboard.press("ArrowDown")  # by the keyboard alone: the first question there is

    expect(page.get_by_label("Как сравнить")).to_have_value("is")
    expect(page.locator("#if-0")).to_be_focused()
    expect(shown.get_by_text("Показывается, если", exact=False)).to_be_visible()
    curator.look()

    curator.context.set_offline(True)
    page.get_by_label("Подсказка под вопросом").fill("Не потеряется")
    expect(page.locator("#unsaved")).to_have_text("Не сохранено: нажмите «Сохранить».")
    curator.context.set_offline(False)
    curator.complaints = [text for text in curator.complaints if "ERR_INTERNET_DISCONNECTED" not in text]
    curator.press("Сохранить")
    expect(page.get_by_label("Подсказка под вопросом")).to_have_value("Не потеряется")


def test_a_button_pressed_while_something_is_being_saved_overtakes_nobody(
    chromium: Browser, server: Server
) -> None:
    curator = Visitor(chromium, server.address)
    sign_in(curator, "curator")
    curator.open("/drafts")
    curator.press("Начать с пустой")
    add(curator, "Строка текста", "Вопрос")
    page = curator.page
    page.route(re.compile("/questions/"), _slowly)
    page.get_by_label("Вопрос", exact=True).fill("Вопрос о погоде")
    expect(page.locator("#unsaved")).to_have_text("Сохраняем…")
    page.get_by_label("Подсказка под вопросом").fill("Хорошая ли она?")
    page.get_by_role("button", name="Сохранить и вернуться").click()
    page.get_by_role("link", name="Вопрос о погоде").click()
    expect(page.get_by_label("Подсказка под вопросом")).to_have_value("Хорошая ли она?")
    curator.look()


def _slowly(route: Route) -> None:
    time.sleep(0.5)
    route.continue_()

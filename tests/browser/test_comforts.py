"""What scripts add for a respondent: rows are moved, long lists are searched, the page follows its answers at once."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, Visitor
from tests.browser.test_answering import heading, invited, pytestmark, shot, world
from tests.factories import World
from tests.service.questioned import SURVEY, answers_of, drafts_of

__all__ = ["pytestmark", "world"]
SUBJECTS = [[f"s{n}", name] for n, name in enumerate(
    ["Русский язык", "Литература", "Алгебра", "Геометрия", "Физика", "Химия", "Биология", "География", "История",
     "Обществознание", "Информатика", "Музыка", "Рисование", "Труд", "Физкультура", "Учёт и отчётность", "Черчение"]
)]  # fmt: skip
COMFORTS: dict[str, Any] = {
    **SURVEY,
    "title": "Удобства",
    "translations": {},
    "pages": [
        {"title": "Одна страница", "questions": [
            {"key": "best", "kind": "ranking", "label": "Что важнее?", "max": 3,
             "choices": [["time", "Время на подготовку"], ["stuff", "Материалы"], ["talk", "Беседы"]]},
            {"key": "subject", "kind": "single", "label": "Какой предмет?", "appearance": "dropdown",
             "choices": SUBJECTS},
            {"key": "met", "kind": "yes_no", "label": "Вы встречались?", "required": True},
            {"key": "why", "kind": "long", "label": "Что помешало?", "show_if": "${met} = 'no'", "required": True},
            {"key": "often", "kind": "integer", "label": "Сколько раз?", "show_if": "${met} = 'yes'"},
            {"key": "told", "kind": "note", "label": "Итого встреч: ${often}", "show_if": "${often} > 1"},
            {"key": "more", "kind": "short", "label": "Что добавить?"},
        ]},
    ],
}  # fmt: skip


def numbers(page: Page) -> dict[str, str]:
    rows = page.locator(".numbered").all()
    return {row.locator("label").inner_text(): row.locator("input").input_value() for row in rows}


def answered_yes(page: Page) -> None:
    page.get_by_role("radio", name="Да").check()
    expect(page.get_by_label("Сколько раз?")).to_be_visible()


def opened(chromium: Browser, server: Server, world: World, key: str, javascript: bool = True) -> Visitor:
    link = invited(world, COMFORTS | {"key": key}, "Петрова Анна Ильинична")
    person = Visitor(chromium, server.address, javascript)
    person.open(f"{link}/answers")
    return person


def test_rows_are_moved_by_keys_and_by_hand_and_numbers_are_written(
    chromium: Browser, server: Server, world: World
) -> None:
    person = opened(chromium, server, world, "rows")
    page = person.page
    assert set(numbers(page).values()) == {""}
    down = page.get_by_role("button", name="Ниже: Время на подготовку")
    down.focus()
    page.keyboard.press("Enter")
    assert numbers(page) == {"Материалы": "1", "Время на подготовку": "2", "Беседы": "3"}
    expect(down).to_be_focused()
    expect(page.locator("fieldset [role=status]")).to_have_text("Время на подготовку: 2")

    handle = page.locator(".numbered", has_text="Беседы").locator(".handle")
    start, top = handle.bounding_box(), page.locator(".numbered").first.bounding_box()
    assert start
    assert top
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(start["x"] + 5, top["y"] + 2, steps=5)
    shot(page, "dragging")
    page.mouse.up()
    assert numbers(page) == {"Беседы": "1", "Материалы": "2", "Время на подготовку": "3"}
    person.look()
    answered_yes(page)
    person.press("Проверить ответы")
    person.press("Отправить")
    assert answers_of(world)[-1]["best"] == ["talk", "stuff", "time"]


def test_a_long_list_is_searched_by_typing(chromium: Browser, server: Server, world: World) -> None:
    person = opened(chromium, server, world, "list")
    page = person.page
    box = page.get_by_role("combobox", name="Какой предмет?")
    box.press_sequentially("учет")
    expect(page.get_by_role("option")).to_have_text(["Учёт и отчётность"])
    shot(page, "search")
    person.look()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("Учёт и отчётность")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.fill("гео")
    page.get_by_role("option", name="География").click()
    box.fill("такого нет")
    box.press("Tab")
    expect(box).to_have_value("География")
    answered_yes(page)
    person.press("Проверить ответы")
    expect(page.get_by_role("main")).to_contain_text("География")
    person.press("Отправить")
    assert answers_of(world)[-1]["subject"] == "s7"


def test_the_page_follows_its_answers_and_keeps_what_was_typed(
    chromium: Browser, server: Server, world: World
) -> None:
    person = opened(chromium, server, world, "follow")
    page = person.page
    page.get_by_label("Что добавить?").fill("Спасибо")
    before = len(drafts_of(world))
    page.get_by_role("radio", name="Нет").check()
    page.get_by_label("Что помешало?").fill("Болела")
    page.get_by_role("radio", name="Да").check()
    expect(page.get_by_label("Что помешало?")).to_have_count(0)
    page.get_by_label("Сколько раз?").fill("4")
    expect(page.get_by_text("Итого встреч: 4")).to_be_visible()
    expect(page.get_by_label("Сколько раз?")).to_be_focused()
    page.get_by_label("Сколько раз?").fill("5")
    expect(page.get_by_text("Итого встреч: 5")).to_be_visible()
    shot(page, "followed")
    person.look()
    assert len(drafts_of(world)) == before
    page.get_by_role("radio", name="Нет").check()
    expect(page.get_by_label("Что помешало?")).to_have_value("Болела")
    expect(page.get_by_label("Что добавить?")).to_have_value("Спасибо")
    person.press("Проверить ответы")
    heading(person, "Проверьте ответы")
    person.press("Отправить")
    assert answers_of(world)[-1] == {"met": "no", "why": "Болела", "more": "Спасибо"}


def test_without_a_script_the_same_page_asks_what_has_appeared(
    chromium: Browser, server: Server, world: World
) -> None:
    person = opened(chromium, server, world, "without", javascript=False)
    page = person.page
    page.locator("select").select_option("География")
    page.get_by_role("radio", name="Нет").check()
    person.press("Проверить ответы")
    expect(page.get_by_role("alert")).to_contain_text("Что помешало?")
    page.get_by_label("Что помешало?").fill("Болела")
    person.press("Проверить ответы")
    person.press("Отправить")
    assert answers_of(world)[-1]["subject"] == "s7"

"""Answering on a phone: without a script through all of it; with scripts nothing typed is lost either."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from service.database import Database
from service.settings import Settings
from service.submissions import crowd
from service.tables import Account, Link, Person
from tests.browser.conftest import Server, Visitor
from tests.factories import World
from tests.service.questioned import SURVEY, answers_of, drafts_of, survey

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("SHOTS")  # a folder for pictures of the pages, to be looked at
STEPS = [["1", "Слабо"], ["2", "Средне"], ["3", "Хорошо"]]
ALL_KINDS: dict[str, Any] = {
    **SURVEY,
    "key": "kinds",
    "title": "Все виды вопросов",
    "translations": {},
    "pages": [
        {"title": "Коротко", "text": "Ответьте как можно проще.", "questions": [
            {"key": "mail", "kind": "email", "label": "Ваша почта", "required": True},
            {"key": "phone", "kind": "phone", "label": "Телефон", "hint": "Для звонка методиста"},
            {"key": "hours", "kind": "integer", "label": "Сколько часов?", "unit": "ч", "min": 0, "required": True},
            {"key": "day", "kind": "date", "label": "Когда начали?"},
            {"key": "at", "kind": "time", "label": "Во сколько удобно?"},
            {"key": "plan", "kind": "file", "label": "План занятия"},
        ]},
        {"title": "Выбор", "questions": [
            {"key": "met", "kind": "yes_no", "label": "Вы встречались?", "required": True},
            {"key": "form", "kind": "single", "label": "Как?", "appearance": "dropdown", "show_if": "${met} = 'yes'",
             "choices": [["live", "Очно"], ["call", "По телефону"]]},
            {"key": "about", "kind": "multiple", "label": "О чём, ${mail}?", "other": True, "none": "no",
             "choices": [["plan", "План"], ["lesson", "Занятие"], ["no", "Ни о чём"]]},
            {"key": "use", "kind": "scale", "label": "Насколько полезно?", "min": 1, "max": 10,
             "scale": [["1", "совсем нет"], ["10", "очень"]]},
            {"key": "skills", "kind": "matrix", "label": "Как получается?", "scale": STEPS, "required": True,
             "rows": [["docs", "Вести документы"], ["open", "Открытое занятие"]]},
            {"key": "best", "kind": "ranking", "label": "Что важнее?",
             "choices": [["a", "Время"], ["b", "Материалы"]], "max": 2},
            {"key": "when", "kind": "slots", "label": "Когда удобно?",
             "rows": [["mon", "Понедельник"], ["tue", "Вторник"]],
             "scale": [["am", "утро"], ["pm", "вечер"]]},
        ]},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def world(server: Server) -> Iterator[World]:
    """What the server serves, from within."""
    environment = server.environment
    database = Database(environment["DATABASE_URL"])
    settings = Settings.from_env(environment)
    nobody = cast("Account", None)
    yield World(settings, database, cast("Any", None), 1, nobody, nobody)
    database.close()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 844})


def invited(world: World, definition: dict[str, Any], name: str, consent: bool = True) -> str:
    """The path of a personal link to a new wave."""
    person_id = world.person(name, "mentee")
    if consent:
        world.says(person_id)
    return world.link(survey(world, definition), person_id)


def heading(visitor: Visitor, text: str) -> None:
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(text)


def test_without_a_script_from_the_link_to_the_receipt_on_two_devices(
    chromium: Browser, server: Server, world: World
) -> None:
    link = invited(world, SURVEY | {"key": "plain"}, "Петрова Анна Ильинична", consent=False)
    person = Visitor(chromium, server.address, javascript=False)
    page = person.page
    person.open(link)
    shot(page, "start")
    person.press("Продолжить")
    person.press("Даю согласие")
    heading(person, "Встречи")
    person.press("Продолжить")
    expect(page.get_by_role("alert")).to_contain_text("Вы встречались?")
    shot(page, "mistake")
    page.get_by_role("radio", name="Нет").check()
    person.press("Продолжить")
    heading(person, "Почему нет")
    page.get_by_label("Что помешало?").fill("Болела две недели")
    person.press("Продолжить")
    heading(person, "Польза")
    page.go_back()
    page.go_back()
    heading(person, "Встречи")
    page.get_by_role("radio", name="Нет").check()
    person.press("Продолжить")
    expect(page.get_by_label("Что помешало?")).to_have_value("Болела две недели")

    other = Visitor(chromium, server.address, javascript=False)
    other.open(link)
    expect(other.page.get_by_role("main")).to_contain_text("черновик")
    shot(other.page, "draft")
    other.press("Продолжить черновик")
    expect(other.page.get_by_label("Что помешало?")).to_have_value("Болела две недели")
    other.press("Продолжить")
    other.press("Продолжить")
    shot(other.page, "page")
    other.press("Проверить ответы")
    heading(other, "Проверьте ответы")
    shot(other.page, "check")
    other.press("Изменить: Польза")
    other.page.get_by_role("radio", name="5").check(force=True)
    other.press("Проверить ответы")
    other.press("Отправить")
    heading(other, "Ваши ответы получены")
    shot(other.page, "receipt")
    assert answers_of(world)[-1] == {"met": "no", "reason": "Болела две недели", "use": "5"}
    assert drafts_of(world) == []
    assert other.context.cookies() == []


def test_every_kind_of_question_without_a_script(chromium: Browser, server: Server, world: World) -> None:
    person = Visitor(chromium, server.address, javascript=False)
    page = person.page
    person.open(invited(world, ALL_KINDS, "Козлов Илья Сергеевич"))
    person.press("Продолжить")
    person.press("Продолжить")
    shot(page, "kinds-mistakes")
    page.get_by_label("Ваша почта").fill("anna@school.ru")
    page.get_by_label("Сколько часов").fill("4")
    page.get_by_label("План занятия").set_input_files(
        {"name": "План.txt", "mimeType": "text/plain", "buffer": b"1"}
    )
    person.press("Продолжить")
    heading(person, "Выбор")
    shot(page, "kinds")
    expect(page.get_by_role("group", name="О чём, anna@school.ru?")).to_be_visible()
    page.get_by_role("radio", name="Да").check()
    for row in ("Вести документы", "Открытое занятие"):
        page.get_by_role("group", name=row).get_by_role("radio").last.check(force=True)
    person.press("Проверить ответы")
    expect(page.get_by_role("alert")).to_contain_text("Как?")
    page.get_by_label("Как?").select_option(label="Очно")
    page.get_by_label("Ваш вариант").or_(page.get_by_label("Свой ответ")).first.fill("О конкурсе")
    person.press("Проверить ответы")
    shot(page, "kinds-check")
    person.press("Отправить")
    heading(person, "Ваши ответы получены")
    sent = answers_of(world)[-1]
    assert (sent["form"], sent["about_other"], sent["plan"]["name"]) == ("live", "О конкурсе", "План.txt")


def test_what_was_typed_and_never_sent_waits_on_the_device(
    chromium: Browser, server: Server, world: World
) -> None:
    link = invited(world, SURVEY | {"key": "device"}, "Орлова Мария Петровна")
    person = Visitor(chromium, server.address)
    page = person.page
    person.open(f"{link}/answers")
    page.get_by_role("radio", name="Да").check()
    person.press("Продолжить")
    person.press("Продолжить")
    page.get_by_label("Что добавить?").fill("Спасибо за всё")
    expect(page.get_by_role("status")).to_contain_text("на этом устройстве")
    shot(page, "saved-on-device")
    person.open(f"{link}/answers")  # the page was closed without a button

    expect(page.get_by_text("На этом устройстве есть более новые ответы")).to_be_visible()
    shot(page, "offer")
    person.press("Перенести их сюда")
    expect(page.get_by_label("Что добавить?")).to_have_value("Спасибо за всё")
    expect(page.get_by_text("На этом устройстве есть более новые ответы")).to_be_hidden()
    person.press("Проверить ответы")
    person.press("Отправить")
    heading(person, "Ваши ответы получены")
    assert page.evaluate("localStorage.length") == 0
    assert answers_of(world)[-1]["more"] == "Спасибо за всё"


def test_a_crowd_works_a_little_or_sees_when_the_page_opens(
    chromium: Browser, server: Server, world: World
) -> None:
    wave_id = survey(world, SURVEY | {"key": "crowd"})
    with world.database.writing(1) as session:
        for number in range(crowd.UNNOTICED):
            newcomer = Person(last_name="Н", first_name="Я", sort_name="н", cases={})
            session.add(newcomer)
            session.flush()
            session.add(Link(key=f"crowd-{number}", wave_id=wave_id, person_id=newcomer.id))
    link = f"{world.link(wave_id)}/introduction"

    waiting = Visitor(chromium, server.address, javascript=False)
    waiting.open(link)
    expect(waiting.page.get_by_role("main")).to_contain_text("Страница откроется сама через")
    shot(waiting.page, "queue")

    working = Visitor(chromium, server.address)
    working.page.goto(server.address + link)
    working.page.get_by_label("Фамилия").fill("Новикова")
    working.page.get_by_label("Имя", exact=True).fill("Ольга")
    working.page.get_by_label("Должность").fill("методист")
    working.page.get_by_role("button", name="Продолжить").click()
    expect(working.page.get_by_role("button", name="Даю согласие")).to_be_visible()

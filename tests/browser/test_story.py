"""The main job by hand, on a phone: two people of one's own, from the empty list to the order."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PASSWORD, Server, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_SCRIPT_NEEDED = "the respondent's part works without JavaScript and without cookies"


def sign_in(visitor: Visitor, login: str) -> None:
    visitor.open("/sign-in")
    visitor.page.get_by_label("Имя для входа").fill(login)
    visitor.page.get_by_label("Пароль").fill(PASSWORD)
    visitor.press("Войти")


def add_person(curator: Visitor, role: str, last: str, first: str, patronymic: str) -> None:
    curator.open(f"/people/new?role={role}")
    page = curator.page
    page.get_by_label("Фамилия").fill(last)
    page.get_by_label("Имя", exact=True).fill(first)
    page.get_by_label("Отчество").fill(patronymic)
    page.get_by_label("Должность").fill("педагог дополнительного образования")
    curator.press("Сохранить")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{last} {first}")


def open_wave(curator: Visitor, questionnaire: str) -> str:
    """Opens a wave and returns the personal link of the only person in it."""
    curator.open("/waves/new")
    page = curator.page
    page.get_by_label("Анкета").select_option(label=questionnaire)
    page.get_by_label("Название").fill(f"{questionnaire}, ноябрь")
    curator.press("Открыть")
    link = page.locator("tbody a", has_text="Открыть").get_attribute("href")
    assert link
    return link


def answer(person: Visitor, link: str, role: str) -> None:
    person.open(link)
    person.press("Продолжить")
    person.press("Даю согласие")
    page = person.page
    person.press("Продолжить")  # nothing filled in: the page says what is missing
    expect(page.get_by_role("alert")).to_contain_text("направленность")
    page.get_by_label("Художественная").check()
    page.get_by_label("Сколько полных лет").fill("20" if role == "mentor" else "1")
    person.press("Продолжить")
    first_row = page.get_by_role("group", name=re.compile("Рабочие документы"))
    first_row.get_by_role("radio").last.check(force=True)
    person.press("Продолжить")
    if role == "mentor":
        page.get_by_label("Немного").or_(page.get_by_label("Да", exact=True)).first.check()
        for question in page.get_by_role("group").all():
            if question.get_by_role("radio").count() and not question.locator("input:checked").count():
                question.get_by_role("radio").first.check()
        page.get_by_label("Скольким людям").fill("2")
    else:
        page.get_by_label("С чем Вы хотели бы справиться").fill("Разобраться с журналом и программой")
    person.press("Продолжить")
    page.get_by_role("group", name=re.compile("Когда Вам удобно")).get_by_role("checkbox").first.check()
    page.get_by_role("group", name=re.compile("Как Вам удобнее")).get_by_role("radio").last.check()
    while page.get_by_role("button", name="Отправить").count() == 0:
        page.locator("button[value=next], button[value=check]").click()
        person.look()
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверьте ответы")
    person.press("Отправить")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ваши ответы получены")
    assert person.context.cookies() == [], NO_SCRIPT_NEEDED


def test_from_an_empty_list_to_the_order(chromium: Browser, server: Server, tmp_path: Path) -> None:
    curator = Visitor(chromium, server.address)
    sign_in(curator, "curator")
    curator.press("Организация")
    curator.page.get_by_label("Должность руководителя").fill("Директор")
    curator.page.get_by_label("ФИО руководителя").fill("Белова Анна Ивановна")
    curator.page.get_by_label("Учебный год").fill("2026/2027")
    curator.press("Сохранить")
    add_person(curator, "mentor", "Орлова", "Мария", "Петровна")
    add_person(curator, "mentee", "Козлов", "Илья", "Сергеевич")
    links = {
        role: open_wave(curator, name)
        for role, name in (("mentor", "Анкета наставника"), ("mentee", "Анкета наставляемого"))
    }

    for role, link in links.items():
        answer(Visitor(chromium, server.address, javascript=False), link, role)

    for path in (
        "/bank/mentor",
        "/bank/mentee",
        "/questionnaires",
        "/waves/1",
        "/waves/1/sheet",
        "/questionnaires/1",
        "/teams",
    ):
        curator.open(path)
    curator.press("Подбор")
    curator.page.get_by_text("Чего добиваться и в каком порядке?").click()
    curator.page.get_by_label("3. Затем").select_option(label="меньше изменений")
    curator.look()
    curator.press("Начать подбор")
    expect(curator.page.get_by_text("Доказано: лучше нельзя")).to_be_visible(timeout=30_000)
    curator.look()
    curator.press("Почему не другой?", exact=False)
    expect(curator.page.get_by_role("heading", level=1)).to_have_text(
        "Почему не другой наставник: Козлов Илья Сергеевич"
    )
    curator.press("Предложение № 1")
    curator.press("Утвердить эти пары")
    curator.open("/pairs")
    expect(curator.page.locator("tbody")).to_contain_text("Козлов")
    curator.page.get_by_label("С", exact=True).fill("2026-12-01")
    curator.page.get_by_label("По", exact=True).fill("2027-05-31")
    curator.press("Установить срок")
    curator.page.get_by_text("Отметить согласие всех").click()
    curator.press("Все согласны")
    curator.press("Составить проект приказа")
    with curator.page.expect_download() as downloading:
        curator.page.get_by_role("link", name="Скачать .docx").click()
    draft = Path(tmp_path / "draft.docx")
    downloading.value.save_as(draft)
    text = words_of(draft.read_bytes())
    assert "Орлова Мария Петровна" in text
    assert "Козлов Илья Сергеевич" in text
    assert "ПРОЕКТ" in text

    director = Visitor(chromium, server.address)
    sign_in(director, "director")
    director.press("Приказы")
    director.page.locator("tbody a").first.click()
    director.press("Утвердить как окончательный")
    expect(director.page.get_by_role("main")).to_contain_text("утверждён", ignore_case=True)


def words_of(file: bytes) -> str:
    document = Document(BytesIO(file))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    headers = (p.text for section in document.sections for p in section.header.paragraphs)
    return "\n".join((*(p.text for p in document.paragraphs), *cells, *headers))


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/q/nobody"])
def test_pages_for_strangers_are_accessible_too(chromium: Browser, server: Server, path: str) -> None:
    visitor = Visitor(chromium, server.address)
    visitor.page.goto(server.address + path)
    visitor.complaints = [text for text in visitor.complaints if "status of 404" not in text]
    visitor.look()

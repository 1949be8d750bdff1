"""Every kind of question as people meet it: on a phone and a desk, filled in well and badly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import forms
from service.pages import STATIC, TEMPLATES
from tests.browser.conftest import AXE
from tests.forms.blanks import CHOICES, PEOPLE, ask, posted, questionnaire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROWS = {"rows": [["C01", "Планирование занятий"], ["C02", "Мотивация детей"]], "scale": CHOICES}
EVERY_KIND = [
    ask("note", "note", hint="Черновик сохраняется."),
    *[
        ask(kind, kind, hint="Подсказка", required=True)
        for kind in ("short", "long", "email", "phone", "time")
    ],
    *[ask(kind, kind, min=0, max=70, unit="лет") for kind in ("integer", "decimal")],
    ask("date", "date", required=True),
    ask("yes_no", "yes_no", required=True),
    ask("single", "single", choices=CHOICES, other=True, required=True),
    ask("single", "dropdown", choices=CHOICES, other=True, appearance="dropdown"),
    ask("multiple", "multiple", choices=CHOICES, other=True, none="c"),
    ask("scale", "numbers", min=0, max=10, scale=[["0", "совсем нет"], ["10", "полностью"]], required=True),
    ask("scale", "words", scale=CHOICES),
    ask("matrix", "matrix", required=True, **ROWS),
    ask("slots", "slots", max=1, **ROWS),
    ask("ranking", "order", choices=CHOICES, max=3),
    ask("ranking", "wishes", people="mentors"),
    ask("file", "file", size=5, required=True),
]
GOOD = [
    ("short", "Методист"), ("email", "a@b.ru"), ("phone", "8 912 345-67-89"), ("integer", "7"), ("date", "2026-09-01"),
    ("single", "other"), ("single-other", "Ночью"), ("multiple", "a"), ("numbers", "7"), ("matrix-C01", "a"),
    ("slots-C01", "b"), ("order-a", "1"), ("wishes-1", "7"),
    ("file", '{"id": "1", "name": "план.pdf", "type": "application/pdf", "size": 9}'),
]  # fmt: skip
BAD = [
    ("email", "почта"), ("phone", "12"), ("integer", "сто"), ("decimal", "99"), ("date", "32.13.2026"),
    ("time", "25:99"), ("single", "other"), ("dropdown", "other"),
    ("multiple", "a"), ("multiple", "c"), ("matrix-C01", "a"),
    ("slots-C01", "a"), ("slots-C02", "a"), ("order-a", "1"), ("order-b", "1"), ("order-c", "9"), ("wishes-1", "7"),
    ("wishes-2", "7"),
]  # fmt: skip
PAGE = """{% extends "layout.html" %}{% from "_parts/page.html" import error_summary %}
{% from "_parts/field.html" import question %}{% block title %}Анкета{% endblock %}
{% block head %}<style>{{ style | safe }}</style>{% endblock %}
{% block main %}{{ error_summary(errors) }}<h1>Вопросы</h1><form method="post" novalidate>
{% for field in filled.fields(0) %}{{ question(field, sentence) }}{% endfor %}</form>{% endblock %}"""
SMALL = """[...document.querySelectorAll(
    "main :is(input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea, label.choice)"
)].filter(control => control.getBoundingClientRect().height < 43.5).map(control => control.outerHTML)"""


def shown(page: Page, pairs: list[tuple[str, str]]) -> list[forms.Problem]:
    filled = forms.build(questionnaire(EVERY_KIND), PEOPLE).bind(posted(pairs))
    problems = filled.errors() if pairs is BAD else []
    context: dict[str, Any] = {
        "filled": filled,
        "sentence": forms.sentence,
        "errors": [(problem.field_id, forms.sentence(problem)) for problem in problems],
        "style": (STATIC / "nastavnik.css").read_text("utf-8"),
    }
    page.set_content(TEMPLATES.from_string(PAGE).render(context))
    return problems


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(locale="ru-RU")
    yield page
    page.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("pairs", [[], GOOD, BAD], ids=["empty", "good", "bad"])
def test_every_kind_is_accessible_large_enough_and_never_too_wide(
    page: Page, pairs: list[tuple[str, str]], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    shown(page, pairs)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(rule["id"], node["html"]) for rule in found for node in rule["nodes"]] == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_problem_leads_to_an_input_and_is_said_beside_it(page: Page) -> None:
    problems = shown(page, BAD)
    assert len(problems) >= 15
    for problem in problems:
        target = page.locator(f"[id='{problem.field_id}']")
        assert target.evaluate("node => node.matches('input, select, textarea')"), problem
        nearest = target.locator("xpath=ancestor::*[contains(@class, 'wrong')][1]")
        assert forms.sentence(problem) in nearest.inner_text(), problem


def test_a_matrix_is_a_table_on_a_desk_and_a_column_on_a_phone(page: Page) -> None:
    shown(page, [])
    row = page.locator(".matrix .row").first.locator("label")
    for width, lines in ((1280, 1), (390, 3)):
        page.set_viewport_size({"width": width, "height": 800})
        tops = {round(box["y"]) for label in row.all() if (box := label.bounding_box())}
        assert len(tops) == lines


def test_a_browser_posts_what_the_blank_understands(page: Page) -> None:
    shown(page, GOOD)
    sent = page.evaluate("""() => [...new FormData(document.querySelector("form"))]
        .map(([name, value]) => [name, typeof value === "string" ? value : ""])""")
    blank = forms.build(questionnaire(EVERY_KIND), PEOPLE)
    again = blank.bind(posted((name, value) for name, value in sent if name != "file" or value))
    assert again.answers() == blank.bind(posted(GOOD)).answers()

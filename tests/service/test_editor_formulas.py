"""Conditions as formulas: what menus cannot say is written, checked, and told in words where it is wrong."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.factories import Browser, World
from tests.service.test_editor import added, asked, begun, row, saved

RICH = "${skolko_let} > 3 and (${skolko_let} < 9 or not(${skolko_let} = 5))"


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def at(curator: Browser) -> str:
    """A question that stands after one about years."""
    draft = begun(curator, title="Как дела?")
    added(curator, draft, "integer", "Сколько лет?")
    return added(curator, draft, "short", "Расскажите")


def told(page: str) -> list[str]:
    """What is wrong with the formula, in words."""
    found = re.findall(r'<p class="mistake" id="formula-error\d*">.*?</span>(.*?)</p>', page, re.S)
    return [unescape(text).strip() for text in found]


def test_a_formula_says_what_menus_cannot_and_names_what_it_may_ask_about(
    world: World, curator: Browser, at: str
) -> None:
    page = curator.get(at).text
    assert "<code>${skolko_let}</code>" in page
    saved(curator, at, formula=[f" {RICH}\r\n"])
    assert asked(world, at)["show_if"] == RICH
    page = curator.get(at).text
    assert told(page) == []
    assert "записано ниже формулой" in page
    saved(curator, at, label=["Расскажите подробнее"])
    assert (asked(world, at)["show_if"], asked(world, at)["label"]) == (RICH, "Расскажите подробнее")


def test_a_formula_that_menus_can_say_comes_back_as_menus_and_either_changes_it(
    world: World, curator: Browser, at: str
) -> None:
    saved(curator, at, formula=["${skolko_let} > 3"])
    assert 'value="3"' in curator.get(at).text
    saved(curator, at, **{"if-0-value": ["7"]})
    assert asked(world, at)["show_if"] == "${skolko_let} > 7"
    saved(curator, at, formula=[""], **{"if-0-value": ["8"]})
    assert "show_if" not in asked(world, at)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("${skolko_let} > (3", "обрывается"),
        ("${skolko_let} > 3)", "знак 18: лишнее"),
        ("foo(${skolko_let}) > 3", "нет такой функции"),
        ("${mesto} = 'a'", "вопроса, которого больше нет"),
        ("${skolko_let} > 'много'", "сравнивает"),
    ],
)
def test_what_is_wrong_with_a_formula_is_told_and_what_was_typed_is_kept(
    world: World, curator: Browser, at: str, formula: str, words: str
) -> None:
    saved(curator, at, formula=[formula])
    assert asked(world, at)["show_if"] == formula
    page = curator.get(at).text
    assert formula.replace(">", "&gt;").replace("'", "&#39;") in page
    assert any(words in said for said in told(page)), told(page)
    version = at.rpartition("/questions")[0] + "/version"
    assert curator.post(version, {"seen": str(row(world, at).version)}).status_code == 409


def test_a_page_has_a_formula_of_its_own(world: World, curator: Browser, at: str) -> None:
    draft = at.rpartition("/questions")[0]
    curator.post(draft, {"do": "page-add", "seen": str(row(world, at).version)})
    page = f"{draft}/pages/2"
    saved(curator, page, formula=["${skolko_let} >"])
    assert any("обрывается" in said for said in told(curator.get(page).text))
    assert told(curator.get(at).text) == []
    saved(curator, page, formula=[RICH])
    assert row(world, at).definition["pages"][1]["show_if"] == RICH

"""A questionnaire in other languages: every text beside its translation, what is missing marked."""

from __future__ import annotations

import re
from typing import Any

import pytest

import forms
from service.questionnaires import actions
from service.questionnaires.editor import editing
from tests.factories import Browser, World
from tests.service.questioned import SURVEY
from tests.service.test_editor import of, row
from tests.service.test_submissions import form_of


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def draft(world: World, curator: Browser) -> str:
    """Of a questionnaire with a few texts in English."""
    with world.database.writing(world.organisation_id) as session:
        actions.add_questionnaire(session, forms.parse(SURVEY))
    return of(world, curator, "month")


def said(world: World, draft: str, language: str = "en") -> dict[str, str] | None:
    found: dict[str, Any] = row(world, draft).definition.get("translations", {})
    return found.get(language)


def opened(curator: Browser, at: str) -> dict[str, list[str]]:
    """What a browser would post of the texts."""
    [form] = re.findall(r'<form method="post"[^>]*data-autosave.*?</form>', curator.get(at).text, re.S)
    return form_of(f"<main>{form}</main>")


def typed(curator: Browser, at: str, **texts: str) -> Any:
    """A dot in a path is written as two underscores."""
    named = {f"text.{path.replace('__', '.')}": text for path, text in texts.items()}
    return curator.post(at, opened(curator, at) | named)


def test_every_text_stands_beside_its_translation_and_what_is_missing_is_marked(
    world: World, curator: Browser, draft: str
) -> None:
    page = curator.get(f"{draft}/languages/en").text
    inputs = set(re.findall(r'name="text\.([^"]+)"', page))
    paths = {path for path, base in editing.texts(row(world, draft).definition) if base}
    assert inputs == paths
    assert page.count("нет перевода") == len(paths) - 3
    assert 'value="Did you meet?"' in page
    assert "Переведено: 3 из" in page
    assert "3 из" in curator.get(f"{draft}/languages").text


def test_a_language_is_added_translated_previewed_published_and_taken_away(
    world: World, curator: Browser, draft: str
) -> None:
    to = f"{draft}/languages/tt"
    assert to in curator.get(f"{draft}/languages").text
    assert said(world, draft, "tt") is None
    typed(curator, to, title="Ай йомгаклары", topics__choices__plan="План төзү")
    assert said(world, draft, "tt") == {"title": "Ай йомгаклары", "topics.choices.plan": "План төзү"}
    assert "Ай йомгаклары" in curator.get(f"{draft}/preview?language=tt").text
    assert "Ай йомгаклары" not in curator.get(f"{draft}/preview").text

    assert curator.post(to, {"drop": "1"}).status_code == 303
    assert said(world, draft, "tt") is None
    assert said(world, draft, "en")
    curator.post(draft, {"do": "undo", "seen": str(row(world, draft).version)})
    assert said(world, draft, "tt")

    assert forms.parse(row(world, draft).definition).in_language("tt").title == "Ай йомгаклары"


def test_an_emptied_translation_is_gone_and_the_others_stay(
    world: World, curator: Browser, draft: str
) -> None:
    typed(curator, f"{draft}/languages/en", met__label="")
    assert said(world, draft) == {"title": "The month", "pages.1.title": "Meetings"}


def test_who_translates_what_somebody_has_translated_meanwhile_sees_both(
    world: World, curator: Browser, draft: str
) -> None:
    at = f"{draft}/languages/en"
    seen = opened(curator, at)["seen"]
    typed(curator, at, title="The month, theirs")
    answer = curator.post(at, {"seen": seen, "text.title": "The month, mine"})
    assert answer.status_code == 409
    assert "The month, theirs" in answer.text
    assert 'value="The month, mine"' in answer.text
    assert said(world, draft, "en") == {**SURVEY["translations"]["en"], "title": "The month, theirs"}


def test_nothing_but_texts_of_the_questionnaire_is_taken(world: World, curator: Browser, draft: str) -> None:
    typed(curator, f"{draft}/languages/en", nowhere__label="A", pages__9__title="B")
    assert said(world, draft) == SURVEY["translations"]["en"]
    assert curator.get(f"{draft}/languages/qq").status_code == 404
    assert f"{draft}/languages/ru" not in curator.get(f"{draft}/languages").text

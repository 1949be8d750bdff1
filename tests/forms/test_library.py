"""The questionnaires that we ship: what the matching counts on, and that they are short."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import forms
from forms import Kind
from forms.definition import FORMAT

MATCHING_READS = {
    "mentor": {
        "post": Kind.SHORT,
        "direction": Kind.MULTIPLE,
        "experience_years": Kind.INTEGER,
        "competences": Kind.MATRIX,
        "slots": Kind.MULTIPLE,
        "sites": Kind.MULTIPLE,
        "format": Kind.SINGLE,
        "places": Kind.INTEGER,
        "groups_welcome": Kind.SINGLE,
        "undesired": Kind.MULTIPLE,
    },
    "mentee": {
        "post": Kind.SHORT,
        "direction": Kind.MULTIPLE,
        "experience_years": Kind.INTEGER,
        "needs": Kind.MATRIX,
        "slots": Kind.MULTIPLE,
        "sites": Kind.MULTIPLE,
        "format": Kind.SINGLE,
        "request": Kind.LONG,
        "wishes": Kind.RANKING,
        "undesired": Kind.MULTIPLE,
    },
}
# Our estimate for a person on a phone: to read the question and to answer it.
SECONDS = {
    Kind.SHORT: 12,
    Kind.LONG: 60,
    Kind.INTEGER: 8,
    Kind.SINGLE: 8,
    Kind.MULTIPLE: 15,
    Kind.RANKING: 25,
    Kind.MATRIX: 0,
}
SECONDS_A_ROW, SECONDS_A_PAGE = 6, 10

library = pytest.mark.parametrize("key", MATCHING_READS)


def asked(key: str) -> dict[str, forms.Question]:
    return {question.key: question for question in forms.library()[key].questions}


@library
def test_the_library_asks_what_the_matching_reads(key: str) -> None:
    kinds = {name: question.kind for name, question in asked(key).items()}
    assert MATCHING_READS[key].items() <= kinds.items()
    assert forms.library()[key].purpose == f"{key}_intake"


def test_mentors_and_mentees_are_asked_in_the_same_words() -> None:
    mentor, mentee = asked("mentor"), asked("mentee")
    assert mentor["competences"].rows == mentee["needs"].rows
    assert [code for code, _ in mentee["needs"].scale] == list("0123")
    for key in ("direction", "slots", "sites", "format"):
        assert mentor[key] == mentee[key]
    assert list(forms.competences()) == [f"C{n:02}" for n in range(1, 17)]


@library
def test_a_questionnaire_takes_five_to_eight_minutes(key: str) -> None:
    definition = forms.library()[key]
    seconds = SECONDS_A_PAGE * len(definition.pages) + sum(
        SECONDS[question.kind] + SECONDS_A_ROW * len(question.rows) for question in definition.questions
    )
    assert 5 <= seconds / 60 <= 8
    assert abs(definition.minutes - seconds / 60) < 1
    assert 4 <= len(definition.pages) <= 5


@library
def test_special_categories_of_personal_data_are_not_asked(key: str) -> None:
    text = json.dumps(forms.library()[key].to_json(), ensure_ascii=False).lower()
    assert not re.search("здоровь|болезн|инвалид|религи|вероисповед|профсоюз|политич|судим", text)


KINDS = {
    "radio": "single",
    "select": "single",
    "multi": "multiple",
    "text": "short",
    "date": "short",
    "int": "integer",
    "longtext": "long",
}


def converted(survey: dict[str, Any]) -> dict[str, Any]:
    def question(old: dict[str, Any]) -> dict[str, Any]:
        choices = [[choice["code"], choice["label"]] for choice in old["choices"]]
        new = {
            "key": old["name"],
            "kind": KINDS[old["type"]],
            "label": old["text"],
            "required": old["required"],
        }
        return new | ({"choices": choices} if choices else {})

    head = {"format": FORMAT, "key": "survey12", "title": survey["title"], "purpose": "survey", "minutes": 5}
    return head | {
        "pages": [{"title": "Вопросы", "questions": [question(old) for old in survey["questions"]]}]
    }


def test_the_monthly_survey_can_be_expressed() -> None:
    source = Path(__file__).parents[3] / "shared" / "data" / "survey12.json"
    if not source.exists() and os.environ.get("CI") != "true":
        pytest.skip("the measured survey is not here")
    survey = json.loads(source.read_text("utf-8"))
    definition = forms.parse(converted(survey))
    assert len(list(definition.questions)) == 12
    filled = forms.build(definition).from_answers({})
    assert len(filled.errors()) == sum(old["required"] for old in survey["questions"])

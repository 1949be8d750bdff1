"""The surveys that we ship: short, calm, about the same things before and after."""

from __future__ import annotations

import json
import re

import pytest

import forms
from forms import Kind
from tests.forms.test_library import SECONDS, SECONDS_A_PAGE, SECONDS_A_ROW

SURVEYS = (
    "conditions",
    "deficits",
    "event_feedback",
    "mentee_after",
    "mentee_before",
    "mentor_after",
    "mentor_before",
)
surveys = pytest.mark.parametrize("key", SURVEYS)
OF_SECONDS = SECONDS | {Kind.SCALE: 6, Kind.YES_NO: 5}


def test_every_survey_of_the_field_is_there() -> None:
    shipped = forms.library()
    assert {key for key, definition in shipped.items() if definition.purpose is forms.Purpose.SURVEY} == set(
        SURVEYS
    )


@surveys
def test_a_survey_takes_three_to_eight_minutes_and_says_so(key: str) -> None:
    definition = forms.library()[key]
    seconds = SECONDS_A_PAGE * len(definition.pages) + sum(
        OF_SECONDS[question.kind] + SECONDS_A_ROW * len(question.rows) for question in definition.questions
    )
    assert 3 <= seconds / 60 <= 8
    assert abs(definition.minutes - seconds / 60) < 1


@surveys
def test_a_survey_can_be_answered_by_pressing_on_to_the_end(key: str) -> None:
    required = [question.key for question in forms.library()[key].questions if question.required]
    assert len(required) <= 1


@surveys
def test_nobody_is_asked_for_a_name_or_for_special_personal_data(key: str) -> None:
    definition = forms.library()[key]
    text = json.dumps(definition.to_json(), ensure_ascii=False).lower()
    assert not re.search(
        "фамили|отчество|здоровь|болезн|инвалид|религи|вероисповед|профсоюз|политич|судим", text
    )
    assert not {question.kind for question in definition.questions} & {Kind.EMAIL, Kind.PHONE, Kind.FILE}


@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_before_and_after_ask_the_same_on_the_same_scale(role: str) -> None:
    before, after = (
        {
            q.key: (q.kind, q.min, q.max)
            for q in forms.library()[f"{role}_{when}"].questions
            if q.kind is Kind.SCALE
        }
        for when in ("before", "after")
    )
    assert len(before) == 7
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"recommend"}

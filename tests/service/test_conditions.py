"""Conditions and differences in the words of the questionnaire."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

import forms
from forms.difference import breaks, difference
from service.questionnaires.changes import told, told_broken
from service.questionnaires.conditions import in_words
from service.questionnaires.previews import previewed
from tests.forms.random_definitions import definitions
from tests.forms.test_definition import question, questionnaire

ASKED = forms.parse(
    questionnaire(
        question("years", "integer", label="Стаж"),
        question("site", "single", label="Площадка", choices=[["main", "Школа"], ["far", "Лагерь"]]),
        question("help", "multiple", label="Помощь", choices=[["a", "Советы"]]),
        question("glad", "yes_no", label="Рады?"),
        question("m", "matrix", label="Оценка", rows=[["r", "Уют"]], scale=[["1", "Мало"]]),
    )
)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("${years} >= 3", "«Стаж» не меньше 3"),
        ("${site} = 'main'", "«Площадка» — «Школа»"),
        ("${site} != 'main' and ${glad} = 'yes'", "«Площадка» — не «Школа» и «Рады?» — «Да»"),
        ("selected(${help}, 'a')", "в вопросе «Помощь» отмечено «Советы»"),
        ("not(selected(${help}, 'a'))", "в вопросе «Помощь» не отмечено «Советы»"),
        ("${m.r} = '1'", "«Оценка: Уют» — «Мало»"),
        ("${years} = ''", "на вопрос «Стаж» нет ответа"),
        (
            "(${years} < 1 or ${years} > 9) and ${site} = 'far'",
            "(«Стаж» меньше 1 или «Стаж» больше 9) и «Площадка» — «Лагерь»",
        ),
        ("string-length(${years}) > 1", "string-length(${years}) > 1"),
        ("${unknown} = 1", "${unknown} = 1"),
        ("= nonsense", "= nonsense"),
    ],
)
def test_a_condition_is_told_in_words_or_shown_as_it_is_written(condition: str, words: str) -> None:
    assert in_words(condition, ASKED) == words


@given(definitions(), definitions())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_difference_and_every_break_has_its_sentence(
    old: forms.Definition, new: forms.Definition
) -> None:
    sentences = [told(change) for change in difference(old, new)]
    sentences += [told_broken(change) for change in breaks(old, new)]
    assert all(sentences)
    assert not any("%(" in sentence for sentence in sentences)


@given(definitions())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_preview_shows_every_question_once_whatever_its_conditions(definition: forms.Definition) -> None:
    pages = previewed(definition, {})
    shown = [question.field.question.key for page in pages for question in page.questions]
    visible = [q.key for q in definition.questions if q.kind is not forms.Kind.COMPUTED]
    assert shown == visible
    numbers = [question.number for page in pages for question in page.questions if question.number]
    assert numbers == list(range(1, len(numbers) + 1))

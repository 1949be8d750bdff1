"""A blank through its pages: nothing typed is lost, nothing wrong gets into the answers."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import UploadFile

import forms
from forms.build import People
from forms.fields import names
from forms.text import legal
from tests.forms.blanks import CHOICES, PEOPLE, ask, posted, questionnaire

EVERY_KIND = questionnaire(
    [ask("short", "post", max=20), ask("long", "story", max=30), ask("integer", "years", min=0, max=70)],
    [ask("single", "format", choices=CHOICES), ask("multiple", "slots", choices=CHOICES, max=2)],
    [
        ask("matrix", "needs", rows=[["C01", "Планы"], ["C02", "Дети"]], scale=[["0", "Нет"], ["1", "Да"]]),
        ask("ranking", "wishes", people="mentors", max=3),
    ],
)


def test_people_who_are_not_there_are_not_asked_about() -> None:
    definition = questionnaire(
        [ask("short", "post")], [ask("ranking", "wishes", people="mentors", required=True)]
    )
    nobodies: list[People | None] = [None, {}, {"mentors": []}]
    for nobody in nobodies:
        blank = forms.build(definition, nobody)
        assert [page.title for page in blank.pages] == ["Страница 1"]
        assert blank.bind(posted([("wishes-1", "7")])).answers() == {}
        assert blank.bind(posted([])).errors() == []


def test_errors_are_shown_only_on_the_page_that_was_sent() -> None:
    required = [ask("short", "first", required=True)], [ask("short", "second", required=True)]
    filled = forms.build(questionnaire(*required)).bind(posted([("second", "есть")]))
    assert filled.fields(0)[0].errors == []
    assert filled.errors(1) == []
    assert filled.faulty_page() == 0
    assert [problem.question_key for problem in filled.errors(0)] == ["first"]
    assert [problem.code for problem in filled.fields(0)[0].errors] == ["required"]
    assert (
        forms.build(questionnaire(*required)).from_answers({"first": "а", "second": "б"}).faulty_page()
        is None
    )


def test_all_ids_of_a_blank_differ() -> None:
    for definition in forms.library().values():
        people = {"mentors": PEOPLE["mentors"], "mentees": PEOPLE["mentors"]}
        blank = forms.build(definition, people)
        filled = blank.from_answers({})
        ids = []
        for page in range(len(blank.pages)):
            filled.errors(page)
            for field in filled.fields(page):
                ids += [field.hint_id, field.error_id]
                parts = getattr(field, "parts", [])
                ids += [part.error_id for part in parts]
                choosers = parts or ([field] if hasattr(field, "options") else [])
                ids += [option.id for chooser in choosers for option in chooser.options]
        assert len(ids) == len(set(ids))


def test_files_and_unknown_names_are_ignored() -> None:
    with open(__file__, "rb") as file:
        pairs: list[tuple[str, str | UploadFile]] = [("x", UploadFile(file)), ("other", "1"), ("go", "next")]
        filled = forms.build(questionnaire([ask("short")], [ask("short", "y")])).bind(posted(pairs))
    assert filled.answers() == {}
    assert filled.carried(1) == []


NAMES = [
    name
    for q in forms.build(EVERY_KIND, PEOPLE).pages
    for question in q.questions
    for name in names(question)
]
pages = st.integers(0, 2)
typed = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["a", "b", "1", "7", "9", "70", ""]
)
posts = st.lists(st.tuples(st.sampled_from([*NAMES, "ticket", "unknown"]), typed), max_size=25)


@settings(max_examples=60)
@given(posts, pages)
def test_what_was_typed_is_never_lost_between_pages(post: list[tuple[str, str]], page: int) -> None:
    filled = forms.build(EVERY_KIND, PEOPLE).bind(posted(post))
    here = {name for field in filled.fields(page) for name in names(field.question)}
    visible = [(name, value) for name, value in post if name in here]
    again = forms.build(EVERY_KIND, PEOPLE).bind(posted(filled.carried(page) + visible))
    known = sorted((name, legal(value)) for name, value in post if name in NAMES)
    assert sorted(filled.carried(page) + [(name, legal(value)) for name, value in visible]) == known
    assert again.answers() == filled.answers()
    assert again.errors() == filled.errors()


@settings(max_examples=60)
@given(posts)
def test_answers_filled_in_again_are_the_same_answers(post: list[tuple[str, str]]) -> None:
    blank = forms.build(EVERY_KIND, PEOPLE)
    answers = blank.bind(posted(post)).answers()
    again = blank.from_answers(answers)
    assert again.answers() == answers
    assert again.errors() == []


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.text(st.characters(exclude_categories=[]), max_size=20)))
)
def test_answers_can_always_be_printed_and_stored(post: list[tuple[str, str]]) -> None:
    filled = forms.build(EVERY_KIND, PEOPLE).bind(posted(post))
    for text in (filled.answers().get("post", ""), filled.answers().get("story", "")):
        assert text == text.strip() == unicodedata.normalize("NFC", text)
        assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text.replace("\n", ""))
    "".join(value for page in range(3) for _, value in filled.carried(page)).encode()


@pytest.mark.parametrize(
    "stored", [None, 7, True, "a", [], [1], ["a"], {"C01": "1"}, {"C01": 1}, [{}], {"C01": []}]
)
def test_answers_of_another_version_never_break_a_blank(stored: Any) -> None:
    blank = forms.build(EVERY_KIND, PEOPLE)
    blank.from_answers(dict.fromkeys([*NAMES, "needs", "wishes"], stored)).errors()


def test_a_summary_reads_like_the_questionnaire() -> None:
    answers = {
        "post": "Методист",
        "years": 0,
        "format": "b",
        "slots": ["a", "c"],
        "needs": {"C01": "1"},
        "wishes": ["9", "3"],
    }
    assert forms.summary(EVERY_KIND, answers, PEOPLE) == [
        ("Страница 1", [("Вопрос", "Методист"), ("Вопрос", ""), ("Вопрос", "0")]),
        ("Страница 2", [("Вопрос", "Днём"), ("Вопрос", ["Утром", "Вечером"])]),
        ("Страница 3", [("Вопрос", ["Планы: Да"]), ("Вопрос", ["Вера Гусева", "3"])]),
    ]


def test_a_summary_shows_what_was_answered_though_it_is_no_longer_asked() -> None:
    definition = questionnaire([ask("short", "post")], [ask("ranking", "wishes", people="mentors")])
    assert forms.summary(definition, {}) == [("Страница 1", [("Вопрос", "")])]
    assert forms.summary(definition, {"wishes": ["7"]})[1] == ("Страница 2", [("Вопрос", ["7"])])

"""A questionnaire as data: what is refused, what is kept, what changes its hash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forms
from forms.definition import FORMAT

CHOICES = [["a", "А"], ["b", "Б"]]


def questionnaire(*questions: Any, **changes: Any) -> dict[str, Any]:
    pages = [{"title": "Страница", "questions": list(questions)}]
    return {
        "format": FORMAT,
        "key": "q",
        "title": "Анкета",
        "purpose": "survey",
        "minutes": 5,
        "pages": pages,
    } | changes


def question(key: str = "x", kind: Any = "short", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": "Вопрос", **more}


def defects(data: object) -> set[tuple[str, str]]:
    with pytest.raises(forms.DefinitionError) as refused:
        forms.parse(data)
    return {(defect.code, defect.where) for defect in refused.value.defects}


def defect_of(asked: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (code, where.removeprefix("/pages/0/questions/0")) for code, where in defects(questionnaire(asked))
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("text", {("not_an_object", ""), ("missing", "/key"), ("missing", "/kind"), ("missing", "/label")}),
        (question(kind="essay"), {("unknown_kind", "/kind")}),
        (question(kind=7), {("not_a_text", "/kind")}),
        (question(colour="red"), {("unknown_key", "/colour")}),
        (question(min=1), {("unknown_key", "/min")}),
        (question(key="Должность"), {("bad_key", "/key")}),
        (question(key="has-hyphen"), {("bad_key", "/key")}),
        (question(key="a" * 41), {("bad_key", "/key"), ("too_long", "/key")}),
        (question(key="ticket"), {("reserved_key", "/key")}),
        (question(label=" "), {("missing", "/label")}),
        (question(label="я" * 501), {("too_long", "/label")}),
        (question(label="a\0b"), {("illegal_text", "/label")}),
        (question(hint="\ud800"), {("illegal_text", "/hint")}),
        (question(required="yes"), {("not_yes_or_no", "/required")}),
        (question(max=0), {("out_of_range", "/max")}),
        (question(kind="integer", min=True), {("not_a_number", "/min")}),
        (question(kind="integer", min=5, max=1), {("min_over_max", "/min")}),
        (question(kind="single"), {("missing", "/choices")}),
        (question(kind="single", choices=[]), {("empty", "/choices")}),
        (question(kind="single", choices="ab"), {("not_a_list", "/choices")}),
        (question(kind="single", choices=["a"]), {("not_a_pair", "/choices/0")}),
        (question(kind="single", choices=[["a", "А"], ["a", "Б"]]), {("repeated", "/choices")}),
        (question(kind="single", choices=[["a", ""]]), {("missing", "/choices/0")}),
        (question(kind="single", choices=[["а б", "А"]]), {("bad_key", "/choices/0")}),
        (question(kind="single", choices=CHOICES, people="mentors"), {("choices_and_people", "/people")}),
        (question(kind="single", people="Mentors!"), {("bad_key", "/people")}),
        (question(kind="single", choices=[[f"c{n}", "В"] for n in range(501)]), {("too_many", "/choices")}),
        (question(kind="multiple", choices=CHOICES, min=3), {("out_of_range", "/min")}),
        (question(kind="matrix", rows=CHOICES), {("missing", "/scale")}),
        (question(kind="matrix", rows=[["a-b", "А"]], scale=CHOICES), {("bad_key", "/rows/0")}),
        (question(messages={"needed": "Нужно"}), {("unknown_message", "/messages/needed")}),
        (question(messages=["Нужно"]), {("not_an_object", "/messages")}),
    ],
)
def test_a_wrong_question_is_refused_with_the_place(
    asked: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert defect_of(asked) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"format": "other/1"}, {("unknown_format", "/format")}),
        ({"purpose": "vote"}, {("unknown_purpose", "/purpose")}),
        ({"minutes": 0}, {("out_of_range", "/minutes")}),
        ({"pages": []}, {("empty", "/pages")}),
        ({"pages": [{"title": "Пусто", "questions": []}]}, {("empty", "/pages/0/questions")}),
        ({"pages": [{"questions": [question()]}]}, {("missing", "/pages/0/title")}),
    ],
)
def test_a_wrong_questionnaire_is_refused(changes: dict[str, Any], expected: set[tuple[str, str]]) -> None:
    assert defects(questionnaire(question(), **changes)) == expected


def test_every_defect_is_listed_at_once() -> None:
    wrong = questionnaire(question("twice", label=""), question("twice", "essay"), title="", minutes="пять")
    assert defects(wrong) == {
        ("missing", "/title"),
        ("not_a_number", "/minutes"),
        ("missing", "/pages/0/questions/0/label"),
        ("unknown_kind", "/pages/0/questions/1/kind"),
        ("repeated", "/pages"),
    }


def test_more_questions_than_anyone_answers_are_refused() -> None:
    pages = [{"title": "Т", "questions": [question(f"q{p}_{n}") for n in range(101)]} for p in range(2)]
    assert defects(questionnaire(pages=pages)) == {("too_many", "/pages")}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, json_values)
def test_any_json_is_read_or_refused_with_printable_defects(whole: Any, part: Any) -> None:
    for data in (whole, questionnaire(part), questionnaire(question(choices=part, messages=part))):
        with pytest.raises(forms.DefinitionError) as refused:
            forms.parse(data)
        assert refused.value.defects
        str(refused.value).encode()


def every_kind() -> dict[str, Any]:
    return questionnaire(
        question("short", max=50, required=True, messages={"required": "Напишите"}),
        question("long", "long", hint="Подсказка"),
        question("integer", "integer", min=0, max=0, unit="лет"),
        question("single", "single", choices=CHOICES),
        question("multiple", "multiple", people="mentees", min=1, max=2),
        question("matrix", "matrix", rows=[["C01", "Первая"]], scale=CHOICES),
        question("ranking", "ranking", people="mentors"),
        intro="Здравствуйте",
    )


def test_a_definition_survives_the_way_to_json_and_back() -> None:
    definition = forms.parse(every_kind())
    again = forms.parse(json.loads(json.dumps(definition.to_json())))
    assert again == definition
    assert again.hash == definition.hash
    assert definition.hash == "0dbf9eb65f994367421c8c31fc31747960a2ed74119039480dd247d56cf34f5a"  # as in 0.1
    assert [q.max for q in definition.questions] == [50, 3000, 0, None, 2, None, 3]


def test_the_hash_knows_the_content_and_nothing_else() -> None:
    def backwards(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: backwards(inner) for key, inner in reversed(value.items())}
        return [backwards(inner) for inner in value] if isinstance(value, list) else value

    first = forms.parse(every_kind()).hash
    spelt_out = every_kind()
    spelt_out["pages"][0]["questions"][1] |= {"required": False, "max": 3000}
    changed = every_kind()
    changed["pages"][0]["questions"][3]["choices"] = CHOICES[::-1]
    assert forms.parse(backwards(every_kind())).hash == first
    assert forms.parse(spelt_out).hash == first
    assert forms.parse(changed).hash != first
    assert len(first) == 64

"""The kinds with more than one input: what is understood of them together."""

from __future__ import annotations

import json
from typing import Any

import pytest

import forms
from tests.forms.blanks import CHOICES, ORDER, UPLOADS, ask, fill, posted, questionnaire


def codes(question: dict[str, Any], *pairs: tuple[str, str]) -> list[str]:
    return [problem.code for problem in fill(question, *pairs).errors()]


def test_what_a_browsers_own_input_cannot_hold_comes_back_in_one_for_text() -> None:
    [day] = fill(ask("date"), ("x", "1.9.2026")).fields(0)
    assert (day.control, day.value) == ("date", "2026-09-01")
    [day] = fill(ask("date"), ("x", "31.2.2026")).fields(0)
    assert (day.control, day.value) == ("text", "31.2.2026")


def test_a_persons_own_words_are_an_answer_of_their_own() -> None:
    question = ask("single", choices=CHOICES, other=True)
    filled = fill(question, ("x", "other"), ("x-other", " Ночью "))
    assert filled.answers() == {"x": "other", "x_other": "Ночью"}
    assert fill(question, ("x-other", "Ночью")).answers() == {"x": "other", "x_other": "Ночью"}
    assert fill(question, ("x", "a"), ("x-other", "Ночью")).answers() == {"x": "a"}
    [problem] = fill(question, ("x", "other")).errors()
    assert (problem.code, problem.field_id) == ("other_empty", "q-x-other")
    several = fill(question | {"kind": "multiple"}, ("x", "a"), ("x-other", "Ночью"))
    assert several.answers() == {"x": ["a", "other"], "x_other": "Ночью"}
    assert several.summary() == [("Страница 1", [("Вопрос", ["Утром", "Другое: Ночью"])])]


def test_all_choices_are_put_in_order_by_numbers() -> None:
    assert fill(ORDER, ("x-a", "3"), ("x-b", "1"), ("x-c", "2")).answers() == {"x": ["b", "c", "a"]}
    filled = fill(ORDER, ("x-a", "1"), ("x-b", "1"), ("x-c", "первое"))
    assert [(p.code, p.part) for p in filled.errors()] == [("same_place", "b"), ("not_a_place", "c")]
    assert codes(ORDER | {"required": True}, ("x-a", "1"), ("x-b", "2")) == ["place_required"]


def test_slots_are_ticked_by_days() -> None:
    slots = ask("slots", rows=[["mon", "Пн"], ["tue", "Вт"]], scale=[["am", "утро"], ["pm", "день"]], max=2)
    filled = fill(slots, ("x-tue", "am"), ("x-mon", "pm"))
    assert filled.answers() == {"x": ["mon:pm", "tue:am"]}
    assert filled.summary()[0][1] == [("Вопрос", ["Пн: день", "Вт: утро"])]
    assert codes(slots, ("x-tue", "am"), ("x-tue", "pm"), ("x-mon", "pm")) == ["too_many"]
    assert codes(slots, ("x-tue", "night")) == ["unknown_choice"]


def test_a_file_is_an_answer_when_the_shell_has_kept_it() -> None:
    blank = forms.build(questionnaire([ask("file", size=1, accept=["pdf"])], [ask("short", "y")]))
    filled = blank.bind(posted([("x", UPLOADS["plan"])]))
    assert filled.errors() == []
    [(key, upload)] = filled.uploads()
    assert upload.filename == "План.PDF"
    filled.keep(key, "7f")
    kept = {"id": "7f", "name": "План.PDF", "type": "application/pdf", "size": 9}
    assert filled.answers() == {"x": kept}
    again = blank.bind(posted(filled.carried(1)))
    assert (again.answers(), again.uploads()) == ({"x": kept}, [])
    assert blank.bind(posted([*filled.carried(1), ("x-remove", "yes")])).answers() == {}
    forged = [{"id": 7}, kept | {"name": "\0.pdf"}, kept | {"name": "я" * 201}, kept | {"size": True}, [kept]]
    for text in ["[" * 100_000, *(json.dumps(data) for data in forged)]:
        assert blank.bind(posted([("x", text)])).answers() == {}


@pytest.mark.parametrize(
    ("upload", "code"), [("program", "wrong_file"), ("large", "large_file"), ("empty", "empty_file")]
)
def test_a_file_that_is_not_taken_is_refused_before_it_is_kept(upload: str, code: str) -> None:
    filled = forms.build(questionnaire([ask("file")])).bind(posted([("x", UPLOADS[upload])]))
    assert [problem.code for problem in filled.errors()] == [code]
    assert (filled.uploads(), filled.answers()) == ([], {})


def test_a_note_asks_nothing_and_a_formula_is_not_typed() -> None:
    filled = forms.build(
        questionnaire([ask("note", "n"), ask("integer", "y"), ask("computed", formula="${y} div 4")])
    ).bind(posted([("n", "1"), ("x", "1"), ("y", "10")]))
    assert [field.name for field in filled.fields(0)] == ["n", "y"]
    assert (filled.errors(), filled.answers()) == ([], {"y": 10, "x": 2.5})

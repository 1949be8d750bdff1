"""The language of conditions: how it is read, what it says, and that an independent engine says the same.

The answers under oracle/ come from ODK's own engine for browsers, @getodk/xforms-engine 0.22: random expressions,
and random answers to questions with the conditions of pyxform's sample workbooks (BSD-2-Clause) and of ours.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forms
from forms import logic
from tests.forms.blanks import questionnaire

ORACLE = Path(__file__).parent / "oracle"
SCOPE = logic.Scope(
    logic.texts_of(
        {
            "years": 4,
            "rate": 0.5,
            "sites": ["centre", "north"],
            "day": "2026-11-01",
            "call": "14:30",
            "needs": {"C01": "3"},
            "slots": ["mon:am", "mon:pm"],
        }
    ),
    date(2026, 11, 23),
    own="7",
    label=lambda question, code: f"{question}/{code}",
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 div 2", 5),
        ("-2 + 3", 1),
        ("2 - -3", 5),
        ("10 mod 4 = 2 and not(1 > 2)", True),
        ("1 = 1 or nothing = 2 and 1 = 2", True),
        ("${years}-1", 3),
        ("${years} > 3 and selected(${sites}, 'north')", True),
        ("selected( ${sites} , 'nor')", False),
        ("${missing} = ''", True),
        ("${missing} > 0 or ${missing} <= 0", False),
        (". >= 0 and . <= 10", True),
        (".5 + .", 7.5),
        ("${needs.C01} * 2", 6),
        ("selected(${slots.mon}, 'pm')", True),
        ("today() - ${day}", 22),
        ("date(today() + 8)", "2026-12-01"),
        ("${day} < today()", True),
        ("${call} >= '12:00'", True),
        ("round(2.5) + round(-2.5) + round(1.26, 1)", 2.3),
        ("int(-2.7)", -2),
        ("1 div 0 > 1000", True),
        ("string(1 div 3 * 3)", "1"),
        ("coalesce(${missing}, ${rate})", "0.5"),
        ("if(${years} = 4, 'да', \"нет\")", "да"),
        ("concat(string-length('абв'), ';', count-selected(${sites}))", "3;2"),
        ("regex('8 912', '[0-9 ]{5}') and not(regex('8 912', '[0-9]'))", True),
        ("sum(1, 2, 3) + min(4, 5) + max(6, 7)", 17),
        ("round(pow(10, 300), 12) > 1 and not(sum(1 div 0, -1 div 0) = 1) and pow(10, 400) != 1", True),
        ("concat(substr('абв', -1, 2), substr('абв', 1 div 0), selected-at('a b', 1 div 0))", "аб"),
        ("jr:choice-name(${years}, '${years}')", "years/4"),
        ("number('١') = 1 or number('1_0') = 10 or number('nan') = number('nan')", False),
    ],
)
def test_an_expression_says_what_xpath_says(text: str, value: Any) -> None:
    assert logic.parse(text).value(SCOPE) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "unexpected_end", 1),
        ("1 +", "unexpected_end", 4),
        ("1 2", "unexpected", 3),
        ("'абв", "unclosed_text", 1),
        ("${years", "unreadable", 1),
        ("${years} > “3”", "unreadable", 12),
        ("../years", "unreadable", 3),
        ("/data/years", "unreadable", 1),
        ("position(..)", "unexpected", 11),
        ("pulldata('a')", "unknown_function", 1),
        ("1 + and(1, 2)", "unknown_function", 5),
        ("not()", "wrong_arguments", 1),
        ("if(1, 2)", "wrong_arguments", 1),
        ("(" * 100 + "1" + ")" * 100, "too_deep", 42),
        ("1" + " + 1" * 1000, "too_deep", 1201),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_column(text: str, code: str, column: int) -> None:
    with pytest.raises(forms.LogicError) as refused:
        logic.parse(text)
    assert (refused.value.code, refused.value.column) == (code, column)


words = st.sampled_from(
    [*"()+-*/=<>!,.'\"${} 1aя", "${x}", " and ", "not(", "if(", "'a'", "div", "today()", "10"]
)


@given(st.lists(words, max_size=25).map("".join))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    with suppress(forms.LogicError):
        logic.parse(text).text(SCOPE).encode()


def test_expressions_agree_with_an_independent_engine() -> None:
    oracle = json.loads((ORACLE / "expressions.json").read_text("utf-8"))
    labels = {"x": "Икс", "1": "Один", "2": "Два"}
    for case in oracle["cases"]:
        scope = logic.Scope(case["answers"], date(2026, 11, 23), label=lambda _, code: labels.get(code, ""))
        said = [logic.parse(text).text(scope) for text in oracle["expressions"]]
        assert said == case["values"]


BOOKS: dict[str, dict[str, Any]] = json.loads((ORACLE / "workbooks.json").read_text("utf-8"))


def test_there_are_enough_sets_of_answers() -> None:
    assert sum(len(book["cases"]) for book in BOOKS.values()) >= 500


def answered(question: forms.Question, text: str) -> Any:
    if question.kind in ("integer", "decimal"):
        return float(text) if "." in text else int(text)
    return text.split() if question.kind == "multiple" else text


@pytest.mark.parametrize("book", BOOKS)
def test_relevance_requirement_and_constraints_agree_with_an_independent_engine(book: str) -> None:
    definition = questionnaire(BOOKS[book]["questions"])
    blank = forms.build(definition)
    known = {question.key: question for question in definition.questions}
    for case in BOOKS[book]["cases"]:
        filled = blank.from_answers(
            {key: answered(known[key], text) for key, text in case["answers"].items()}
        )
        found = {problem.question_key: problem.code for problem in filled.errors()}
        shown = {field.name: field for field in filled.fields(0)}
        computed = case.get("computed", {})
        empty = {key for key, options in case.get("options", {}).items() if not options}
        assert (
            known.keys() - shown.keys() - computed.keys()
            == {*case.get("hidden", ())} - computed.keys() | empty
        )
        assert {k for k, code in found.items() if code == "check"} == set(case.get("violated", ()))
        assert {k for k, code in found.items() if code == "required"} == set(case.get("missing", ()))
        assert {key: str(filled.answers().get(key, "")) for key in computed} == computed
        for key in case.get("options", {}).keys() - empty:
            assert [option.value for option in shown[key].options] == case["options"][key]

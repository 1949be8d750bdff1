"""A questionnaire whose logic cannot work is refused, with every place."""

from __future__ import annotations

from typing import Any

import pytest

import forms
from forms.definition import FORMAT
from tests.forms.blanks import CHOICES, ask, questionnaire

INTEGER, SINGLE = ask("integer", "n"), ask("single", "s", choices=CHOICES)


SLOW = ["([0-9]+)*x", "(a|aa)+", "((a+)b?)*", "(x{2,})+", "(?:[)+]*)+"]
QUICK = ["[0-9]+-[0-9]+", "(a|b)c*", "([0-9]{2}-)+", "[А-ЯЁ][а-яё]+( [А-ЯЁ][а-яё]+)?", "[(+)*]*", r"\\(\\)+"]


def defects(*pages: list[dict[str, Any]] | dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    titled = [{"title": "Т", "questions": page} if isinstance(page, list) else page for page in pages]
    head = {"format": FORMAT, "key": "q", "title": "Анкета", "purpose": "survey", "minutes": 5}
    with pytest.raises(forms.DefinitionError) as refused:
        forms.parse({**head, "pages": titled, **more})
    return [(defect.code, defect.where) for defect in refused.value.defects]


def defect(**more: Any) -> str:
    """Of a short question after one of a number and one of a choice."""
    [(code, where)] = defects([INTEGER, SINGLE, ask("short", **more)])
    assert where.startswith("/pages/0/questions/2/")
    return code


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("${n} >", "bad_expression"),
        ("${who} = 1", "unknown_question"),
        ("${s.row} = 1", "unknown_question"),
        ("${s_other} = 1", "unknown_question"),
        ("jr:choice-name(${s}, '${who}') = 'Утром'", "unknown_question"),
        ("n = 1", "unknown_column"),
        (". = 1", "bad_expression"),
        ("${s} = 'z'", "unknown_choice"),
        ("'z' != ${s}", "unknown_choice"),
        ("selected(${s}, 'z') or ${n} = 1", "unknown_choice"),
        ("${s} > 3 or ${n} = 1", "type_clash"),
        ("${n} = ${s}", "type_clash"),
        ("${n} = 'много'", "type_clash"),
        ("${n} + 'два' > 3", "type_clash"),
        ("regex(${n}, '(')", "bad_regex"),
        ("regex(${n}, ${s})", "bad_regex"),
        *[(f"regex(${{n}}, '{slow}')", "slow_regex") for slow in SLOW],
        ("1 = 2", "never_asked"),
        ("${s} = 'a' and ${s} = 'b'", "never_asked"),
    ],
)
def test_a_condition_that_cannot_work_is_refused(condition: str, code: str) -> None:
    assert defect(show_if=condition) == code


@pytest.mark.parametrize(
    "condition",
    [
        *[f"regex(${{n}}, '{quick}')" for quick in QUICK],
        "${n} != ''",
        "'' = ${s}",
        "${n} = '3'",
        "${s} = 'a' or ${s} = 'b'",
        "count-selected(${s}) > 0",
        "${n} > 2 and 1 = 1",
    ],
)
def test_a_condition_that_works_is_taken(condition: str) -> None:
    questionnaire([INTEGER, SINGLE, ask("short", show_if=condition, required_if=condition)])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"check": ". > ${who}"}, "unknown_question"),
        ({"required_if": "${who} = 1"}, "unknown_question"),
        ({"label": "Почему ${who}?"}, "unknown_question"),
        ({"kind": "integer", "default": "три"}, "bad_default"),
        ({"kind": "single", "choices": CHOICES, "default": "z"}, "bad_default"),
        ({"kind": "multiple", "choices": CHOICES, "default": "a z"}, "bad_default"),
        ({"kind": "date", "default": "32.01.2026"}, "bad_default"),
        ({"kind": "single", "choices": CHOICES, "choice_filter": "area = ${n}"}, "unknown_column"),
        ({"kind": "multiple", "choices": CHOICES, "none": "z"}, "unknown_choice"),
        ({"kind": "single", "choices": CHOICES, "attributes": {"z": {"area": "1"}}}, "unknown_choice"),
        ({"kind": "computed"}, "missing"),
        ({"kind": "file", "accept": ["*.pdf"]}, "bad_key"),
        ({"kind": "decimal", "min": float("nan")}, "out_of_range"),
        ({"kind": "scale"}, "missing"),
        ({"kind": "scale", "min": 0, "max": 11}, "too_many"),
        ({"kind": "scale", "min": 1}, "missing"),
        ({"kind": "scale", "min": 1, "max": 5, "scale": [["6", "много"]]}, "unknown_choice"),
    ],
)
def test_what_cannot_work_is_refused_with_its_place(said: dict[str, Any], code: str) -> None:
    [(found, where)] = defects([INTEGER, ask("short") | said])
    assert found == code
    assert where.startswith("/pages/0/questions/1/")


def test_conditions_do_not_go_in_circles() -> None:
    one, two = ask("short", "one", show_if="${two} = 'а'"), ask("short", "two", show_if="${one} = 'б'")
    assert defects([one, two]) == [("cycle", "/pages/0/questions/0")]
    assert defects([ask("computed", "c", formula="${c} + 1")]) == [("cycle", "/pages/0/questions/0")]


def test_a_page_asks_nothing_of_later_ones() -> None:
    late = [ask("integer", "late")]
    assert defects([ask("short", show_if="${late} = 1")], late) == [
        ("later_question", "/pages/0/questions/0/show_if")
    ]
    assert defects([ask("short", label="Ваши ${late}")], late) == [
        ("later_question", "/pages/0/questions/0/label")
    ]
    total = ask("computed", "sum", formula="${late} + 1")
    assert defects([total, ask("short", show_if="${sum} = 1")], late) == [
        ("later_question", "/pages/0/questions/1/show_if")
    ]
    questionnaire([total], late, [ask("short", show_if="${sum} = 1")])


def test_a_page_does_not_wait_for_its_own_answers() -> None:
    page = {"title": "Т", "show_if": "${x} = 'а'", "questions": [ask("short")]}
    assert ("later_question", "/pages/0/show_if") in defects(page)
    assert defects([INTEGER], page | {"show_if": "false()"}) == [("never_asked", "/pages/1/show_if")]
    assert defects([INTEGER], page | {"show_if": "", "title": "Ваше ${x}"}) == [
        ("later_question", "/pages/1/title")
    ]


def test_translations_say_what_there_is_to_say() -> None:
    texts = {"title": "Form", "x.label": "Question", "x.hint": "there is none", "y.label": "?"}
    assert defects([ask("short")], translations={"en": texts, "English": {}}) == [
        ("bad_key", "/translations/English"),
        ("unknown_text", "/translations/en/x.hint"),
        ("unknown_text", "/translations/en/y.label"),
    ]


def test_keys_that_meet_are_refused() -> None:
    both = [ask("single", choices=CHOICES, other=True), ask("short", "x_other")]
    assert defects(both) == [("repeated", "/pages")]
    pages = [{"title": "Т", "key": "same", "questions": [ask("short", key)]} for key in ("x", "y")]
    assert defects(*pages) == [("repeated", "/pages")]

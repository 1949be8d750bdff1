"""What changed between two versions, and what of it breaks the joining of their answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import forms
from forms.difference import breaks, difference
from tests.forms.random_definitions import definitions
from tests.forms.test_definition import CHOICES, question, questionnaire


def version(*asked: dict[str, Any], **changes: Any) -> forms.Definition:
    return forms.parse(questionnaire(*asked, **changes))


def paged(*pages: list[dict[str, Any]]) -> forms.Definition:
    titled = [{"title": f"Страница {n}", "questions": page} for n, page in enumerate(pages, 1)]
    return version(pages=titled)


def told(old: forms.Definition, new: forms.Definition) -> list[tuple[str, str]]:
    return [(change.code, change.key) for change in difference(old, new)]


def broken(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return [change.code for change in breaks(version(old), version(new))]


def test_added_removed_and_reworded_questions_are_named() -> None:
    old = version(question("a"), question("b"))
    new = version(question("a", label="Другое"), question("c"))
    assert told(old, new) == [("reworded", "a"), ("added", "c"), ("removed", "b")]
    [reworded, *_] = difference(old, new)
    assert (reworded.before, reworded.after) == ("Вопрос", "Другое")


def test_of_an_order_that_changed_the_fewest_questions_are_called_moved() -> None:
    a, b, c = question("a"), question("b"), question("c")
    assert told(version(a, b, c), version(c, a, b)) == [("moved", "c")]
    assert told(paged([a, b], [c]), paged([a], [b, c])) == [("moved", "b")]
    assert told(paged([a, b], [c]), paged([a, b, c])) == [("page_removed", ""), ("moved", "c")]


def test_changed_choices_are_told_one_by_one() -> None:
    old = version(question(kind="single", choices=[["a", "А"], ["b", "Б"], ["c", "В"]]))
    new = version(question(kind="single", choices=[["c", "В"], ["a", "Аз"], ["d", "Г"]]))
    codes = [code for code, _ in told(old, new)]
    assert sorted(codes) == ["choice_added", "choice_removed", "choice_reworded", "choices_reordered"]


def test_changed_logic_is_told_with_both_texts() -> None:
    a = question("a", "integer")
    [change] = difference(version(a, question("b")), version(a, question("b", show_if="${a} > 3")))
    assert (change.code, change.params["name"], change.before, change.after) == (
        "condition",
        "show_if",
        "",
        "${a} > 3",
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (question(), question(kind="long"), []),
        (question(), question(kind="integer"), ["kind"]),
        (question(kind="integer"), question(kind="decimal"), []),
        (question(kind="decimal"), question(kind="integer"), ["kind"]),
        (question(kind="single", choices=CHOICES), question(kind="multiple", choices=CHOICES), ["kind"]),
        (
            question(kind="single", choices=CHOICES),
            question(kind="single", choices=CHOICES[:1]),
            ["choice_removed"],
        ),
        (question(kind="single", choices=CHOICES[:1]), question(kind="single", choices=CHOICES), []),
        (question(kind="scale", min=1, max=5), question(kind="scale", min=1, max=10), ["scale"]),
        (question(kind="integer", unit="лет"), question(kind="integer", unit="месяцев"), ["unit"]),
        (question("old"), question("new"), ["removed"]),
        (question("old", "note"), question("new"), []),
        (question(), question(label="Иначе", required=True), []),
    ],
)
def test_what_breaks_the_joining_of_answers_is_told(
    old: dict[str, Any], new: dict[str, Any], expected: list[str]
) -> None:
    assert broken(old, new) == expected


@given(definitions(), definitions())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_two_versions_differ_exactly_when_a_difference_is_told(
    old: forms.Definition, new: forms.Definition
) -> None:
    assert difference(old, old) == breaks(old, old) == []
    assert (difference(old, new) == []) == (replace(old, key=new.key).hash == new.hash)

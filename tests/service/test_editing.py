"""Changes of drafts as data: whatever is done, what was not touched stays what it was."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from service.questionnaires.editor import editing, lines, menus, question_form, sketch
from service.questionnaires.editor.editing import Draft
from service.questionnaires.editor.menus import Clause, Condition
from service.questionnaires.editor.samples import SAMPLES, begun
from tests.forms.random_definitions import definitions

CHOICES = [["a", "Математика"], ["b", "Музыка"], ["c", "История"]]


def draft_of(*several: dict[str, Any], **head: Any) -> Draft:
    pages = [{"title": "Первая", "questions": list(several)}]
    return {**editing.blank("q", "Анкета", "Первая"), "pages": pages, **head}


def asked(key: str, kind: str = "short", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": f"Вопрос {key}", **more}


def codes(draft: Draft) -> dict[str, Any]:
    return {
        question["key"]: [
            question["kind"],
            *([code for code, _ in question.get(name, [])] for name in editing.LISTS),
        ]
        for question in editing.questions(draft)
    }


# --- any sequence of actions


@st.composite
def sittings(draw: st.DrawFn) -> list[tuple[Draft, str, Draft]]:
    """[(draft, key or "", draft after)], from a random questionnaire."""
    draft: Draft = json.loads(json.dumps(draw(definitions()).to_json()))
    steps = []
    for _ in range(draw(st.integers(1, 8))):
        touched, after = _action(draw, draft)
        steps.append((draft, touched, after))
        draft = after
    return steps


def _action(draw: st.DrawFn, draft: Draft) -> tuple[str, Draft]:
    keys, pages = editing.keys(draft), len(draft["pages"])
    page = draw(st.integers(0, pages - 1))
    verbs = ["add", "page-add", "page-copy", "page-shift", *(["page-delete"] if pages > 1 else [])]
    verb = draw(st.sampled_from(verbs + ["shift", "copy", "delete", "put", "change"] * bool(keys)))
    key = draw(st.sampled_from(keys)) if keys else ""
    match verb:
        case "add":
            sample = draw(st.sampled_from(sorted(SAMPLES)))
            fresh = editing.new_key("Ваш вопрос", keys)
            return fresh, editing.add_question(draft, page, begun(sample, fresh, "Ваш вопрос"), key)
        case "page-add":
            return "", editing.add_page(draft, "Ещё")
        case "page-copy":
            return "", editing.duplicate_page(draft, page)
        case "page-shift":
            return "", editing.shift_page(draft, page, draw(st.sampled_from([-1, 1])))
        case "page-delete":
            gone = [question["key"] for question in draft["pages"][page]["questions"]]
            return " ".join(gone), editing.delete_page(draft, page)
        case "shift":
            return "", editing.shift_question(draft, key, draw(st.sampled_from([-1, 1])))
        case "copy":
            return "", editing.duplicate_question(draft, key)
        case "delete":
            return key, editing.delete_question(draft, key)
        case "put":
            return "", editing.put_on_page(draft, key, page)
    return key, _changed(draw, draft, key)


def _changed(draw: st.DrawFn, draft: Draft, key: str) -> Draft:
    """As the question's form would, with some inputs typed into."""
    before = editing.question(draft, key)
    form = question_form.shown(before)
    for name in draw(st.lists(st.sampled_from(sorted(form.inputs)), max_size=3, unique=True)):
        if isinstance(form.values[name], str):
            form.values[name] = draw(st.sampled_from(["", "3", "один\nдва", f"{form.values[name]}\nещё"]))
    known = menus.subjects(draft, key)
    rows = [(subject.name, "", "") for subject in known[:1]]
    show_if = menus.posted(rows, True, before.get("show_if", ""), known)
    return editing.replace_question(draft, key, question_form.became(form, before, {}) | {"show_if": show_if})


@given(sittings())
@settings(max_examples=60, deadline=None)
def test_any_sequence_leaves_a_questionnaire_or_its_defects_and_touches_nothing_else(
    steps: list[tuple[Draft, str, Draft]],
) -> None:
    for before, touched, after in steps:
        kept = {key: said for key, said in codes(before).items() if key not in touched.split()}
        assert kept.items() <= codes(after).items()
        assert len(editing.keys(after)) == len(set(editing.keys(after)))
        if not sketch.defects(after):
            forms.parse(after)
        assert list(sketch.shown(after).questions)


@given(definitions())
@settings(max_examples=60, deadline=None)
def test_a_question_that_is_opened_and_saved_unchanged_is_the_same(definition: forms.Definition) -> None:
    draft: Draft = json.loads(json.dumps(definition.to_json()))
    again = deepcopy(draft)
    for key in editing.keys(draft):
        before = editing.question(again, key)
        known = menus.subjects(again, key)
        shown = menus.menus(before.get("show_if", ""), known)
        rows = [(clause.name, clause.test, clause.value) for clause, _ in shown.rows]
        after = question_form.became(question_form.shown(before), before, {})
        if before.get("show_if") and not shown.rich:
            after["show_if"] = menus.posted(rows, shown.condition.every, before["show_if"], known)
        again = editing.replace_question(again, key, after)
    assert forms.parse(again).hash == definition.hash


def test_a_line_break_inside_a_choice_makes_no_two_of_it() -> None:
    before = asked("x", "scale", scale=[["a", "да\nи нет"], ["b", "нет"]])
    assert question_form.became(question_form.shown(before), before, {}) == before


@given(definitions())
@settings(max_examples=30, deadline=None)
def test_a_draft_without_defects_is_shown_as_it_is(definition: forms.Definition) -> None:
    assert sketch.shown(definition.to_json()) == definition


# --- codes of lines


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("История\nМатематика\nМузыка", ["c", "a", "b"]),
        ("Математика\nМузыка и пение\nИстория", ["a", "b", "c"]),
        ("Музыка\nИстория", ["b", "c"]),
        ("Математика\n\n  Музыка \nХимия\nИстория", ["a", "b", "khimiya", "c"]),
        ("Химия\nМатематика\nМузыка\nИстория", ["khimiya", "a", "b", "c"]),
        ("Музыка, пение\nМатематика", ["b", "a"]),
        ("", []),
    ],
)
def test_a_line_keeps_its_code_however_it_is_moved_or_reworded(written: str, expected: list[str]) -> None:
    assert [code for code, _ in lines.coded(written, CHOICES)] == expected


def test_a_code_of_an_earlier_version_never_comes_back_with_another_meaning() -> None:
    retired = {"Химия": "khimiya", "Химия!": "old"}
    assert lines.coded("Химия?", [], retired) == [["khimiya_2", "Химия?"]]
    assert lines.coded("Химия", [], retired) == [["khimiya", "Химия"]]


# --- questions and pages


def test_a_copied_page_asks_about_its_own_questions() -> None:
    draft = draft_of(asked("first", "yes_no"), asked("second", show_if="${first} = 'yes'"))
    copied = editing.duplicate_page(draft, 0)
    assert editing.keys(copied) == ["first", "second", "first_2", "second_2"]
    assert editing.question(copied, "second_2")["show_if"] == "${first_2} = 'yes'"
    assert sketch.defects(copied) == []


def test_translations_go_along_with_what_they_translate() -> None:
    texts = {
        "pages.1.title": "First",
        "pages.2.title": "Second",
        "a.label": "A",
        "b.label": "B",
        "b.hint": "H",
    }
    draft = draft_of(asked("a"), translations={"en": texts})
    draft["pages"].append({"title": "Вторая", "questions": [asked("b", hint="Подсказка")]})
    swapped = editing.shift_page(draft, 0, 1)["translations"]["en"]
    assert (swapped["pages.1.title"], swapped["pages.2.title"]) == ("Second", "First")
    copied = editing.duplicate_page(draft, 0)["translations"]["en"]
    assert copied["pages.2.title"] == "First"
    assert (copied["pages.3.title"], copied["a_2.label"]) == ("Second", "A")
    left = editing.delete_page(draft, 0)["translations"]["en"]
    assert left == {"pages.1.title": "Second", "b.label": "B", "b.hint": "H"}
    without_hint = editing.replace_question(draft, "b", asked("b"))["translations"]["en"]
    assert "b.hint" not in without_hint
    assert editing.delete_question(draft, "b")["translations"]["en"].keys() == texts.keys() - {
        "b.label",
        "b.hint",
    }


def test_an_exclusive_choice_keeps_its_code_and_place() -> None:
    before = asked("x", "multiple", choices=[["no", "Ничего"], *CHOICES], none="no")
    form = question_form.shown(before)
    assert form.values["choices"].splitlines() == ["Математика", "Музыка", "История"]
    form.values["none"] = "Ничего из этого"
    after = question_form.became(form, before, {})
    assert after["none"] == "no"
    assert after["choices"][0] == ["no", "Ничего из этого"]
    form.values["none"] = ""
    assert question_form.became(form, before, {})["choices"] == CHOICES


def test_a_scale_without_an_end_is_a_defect_and_does_not_take_for_ever() -> None:
    draft = draft_of(asked("x", "scale", min=0, max=10**11))
    assert {defect.code for defect in sketch.defects(draft)} >= {"out_of_range", "too_many"}
    assert [question.kind for question in sketch.shown(draft).questions] == [forms.Kind.NOTE]


# --- conditions

ASKED = [
    asked("yn", "yes_no"),
    asked("one", "single", choices=CHOICES),
    asked("many", "multiple", choices=CHOICES, other=True),
    asked("years", "integer"),
    asked("day", "date"),
    asked("text"),
    asked("table", "matrix", rows=[["r", "Ряд"]], scale=CHOICES),
    asked("week", "slots", rows=[["mon", "Понедельник"]], scale=[["am", "утро"]]),
    asked("mark", "scale", min=1, max=5),
]
DRAFT = draft_of(*ASKED, asked("last"))
SUBJECTS = menus.subjects(DRAFT, "last")


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    clauses = []
    for subject in draw(st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=4)):
        test = draw(st.sampled_from(sorted(subject.tests)))
        value = {"number": "3", "date": "2026-09-01"}.get(subject.sort, "«ответ»")
        value = draw(st.sampled_from([code for code, _ in subject.values])) if subject.values else value
        clauses.append(Clause(subject.name, test, "" if test in menus.FILLED else value))
    return Condition(len(clauses) == 1 or draw(st.booleans()), tuple(clauses))


@given(conditions())
@settings(max_examples=80, deadline=None)
def test_menus_say_what_they_mean_and_read_it_back(condition: Condition) -> None:
    text = menus.written(condition, SUBJECTS)
    assert menus.read(text) == condition
    draft = editing.replace_question(DRAFT, "last", asked("last", show_if=text))
    assert {defect.code for defect in sketch.defects(draft)} <= {"never_asked"}


@pytest.mark.parametrize(
    "rich",
    [
        "${years} > 3 and (${yn} = 'yes' or ${one} = 'a')",
        "count-selected(${many}) > 1",
        "${years} >= 3",
        "not(${yn} = 'yes')",
        "${years} > ${mark}",
        "regex(${text}, 'a+')",
        "прочитать нельзя",
    ],
)
def test_what_menus_cannot_say_is_kept_as_it_is(rich: str) -> None:
    assert menus.menus(rich, SUBJECTS).rich


def test_the_same_condition_keeps_its_very_words() -> None:
    written = "${years}>3   and ${yn}='yes'"
    rows = [("years", "more", "3"), ("yn", "is", "yes")]
    assert menus.posted(rows, True, written, SUBJECTS) == written
    assert menus.posted(rows[1:], True, written, SUBJECTS) == "${yn} = 'yes'"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("one", "", ""), "${one} = 'a'"),
        (("one", "more", "zzz"), "${one} = 'a'"),
        (("years", "more", "много"), "${years} > 0"),
        (("years", "less", "−2,5"), "${years} < -2.5"),
        (("week", "", ""), "selected(${week}, 'mon:am')"),
        (("text", "is", "it's"), '${text} = "it\'s"'),
        (("elsewhere", "is", "a"), ""),
        (("", "is", "a"), ""),
    ],
)
def test_a_clause_is_never_left_unfinished(row: tuple[str, str, str], expected: str) -> None:
    assert menus.posted([row], True, "", SUBJECTS) == expected


def test_a_condition_may_ask_about_what_stands_above_and_nothing_else() -> None:
    draft = draft_of(asked("a", "yes_no"), asked("b", "yes_no"), asked("note", "note"), asked("c"))
    assert [subject.name for subject in menus.subjects(draft, "b")] == ["a"]
    assert [subject.name for subject in menus.subjects(draft, "c")] == ["a", "b"]
    assert menus.of_page(draft, 0) == []
